"""Schedules that follow a service: ``FOLLOW``."""

from collections.abc import Sequence
from copy import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import from_item, key, to_item
from cronmend.adapters.ledger.message_items import new_item
from cronmend.adapters.ledger.rows import row, rows
from cronmend.adapters.ledger.table import Table, conditional
from cronmend.deploys.following import Following, told
from cronmend.model.report import Message

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_PK = "FOLLOW"


class DynamoFollowings(Table):
    """The rows have no expiry: they say which revision Cronmend wrote last."""

    permissions = ("dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem")

    def all(self) -> Sequence[Following]:
        found = rows(self._client, self._table, _PK, "list the schedules that follow a service")
        return [from_item(Following, item["following"]) for item in found]

    def put(self, row: Following) -> Following | None:
        written = _next(row)
        condition = _unchanged(row) if row.version else {"ConditionExpression": "attribute_not_exists(pk)"}
        with conditional(self._client, f"store in the ledger what {row.job} follows") as write:
            self._client.put_item(TableName=self._table, Item=_item(written), **condition)
        return written if write.is_done else None

    def remove(self, row: Following) -> None:
        with conditional(self._client, f"remove from the ledger what {row.job} follows"):
            self._client.delete_item(TableName=self._table, Key=key(_PK, row.job), **_unchanged(row))


class DynamoMoveReports(Table):
    permissions = ("dynamodb:PutItem",)

    def __init__(self, table: str, life: timedelta, client: "DynamoDBClient | None" = None) -> None:
        """``life``: how long messages are kept."""
        super().__init__(table, client)
        self._life = life

    def tell(self, rows: Sequence[Following], message: Message, now: datetime) -> bool:
        news = {"Item": new_item(message, now, self._life), "ConditionExpression": "attribute_not_exists(pk)"}
        puts = [news, *({"Item": _item(_next(told(each))), **_unchanged(each)} for each in rows)]
        writes: list[Any] = [{"Put": {**put, "TableName": self._table}} for put in puts]
        with conditional(self._client, f"write to the ledger that {len(rows)} schedules were moved") as write:
            self._client.transact_write_items(TransactItems=writes)
        return write.is_done


class DynamoMoveLeases(Table):
    permissions = ("dynamodb:GetItem",)

    def leased_until(self, job: str, now: datetime) -> datetime | None:
        found = row(self._client, self._table, _PK, job, f"read what {job} follows")
        following = from_item(Following, found["following"]) if found else None
        return following.leased_until if following and following.is_leased(now) else None


def _next(row: Following) -> Following:
    return replace(row, version=row.version + 1)


def _item(row: Following) -> dict[str, Any]:
    item = {"pk": _PK, "sk": row.job, "kind": "following", "version": row.version, "following": to_item(row)}
    return stored_form.written(item)


def _unchanged(row: Following) -> dict[str, Any]:
    values = {":read": {"N": str(row.version)}}
    return {"ConditionExpression": "version = :read", "ExpressionAttributeValues": values}
