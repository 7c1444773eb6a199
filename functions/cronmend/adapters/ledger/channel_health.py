"""When each channel last accepted a message, and when it last failed.

| pk                | sk        | item                                                                              |
| ----------------- | --------- | --------------------------------------------------------------------------------- |
| CHANNELS#ACCEPTED | TIMES     | for each channel, an attribute with the time of the last message that it accepted |
| CHANNELS          | <channel> | the last failure of the channel, and its error                                    |

Earlier versions kept both in the channel's own row.
"""

from collections.abc import Mapping, Sequence
from copy import replace
from datetime import datetime
from typing import Final

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger.items import from_item, key, serialized
from cronmend.adapters.ledger.rows import row, rows
from cronmend.adapters.ledger.stored_form import FORM
from cronmend.adapters.ledger.table import Table
from cronmend.alerting.conversations import Health

_ACCEPTED: Final = ("CHANNELS#ACCEPTED", "TIMES")
_NO_CHANNELS: Final = frozenset({"pk", "sk", "kind", "form"})
"""The other attributes of that row."""


class DynamoChannelHealth(Table):
    permissions = ("dynamodb:UpdateItem", "dynamodb:Query", "dynamodb:GetItem")

    def accepted(self, channels: Mapping[str, datetime]) -> None:
        names = {f"#{number}": channel for number, channel in enumerate(channels)}
        times = {f":{number}": at.isoformat() for number, at in enumerate(channels.values())}
        sets = ", ".join(f"#{number} = :{number}" for number in range(len(channels)))
        with our_errors(f"store in the ledger that {', '.join(channels)} accepted a message"):
            self._client.update_item(
                TableName=self._table,
                Key=key(*_ACCEPTED),
                UpdateExpression=f"SET kind = :kind, form = :form, {sets}",
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=serialized({":kind": "channels", ":form": FORM, **times}),
            )

    def failed(self, channel: str, at: datetime, error: str) -> None:
        with our_errors(f"store the health of {channel} in the ledger"):
            self._client.update_item(
                TableName=self._table,
                Key=key("CHANNELS", channel),
                UpdateExpression="SET kind = :kind, form = :form, channel = :channel, failed_at = :at, #error = :error",
                ExpressionAttributeNames={"#error": "error"},
                ExpressionAttributeValues=serialized(
                    {":kind": "channel", ":form": FORM, ":channel": channel, ":at": at.isoformat(), ":error": error}
                ),
            )

    def all(self) -> Sequence[Health]:
        what = "list the channels"
        known = [from_item(Health, item) for item in rows(self._client, self._table, "CHANNELS", what)]
        found = {each.channel: each for each in known}
        for channel, at in (row(self._client, self._table, *_ACCEPTED, what) or {}).items():
            if channel not in _NO_CHANNELS:
                found[channel] = _accepted(found.get(channel, Health(channel)), datetime.fromisoformat(at))
        return list(found.values())


def _accepted(known: Health, at: datetime) -> Health:
    is_newest = known.failed_at is None or at >= known.failed_at
    return replace(known, delivered_at=max(at, known.delivered_at or at), error="" if is_newest else known.error)
