"""Slack's requests that were already processed: ``SLACK#<signature>``."""

from datetime import datetime, timedelta

from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.table import Table, conditional

_KEPT = timedelta(hours=1)
"""Far longer than a signature is valid."""


class DynamoSeenRequests(Table):
    permissions = ("dynamodb:PutItem",)

    def first(self, signature: str, now: datetime) -> bool:
        item = {"pk": f"SLACK#{signature}", "sk": "REQUEST", "kind": "request"}
        with conditional(self._client, "store a Slack request in the ledger") as write:
            self._client.put_item(
                TableName=self._table,
                Item=stored_form.written({**item, "expires_at": int((now + _KEPT).timestamp())}),
                ConditionExpression="attribute_not_exists(pk)",
            )
        return write.is_done
