"""Messages and their delivery to each channel, in the partition of their job: ``MESSAGE#…``."""

from collections.abc import Mapping, Sequence
from typing import Any

from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.due import FORGET
from cronmend.adapters.ledger.items import from_item, key, serialized, to_item
from cronmend.adapters.ledger.message_keys import MESSAGES, incident_key, key_of, message_key
from cronmend.adapters.ledger.rows import row, rows
from cronmend.adapters.ledger.table import Table, conditional
from cronmend.alerting.conversations import Delivery
from cronmend.errors import NotFound
from cronmend.model.report import Message


class DynamoOutbox(Table):
    permissions = ("dynamodb:GetItem", "dynamodb:UpdateItem", "dynamodb:Query")

    def message(self, job: str, incident: str, change: str) -> Message | None:
        item = self._get(*message_key(job, incident, change))
        return from_item(Message, item["message"]) if item else None

    def deliveries(self, message: Message) -> Mapping[str, Delivery]:
        return deliveries_of(self._get(*key_of(message)) or {})

    def of_incident(self, job: str, incident: str) -> Sequence[tuple[Message, Mapping[str, Delivery]]]:
        pk, prefix = incident_key(job, incident)
        found = rows(self._client, self._table, pk, f"list the messages of {incident}", prefix)
        return [(from_item(Message, item["message"]), deliveries_of(item)) for item in found]

    def of_job(self, job: str) -> Mapping[str, Sequence[tuple[Message, Mapping[str, Delivery]]]]:
        """Those of each of its incidents."""
        found = rows(self._client, self._table, f"JOB#{job}", f"list the messages of {job}", MESSAGES)
        by_incident: dict[str, list[tuple[Message, Mapping[str, Delivery]]]] = {}
        for item in found:
            message = from_item(Message, item["message"])
            by_incident.setdefault(message.incident, []).append((message, deliveries_of(item)))
        return by_incident

    def note(self, message: Message, deliveries: Mapping[str, Delivery], *, offered: bool = False) -> None:
        """Updates the item, and so doesn't trigger ``failure_alert`` again, as an insert would.

        If the message has expired, it was still delivered: an error here would send it again.
        """
        names = {f"#{number}": channel for number, channel in enumerate(deliveries)}
        values = {f":{number}": to_item(delivery) for number, delivery in enumerate(deliveries.values())}
        sets = ", ".join(f"delivered.#{number} = :{number}" for number in range(len(deliveries)))
        given: Any = {
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": serialized(values),
        }
        with conditional(self._client, f"store in the ledger that {', '.join(deliveries)} has {message.change}"):
            self._client.update_item(
                TableName=self._table,
                Key=key(*key_of(message)),
                UpdateExpression=" ".join(filter(None, (f"SET {sets}" if sets else "", FORGET if offered else ""))),
                ConditionExpression="attribute_exists(pk)",
                **(given if deliveries else {}),
            )

    def _get(self, pk: str, sk: str) -> Mapping[str, Any] | None:
        return row(self._client, self._table, pk, sk, f"read {pk} {sk}")


def deliveries_of(item: Mapping[str, Any]) -> Mapping[str, Delivery]:
    return {name: from_item(Delivery, each) for name, each in item.get("delivered", {}).items()}


def message_of(image: Mapping[str, Any]) -> Message:
    """The message in a stream record's ``NewImage``.

    Raises:
        NotFound: the image holds no message.
        NewerForm: a newer version of Cronmend wrote it.
    """
    item = stored_form.read(image)
    if "message" not in item:
        raise NotFound(f"the ledger's stream sent {item.get('pk')} {item.get('sk')}, which contains no message")
    return from_item(Message, item["message"])
