"""Timers of ``failure_alert`` that haven't fired, ``JOB#<job>``/``TIMER#<name>``, and messages to offer to channels."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.due import FORGET, attributes
from cronmend.adapters.ledger.items import key
from cronmend.adapters.ledger.message_keys import message_key
from cronmend.adapters.ledger.table import conditional
from cronmend.incoming.timer_forms import payload
from cronmend.model.alert_wakeups import AlertTimer, EscalateTimer

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class DynamoAlertPromises:
    permissions = ("dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem")

    def __init__(self, table: str, life: timedelta, client: "DynamoDBClient | None" = None) -> None:
        """``life``: how long a timer, and the message that it is about, are kept after the timer's time."""
        self._table = table
        self._life = life
        self._client = client or session().client("dynamodb", config=CONFIG)

    def keep(self, timer: AlertTimer) -> None:
        """An escalation can wait for the end of a mute; its message must not expire before it."""
        if isinstance(timer, EscalateTimer):
            self._extend(*message_key(timer.job, timer.incident, timer.change), timer.at)
        item = {
            **dict(zip(("pk", "sk"), _row(timer), strict=True)),
            "kind": "timer",
            "expires_at": self._expiry(timer.at),
            "timer": payload(timer),
            **attributes(timer.at),
        }
        with our_errors(f"store the timer {timer.name} in the ledger"):
            self._client.put_item(TableName=self._table, Item=stored_form.written(item))

    def handled(self, timer: AlertTimer) -> None:
        with our_errors(f"remove the timer {timer.name} from the ledger"):
            self._client.delete_item(TableName=self._table, Key=key(*_row(timer)))

    def offered(self, job: str, incident: str, change: str) -> None:
        self._update(message_key(job, incident, change), FORGET, {})

    def _extend(self, pk: str, sk: str, at: datetime) -> None:
        self._update((pk, sk), "SET expires_at = :expires", {":expires": {"N": str(self._expiry(at))}})

    def _update(self, row: tuple[str, str], expression: str, values: dict[str, dict[str, str]]) -> None:
        """Nothing is written if the message has expired."""
        given = {"ExpressionAttributeValues": values} if values else {}
        with conditional(self._client, f"update {row[0]} {row[1]} in the ledger"):
            self._client.update_item(
                TableName=self._table,
                Key=key(*row),
                UpdateExpression=expression,
                ConditionExpression="attribute_exists(pk)",
                **given,  # type: ignore[arg-type] # DynamoDB's values, or nothing
            )

    def _expiry(self, at: datetime) -> int:
        return int((at + self._life).timestamp())


def _row(timer: AlertTimer) -> tuple[str, str]:
    return f"JOB#{timer.job}", f"TIMER#{timer.name}"
