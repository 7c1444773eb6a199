"""When a channel may send next, and how many conversations it opened in each minute: ``PACE#<channel>``."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger.items import deserialized, key, serialized
from cronmend.adapters.ledger.rows import row
from cronmend.adapters.ledger.stored_form import FORM
from cronmend.adapters.ledger.table import Table, conditional
from cronmend.errors import Throttled

_COLLISIONS = 5


class DynamoRateLimit(Table):
    permissions = ("dynamodb:GetItem", "dynamodb:UpdateItem")

    def slot(self, channel: str, gap: timedelta, now: datetime, within: timedelta) -> datetime:
        """Reads the last send only if that was just now. Raises Throttled if others keep reserving the time first."""
        free = {":free": (now - gap).isoformat()}
        if self._reserve(channel, now, "attribute_not_exists(pk) OR taken <= :free", free):
            return now
        for _ in range(_COLLISIONS):
            last = self._last(channel)
            mine = max(now, last + gap) if last else now
            is_last = ("taken = :last", {":last": last.isoformat()}) if last else ("attribute_not_exists(pk)", {})
            if mine - now > within or self._reserve(channel, mine, *is_last):
                return mine
        raise Throttled(f"{channel} is busy: other invocations are writing to it", gap * _COLLISIONS)

    def opened(self, channel: str, now: datetime) -> int:
        with our_errors(f"count the conversations of {channel} in the ledger"):
            answer = self._client.update_item(
                TableName=self._table,
                ReturnValues="UPDATED_NEW",
                **counting(channel, now),
            )
        return int(deserialized(answer["Attributes"])["opened"])

    def in_minute(self, channel: str, now: datetime) -> int:
        found = row(self._client, self._table, *_minute(channel, now), f"read the pace of {channel}")
        return int(found["opened"]) if found else 0

    def _last(self, channel: str) -> datetime | None:
        found = row(self._client, self._table, f"PACE#{channel}", "TURN", f"read the last send to {channel}")
        return datetime.fromisoformat(found["taken"]) if found else None

    def _reserve(self, channel: str, mine: datetime, condition: str, values: Mapping[str, str]) -> bool:
        """False if the condition doesn't hold. All times are in UTC, so their texts sort as they do."""
        with conditional(self._client, f"reserve a send to {channel} in the ledger") as write:
            self._client.update_item(
                TableName=self._table,
                Key=key(f"PACE#{channel}", "TURN"),
                UpdateExpression="SET taken = :mine, form = :form",
                ConditionExpression=condition,
                ExpressionAttributeValues=serialized({":mine": mine.isoformat(), ":form": FORM, **values}),
            )
        return write.is_done


def _minute(channel: str, now: datetime) -> tuple[str, str]:
    return f"PACE#{channel}", f"{now:%Y-%m-%dT%H:%M}"


def counting(channel: str, now: datetime) -> dict[str, Any]:
    """The update that counts one more."""
    values = {":one": 1, ":expires": int((now + timedelta(hours=1)).timestamp()), ":form": FORM}
    return {
        "Key": key(*_minute(channel, now)),
        "UpdateExpression": "ADD opened :one SET expires_at = :expires, form = :form",
        "ExpressionAttributeValues": serialized(values),
    }


def counting_up_to(most: int, channel: str, now: datetime) -> dict[str, Any]:
    """The same, which DynamoDB refuses if there are ``most`` already."""
    update = counting(channel, now)
    values = {**update["ExpressionAttributeValues"], **serialized({":most": most})}
    condition = "attribute_not_exists(opened) OR opened < :most"
    return {**update, "ConditionExpression": condition, "ExpressionAttributeValues": values}
