"""Timers of ``failure_alert`` that haven't fired: ``JOB#<job>``/``TIMER#<name>``."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.due import attributes
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
        with our_errors(f"store the timer {timer.name} in the ledger"):
            self._client.put_item(TableName=self._table, Item=item_of(timer, self._life))

    def handled(self, timer: AlertTimer) -> None:
        with our_errors(f"remove the timer {timer.name} from the ledger"):
            self._client.delete_item(TableName=self._table, Key=key(*_row(timer)))

    def _extend(self, pk: str, sk: str, at: datetime) -> None:
        """Nothing is written if the message has expired."""
        with conditional(self._client, f"keep {pk} {sk} in the ledger"):
            self._client.update_item(
                TableName=self._table,
                Key=key(pk, sk),
                UpdateExpression="SET expires_at = :expires",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":expires": {"N": str(_expiry(at, self._life))}},
            )


def item_of(timer: AlertTimer, life: timedelta) -> dict[str, Any]:
    """The whole item: until the timer is handled, it is in the index of promises."""
    item = {
        **dict(zip(("pk", "sk"), _row(timer), strict=True)),
        "kind": "timer",
        "expires_at": _expiry(timer.at, life),
        "timer": payload(timer),
        **attributes(timer.at),
    }
    return stored_form.written(item)


def _expiry(at: datetime, life: timedelta) -> int:
    return int((at + life).timestamp())


def _row(timer: AlertTimer) -> tuple[str, str]:
    return f"JOB#{timer.job}", f"TIMER#{timer.name}"
