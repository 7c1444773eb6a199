"""Schedules that follow a service: ``FOLLOW``."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import from_item, key, to_item
from cronmend.adapters.ledger.rows import row, rows
from cronmend.adapters.ledger.table import Table, conditional
from cronmend.deploys.following import Following

_PK = "FOLLOW"


class DynamoFollowings(Table):
    """The rows have no expiry: they say which revision Cronmend wrote last."""

    permissions = ("dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem")

    def all(self) -> Sequence[Following]:
        found = rows(self._client, self._table, _PK, "list the schedules that follow a service")
        return [from_item(Following, item["following"]) for item in found]

    def put(self, row: Following) -> Following | None:
        written = from_item(Following, {**to_item(row), "version": row.version + 1})
        item = {"pk": _PK, "sk": row.job, "kind": "following", "version": written.version}
        condition = _unchanged(row) if row.version else {"ConditionExpression": "attribute_not_exists(pk)"}
        stored = stored_form.written({**item, "following": to_item(written)})
        with conditional(self._client, f"store in the ledger what {row.job} follows") as write:
            self._client.put_item(TableName=self._table, Item=stored, **condition)
        return written if write.is_done else None

    def remove(self, row: Following) -> None:
        with conditional(self._client, f"remove from the ledger what {row.job} follows"):
            self._client.delete_item(TableName=self._table, Key=key(_PK, row.job), **_unchanged(row))


class DynamoMoveLeases(Table):
    permissions = ("dynamodb:GetItem",)

    def leased_until(self, job: str, now: datetime) -> datetime | None:
        found = row(self._client, self._table, _PK, job, f"read what {job} follows")
        following = from_item(Following, found["following"]) if found else None
        return following.leased_until if following and following.is_leased(now) else None


def _unchanged(row: Following) -> dict[str, Any]:
    values = {":read": {"N": str(row.version)}}
    return {"ConditionExpression": "version = :read", "ExpressionAttributeValues": values}
