"""The circuit breaker for all jobs: ``CIRCUIT``/``STATE``. Closing it also clears the hour's ``BUDGET``."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from cronmend.adapters.aws import AWS_ERRORS, CONFIG, our_errors, session, translated
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.budget import clear
from cronmend.adapters.ledger.items import key
from cronmend.adapters.ledger.message_items import new_item
from cronmend.adapters.ledger.rows import row
from cronmend.model.report import Message

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

CIRCUIT: Final = ("CIRCUIT", "STATE")


class DynamoCircuit:
    permissions = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query")

    def __init__(self, table: str, life: timedelta, client: "DynamoDBClient | None" = None) -> None:
        """``life``: how long the message about an open circuit is kept."""
        self._table = table
        self._life = life
        self._client = client or session().client("dynamodb", config=CONFIG)

    def open_until(self, now: datetime) -> datetime | None:
        found = row(self._client, self._table, *CIRCUIT, "read the circuit")
        if found is None:
            return None
        until = datetime.fromisoformat(found["until"])
        return until if until > now else None

    def open(self, until: datetime, message: Message, now: datetime) -> bool:
        """Compares ISO 8601 texts in UTC, which sort by time."""
        state = {"pk": CIRCUIT[0], "sk": CIRCUIT[1], "kind": "circuit", "until": until.isoformat()}
        try:
            self._client.transact_write_items(
                TransactItems=[
                    {
                        "Put": {
                            "TableName": self._table,
                            "Item": stored_form.written(state),
                            "ConditionExpression": "attribute_not_exists(pk) OR #until <= :now",
                            "ExpressionAttributeNames": {"#until": "until"},
                            "ExpressionAttributeValues": {":now": {"S": now.isoformat()}},
                        }
                    },
                    {"Put": {"TableName": self._table, "Item": new_item(message, now, self._life)}},
                ]
            )
        except self._client.exceptions.TransactionCanceledException:
            return False
        except AWS_ERRORS as error:
            raise translated(error, "open the circuit in the ledger") from error
        return True

    def close(self, now: datetime) -> bool:
        was_open = self.open_until(now) is not None
        with our_errors("close the circuit in the ledger"):
            self._client.delete_item(TableName=self._table, Key=key(*CIRCUIT))
        clear(self._table, self._client)
        return was_open
