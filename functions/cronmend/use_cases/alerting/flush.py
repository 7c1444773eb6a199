"""Update what people see of a conversation: after a batch, and when its timer fires."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from cronmend.alerting.conversations import (
    CALM,
    ROUNDS,
    Conversation,
    Delivery,
    DeliveryState,
    Member,
    is_news,
    is_pointless,
)
from cronmend.alerting.decide import OVER
from cronmend.alerting.moves import Terms
from cronmend.errors import Permanent, Retryable
from cronmend.model.report import Message
from cronmend.ports.alerting import Channel, Conversations, Members, Threaded
from cronmend.use_cases.alerting.conversation import ConversationWriter
from cronmend.use_cases.alerting.delivery import TRIES, Deliverer, backoff

type TermsOf = Callable[[Message, datetime], Terms]
"""Called only if a channel has failed for good."""


@dataclass(frozen=True, slots=True)
class Flusher:
    conversations: Conversations
    members: Members
    writer: ConversationWriter
    deliverer: Deliverer

    def refresh(self, changed: Iterable[Conversation], terms_of: TermsOf, now: datetime) -> None:
        """After a batch, show what has joined each conversation, on channels that can update a message."""
        for conversation in {each.id: each for each in changed}.values():
            if channel := self.deliverer.channel(conversation.channel):
                try:
                    self._refresh(channel, conversation, now)
                except (Retryable, Permanent) as error:
                    self._not_shown(channel, conversation, error, terms_of, now)

    def flush(self, conversation_id: str, terms_of: TermsOf, now: datetime) -> str:
        """Send what has joined; if nothing has, the conversation ends. Returns a sentence for the log."""
        conversation = self.conversations.by_id(conversation_id)
        channel = self.deliverer.channel(conversation.channel) if conversation else None
        if conversation is None or channel is None:
            return f"the conversation {conversation_id} no longer exists"
        try:
            return self._flush(channel, conversation, now)
        except (Retryable, Permanent) as error:
            return self._not_shown(channel, conversation, error, terms_of, now)

    def _refresh(self, channel: Channel, conversation: Conversation, now: datetime) -> None:
        current = self.conversations.by_id(conversation.id)
        if current is None or current.place is None or not isinstance(channel, Threaded):
            return
        members = self.members.of(current)
        if not is_news(current, members):
            return
        if current.shown_at and now - current.shown_at < CALM:
            self.writer.flush_at(current, now + 2 * CALM)
        else:
            self.writer.show(channel, current, members, now)

    def _flush(self, channel: Channel, conversation: Conversation, now: datetime) -> str:
        members = self.members.of(conversation)
        if is_pointless(conversation, members):
            self.conversations.save(replace(conversation, is_open=False), now)
            return OVER
        if not conversation.is_first_sent and not conversation.is_open:
            return "the channel has failed for good"
        if not conversation.is_first_sent or is_news(conversation, members):
            return self._continued(channel, conversation, members, now)
        closed = self.conversations.save(replace(conversation, is_open=False), now)
        if closed and is_news(closed, late := self.members.of(closed)):
            self.writer.show(channel, closed, late, now)
        return "the conversation is closed"

    def _continued(
        self, channel: Channel, conversation: Conversation, members: tuple[Member, ...], now: datetime
    ) -> str:
        is_open = conversation.is_open and conversation.rounds < ROUNDS
        next_round = replace(conversation, rounds=conversation.rounds + 1, is_open=is_open)
        if is_open:
            self.writer.flush_at(next_round, now + self.writer.window)
        self.writer.show(channel, next_round, members, now)
        return f"{channel.name} shows what has joined"

    def _not_shown(
        self, channel: Channel, conversation: Conversation, error: Exception, terms_of: TermsOf, now: datetime
    ) -> str:
        """The channel failed: try again later or, after all tries, give up."""
        current = self.conversations.by_id(conversation.id) or conversation
        failures = current.failures + 1
        if isinstance(error, Permanent) or failures >= TRIES:
            failed = Delivery(DeliveryState.FAILED, now, str(error), failures)
            self.deliverer.fail(channel, current.message, terms_of(current.message, now), failed)
            self.conversations.save(replace(current, failures=failures, is_open=False), now)
            return f"{channel.name} can't show the conversation: {error}"
        self.writer.flush_at(current, now + backoff(failures))
        self.conversations.save(replace(current, failures=failures), now)
        self.deliverer.note_failure(channel, error, now)
        return f"{channel.name} couldn't show the conversation; a timer tries again: {error}"
