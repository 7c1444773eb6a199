"""What ``failure_alert`` reads of several items, in one call of the ledger each."""

from collections.abc import Mapping, Sequence
from typing import Any

from cronmend.adapters.ledger.conversations import conversation_place, pointer_place
from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.message_keys import key_of
from cronmend.adapters.ledger.outbox import deliveries_of
from cronmend.adapters.ledger.rows import rows_of
from cronmend.adapters.ledger.table import Table
from cronmend.alerting.conversations import Conversation
from cronmend.alerting.moves import Before
from cronmend.model.incident import JobState
from cronmend.model.report import Message


class DynamoLookups(Table):
    permissions = ("dynamodb:BatchGetItem",)

    def before(self, message: Message, key: str, channels: Sequence[str]) -> Before:
        state, stored = _state_place(message.job), key_of(message)
        pointers = {channel: pointer_place(channel, key) for channel in channels if key}
        what = f"read what is known about {message.change} of {message.job}"
        items = rows_of(self._client, self._table, [state, stored, *pointers.values()], what)
        latest = {channel: str(items.get(place, {}).get("id", "")) for channel, place in pointers.items()}
        return Before(_state(message.job, items.get(state)), deliveries_of(items.get(stored, {})), key, latest)

    def after_join(self, conversation_id: str, job: str) -> tuple[Conversation | None, JobState]:
        talk, state = conversation_place(conversation_id), _state_place(job)
        items = rows_of(self._client, self._table, [talk, state], f"read {conversation_id} and {job}")
        conversation = from_item(Conversation, items[talk]["conversation"]) if talk in items else None
        return conversation, _state(job, items.get(state))


def _state_place(job: str) -> tuple[str, str]:
    return f"JOB#{job}", "BOOK"


def _state(job: str, item: Mapping[str, Any] | None) -> JobState:
    return from_item(JobState, item["book"]) if item else JobState(job)
