"""What people see of a conversation is brought up to date: after a batch, and when its time has come."""

from dataclasses import dataclass, replace
from datetime import datetime

from cronmend.alerting import conversations as talks
from cronmend.alerting.conversations import Conversation, Member
from cronmend.ports.alerting import Channel, Conversations, Members, Threaded
from cronmend.use_cases.alerting.channel_writer import Voice


@dataclass(frozen=True, slots=True)
class Flusher:
    conversations: Conversations
    members: Members
    voice: Voice

    def refresh(self, channel: Channel, conversation: Conversation, now: datetime) -> None:
        """After a batch: where a message can be rewritten, people see what has joined it."""
        current = self.conversations.by_id(conversation.id)
        if current is None or current.place is None or not isinstance(channel, Threaded):
            return
        members = self.members.of(current)
        if not talks.is_news(current, members):
            return
        if current.shown_at and now - current.shown_at < talks.CALM:
            self.voice.settle_at(current, now + 2 * talks.CALM)
        else:
            self.voice.speak(channel, current, members, now)

    def settle(self, channel: Channel, conversation: Conversation, now: datetime) -> str:
        """Say what has not been said yet; a conversation that has nothing new to say ends."""
        members = self.members.of(conversation)
        if talks.is_pointless(conversation, members):
            self.conversations.save(replace(conversation, is_open=False))
            return "it was over before anybody was told"
        if not conversation.is_first_sent and not conversation.is_open:
            return "the channel has refused it for good"
        if not conversation.is_first_sent or talks.is_news(conversation, members):
            return self._went_on(channel, conversation, members, now)
        closed = self.conversations.save(replace(conversation, is_open=False))
        if closed and talks.is_news(closed, late := self.members.of(closed)):
            self.voice.speak(channel, closed, late, now)
        return "the conversation is settled"

    def _went_on(self, channel: Channel, conversation: Conversation, members: tuple[Member, ...], now: datetime) -> str:
        is_open = conversation.is_open and conversation.rounds < talks.ROUNDS
        going_on = replace(conversation, rounds=conversation.rounds + 1, is_open=is_open)
        if is_open:
            self.voice.settle_at(going_on, now + self.voice.window)
        self.voice.speak(channel, going_on, members, now)
        return f"{channel.name} shows what has joined"
