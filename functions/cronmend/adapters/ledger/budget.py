"""The limit on the re-runs of all jobs together, exact over any hour.

There are as many slots as allowed re-runs. A slot can be used only if it hasn't been used for an hour, so no hour has
more claims than slots, no matter how many invocations write at once.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger.items import key
from cronmend.adapters.ledger.rows import rows
from cronmend.adapters.ledger.stored_form import FORM

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

SPAN = timedelta(hours=1)
_PK = "BUDGET"


class HourlyBudget:
    def __init__(self, table: str, bound: int, client: "DynamoDBClient") -> None:
        self._table = table
        self._bound = bound
        self._client = client

    def free(self, wanted_by: str, now: datetime) -> int | None:
        """A free slot; None if the limit is reached. Claims made at once mostly get different slots.

        Args:
            wanted_by: the attempt's key, in hexadecimal digits.
        """
        used = {slot for slot, at in _slots(self._table, self._client).items() if at > _text(now - SPAN)}
        left = [slot for slot in range(self._bound) if slot not in used] if len(used) < self._bound else []
        return left[int(wanted_by, 16) % len(left)] if left else None

    def use(self, slot: int, now: datetime) -> dict[str, Any]:
        """The update that uses the slot; DynamoDB refuses it if another invocation used the slot in between."""
        return {
            "Key": key(_PK, _name(slot)),
            "UpdateExpression": "SET used_at = :now, expires_at = :expires, form = :form",
            "ConditionExpression": "attribute_not_exists(used_at) OR used_at <= :before",
            "ExpressionAttributeValues": {
                ":now": {"S": _text(now)},
                ":form": {"N": str(FORM)},
                ":before": {"S": _text(now - SPAN)},
                ":expires": {"N": str(int((now + 2 * SPAN).timestamp()))},
            },
        }


def clear(table: str, client: "DynamoDBClient") -> None:
    """Free all slots."""
    for slot in _slots(table, client):
        with our_errors("clear the hourly budget in the ledger"):
            client.delete_item(TableName=table, Key=key(_PK, _name(slot)))


def _slots(table: str, client: "DynamoDBClient") -> dict[int, str]:
    """When each slot was last used."""
    found = rows(client, table, _PK, "read the hourly budget", "SLOT#")
    return {int(item["sk"].removeprefix("SLOT#")): item["used_at"] for item in found}


def _name(slot: int) -> str:
    return f"SLOT#{slot:05}"


def _text(at: datetime) -> str:
    """Always in UTC with microseconds, so that texts sort by time."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
