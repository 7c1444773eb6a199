"""Held schedules: ``HOLD#<cluster arn>``."""

from collections.abc import Sequence
from typing import Any

from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.due import attributes
from cronmend.adapters.ledger.items import from_item, key, to_item
from cronmend.adapters.ledger.rows import row, rows
from cronmend.adapters.ledger.table import Table, conditional
from cronmend.deploys.holds import Hold


class DynamoHolds(Table):
    """The rows have no expiry: without its row, a held schedule would never run again."""

    permissions = ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem")

    def get(self, cluster_arn: str, job: str) -> Hold | None:
        found = row(self._client, self._table, f"HOLD#{cluster_arn}", job, f"read the hold of {job}")
        return from_item(Hold, found["hold"]) if found else None

    def of(self, cluster_arn: str) -> Sequence[Hold]:
        found = rows(self._client, self._table, f"HOLD#{cluster_arn}", "list the held schedules")
        return [from_item(Hold, item["hold"]) for item in found]

    def put(self, hold: Hold) -> Hold | None:
        written = from_item(Hold, {**to_item(hold), "version": hold.version + 1})
        row = {"pk": f"HOLD#{hold.cluster_arn}", "sk": hold.job, "kind": "hold", "version": written.version}
        condition = _unchanged(hold) if hold.version else {"ConditionExpression": "attribute_not_exists(pk)"}
        item = stored_form.written({**row, "hold": to_item(written), **attributes(written.until)})
        with conditional(self._client, f"store the hold of {hold.job} in the ledger") as write:
            self._client.put_item(TableName=self._table, Item=item, **condition)
        return written if write.is_done else None

    def remove(self, hold: Hold) -> None:
        with conditional(self._client, f"remove the hold of {hold.job} from the ledger"):
            self._client.delete_item(
                TableName=self._table,
                Key=key(f"HOLD#{hold.cluster_arn}", hold.job),
                **_unchanged(hold),
            )


def _unchanged(hold: Hold) -> dict[str, Any]:
    """The condition that the row is as it was read. A newer hold of the schedule counts its versions from one again."""
    return {
        "ConditionExpression": "version = :read AND #hold.id = :id",
        "ExpressionAttributeNames": {"#hold": "hold"},
        "ExpressionAttributeValues": {":read": {"N": str(hold.version)}, ":id": {"S": hold.id}},
    }
