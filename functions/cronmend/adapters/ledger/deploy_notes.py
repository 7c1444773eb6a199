"""Deploy notes, one row for each scope, signal and source: ``DEPLOY#<cluster arn>``."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import from_item, to_item
from cronmend.adapters.ledger.rows import rows
from cronmend.adapters.ledger.table import Table, conditional
from cronmend.deploys import DeployNote

KEPT = timedelta(days=7)
"""How long an expired note is kept, so that late events of the same deploy find it."""


class DynamoDeployNotes(Table):
    permissions = ("dynamodb:Query", "dynamodb:PutItem")

    def of(self, cluster_arn: str) -> Sequence[DeployNote]:
        found = rows(self._client, self._table, f"DEPLOY#{cluster_arn}", "read the deploys")
        return [from_item(DeployNote, item["note"]) for item in found]

    def write(self, note: DeployNote, now: datetime) -> bool:
        item = {
            "pk": f"DEPLOY#{note.cluster_arn}",
            "sk": note.row,
            "kind": "deploy",
            "version": note.version + 1,
            "expires_at": int((max(now, note.until) + KEPT).timestamp()),
            "note": {**to_item(note), "version": note.version + 1},
        }
        with conditional(self._client, f"store {note.words} in the ledger") as write:
            self._client.put_item(
                TableName=self._table,
                Item=stored_form.written(item),
                ConditionExpression="attribute_not_exists(pk) OR version = :read",
                ExpressionAttributeValues={":read": {"N": str(note.version)}},
            )
        return write.is_done
