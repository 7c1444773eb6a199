"""When each channel last accepted a message and when it last failed: ``CHANNELS``."""

from collections.abc import Sequence
from datetime import datetime

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger.items import from_item, key, serialized
from cronmend.adapters.ledger.rows import rows
from cronmend.adapters.ledger.stored_form import FORM
from cronmend.adapters.ledger.table import Table
from cronmend.alerting.conversations import Health


class DynamoChannelHealth(Table):
    permissions = ("dynamodb:UpdateItem", "dynamodb:Query")

    def note(self, channel: str, at: datetime, error: str = "") -> None:
        sets = "failed_at = :at, #error = :error" if error else "delivered_at = :at, #error = :error"
        with our_errors(f"store the health of {channel} in the ledger"):
            self._client.update_item(
                TableName=self._table,
                Key=key("CHANNELS", channel),
                UpdateExpression=f"SET kind = :kind, form = :form, channel = :channel, {sets}",
                ExpressionAttributeNames={"#error": "error"},
                ExpressionAttributeValues=serialized(
                    {":kind": "channel", ":form": FORM, ":channel": channel, ":at": at.isoformat(), ":error": error}
                ),
            )

    def all(self) -> Sequence[Health]:
        return [from_item(Health, item) for item in rows(self._client, self._table, "CHANNELS", "list the channels")]
