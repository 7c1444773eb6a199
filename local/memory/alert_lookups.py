"""What alerting reads of several stores at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from cronmend.alerting.conversations import Conversation
from cronmend.alerting.moves import Before
from cronmend.model.incident import JobState
from cronmend.model.report import Message
from local.memory.alerting import MemoryConversations, MemoryOutbox
from local.memory.ledger import MemoryLedger


@dataclass
class MemoryLookups:
    ledger: MemoryLedger
    outbox: MemoryOutbox
    conversations: MemoryConversations

    def before(self, message: Message, key: str, channels: Sequence[str]) -> Before:
        latest = {channel: self.conversations.latest(channel, key) for channel in channels if key}
        return Before(self.ledger.read(message.job), self.outbox.deliveries(message), key, latest)

    def after_join(self, conversation_id: str, job: str) -> tuple[Conversation | None, JobState]:
        return self.conversations.by_id(conversation_id), self.ledger.read(job)
