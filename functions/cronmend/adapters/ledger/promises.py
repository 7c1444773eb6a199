"""Finds what was promised and is overdue, by the index that due.py describes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger.due import FORGET, INDEX, OPEN, text
from cronmend.adapters.ledger.items import deserialized, from_item, key
from cronmend.adapters.ledger.rows import row
from cronmend.adapters.ledger.table import Table, conditional
from cronmend.deploys.holds import Hold
from cronmend.incoming.alert_payloads import alert_timer
from cronmend.model.incident import Attempt, JobState
from cronmend.model.promises import Promise, PromiseKind
from cronmend.model.report import Message
from cronmend.ports.promises import Promised


class DynamoPromises(Table):
    permissions = ("dynamodb:Query", "dynamodb:GetItem", "dynamodb:UpdateItem")

    def overdue(self, before: datetime, most: int) -> Sequence[Promise]:
        """One query, which DynamoDB answers from the index alone."""
        with our_errors("list what is overdue in the ledger"):
            answer = self._client.query(
                TableName=self._table,
                IndexName=INDEX,
                KeyConditionExpression="promise = :open AND due <= :before",
                ExpressionAttributeValues={":open": {"S": OPEN}, ":before": {"S": text(before)}},
                Limit=most,
            )
        return [_promise(deserialized(each)) for each in answer["Items"]]

    def read(self, promise: Promise) -> Promised | None:
        found = row(self._client, self._table, *promise.row, f"read {promise.row[0]} {promise.row[1]}")
        is_owed = found is not None and found.get("due") == text(promise.due)
        return _READ[promise.kind](found) if found and is_owed else None

    def settle(self, promise: Promise) -> None:
        with conditional(self._client, f"settle {promise.row[0]} in the ledger"):
            self._client.update_item(
                TableName=self._table,
                Key=key(*promise.row),
                UpdateExpression=FORGET,
                ConditionExpression="due = :due",
                ExpressionAttributeValues={":due": {"S": text(promise.due)}},
            )


_READ: Final[Mapping[PromiseKind, Callable[[Mapping[str, Any]], Promised]]] = {
    PromiseKind.JOB: lambda item: from_item(JobState, item["book"]),
    PromiseKind.ATTEMPT: lambda item: from_item(Attempt, item["attempt"]),
    PromiseKind.HOLD: lambda item: from_item(Hold, item["hold"]),
    PromiseKind.MESSAGE: lambda item: from_item(Message, item["message"]),
    PromiseKind.TIMER: lambda item: alert_timer(item["timer"]),
}


def _promise(item: Mapping[str, Any]) -> Promise:
    return Promise(PromiseKind(item["kind"]), (item["pk"], item["sk"]), datetime.fromisoformat(item["due"]))
