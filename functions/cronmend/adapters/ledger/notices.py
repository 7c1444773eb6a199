"""Messages that are about no incident: each is written alone, and inserting it triggers ``failure_alert``."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cronmend.adapters.ledger.message_items import new_item
from cronmend.adapters.ledger.table import Table, conditional
from cronmend.model.report import Message

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class DynamoNotices(Table):
    permissions = ("dynamodb:PutItem",)

    def __init__(self, table: str, life: timedelta, client: "DynamoDBClient | None" = None) -> None:
        super().__init__(table, client)
        self._life = life

    def add(self, message: Message, now: datetime) -> bool:
        item = new_item(message, now, self._life)
        with conditional(
            self._client, f"write the message {message.change} of {message.incident} to the ledger"
        ) as write:
            self._client.put_item(TableName=self._table, Item=item, ConditionExpression="attribute_not_exists(pk)")
        return write.is_done
