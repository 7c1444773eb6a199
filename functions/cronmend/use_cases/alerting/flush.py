"""Update what people see of a conversation: after a batch, and when its timer fires."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import replace
from datetime import datetime, timedelta
from itertools import chain

from msgspec import Struct

from cronmend.alerting.conversations import ROUNDS, UPDATE_INTERVAL, Conversation, Delivery, DeliveryState, name_of
from cronmend.alerting.decide import OVER
from cronmend.alerting.members import Member, WithMembers, as_seen, is_news, is_pointless
from cronmend.alerting.moves import Terms
from cronmend.alerting.routes import Healed
from cronmend.errors import Permanent, Retryable
from cronmend.model.report import Message
from cronmend.ports.alerting import Channel, ConversationStore, Threaded
from cronmend.use_cases.alerting.conversation import SendResult
from cronmend.use_cases.alerting.delivery import FALLBACK_AFTER, TRIES, Deliverer, is_turn, lacks, wait_after
from cronmend.use_cases.alerting.rendering import LEASE, SECOND, Renderer

type TermsOf = Callable[[Message, datetime], Terms]
type MessageOf = Callable[[Member], Message | None]
"""The message with which a member joined; None if neither its records nor its incident are left."""


class Flusher(Struct, frozen=True):
    store: ConversationStore
    renderer: Renderer
    deliverer: Deliverer
    window: timedelta
    """How long a conversation collects further failures before it is flushed again."""

    def refresh(self, changed: Iterable[Conversation], terms_of: TermsOf, message_of: MessageOf, now: datetime) -> None:
        """After a batch, show what has joined each conversation, on channels that can update a message."""
        for conversation in {each.id: each for each in changed}.values():
            if channel := self.deliverer.channel(conversation.channel):
                try:
                    self._refresh(channel, conversation, now)
                except (Retryable, Permanent) as error:
                    self._not_shown(conversation, error, terms_of, message_of, now)

    def flush(self, conversation_id: str, at: datetime, terms_of: TermsOf, message_of: MessageOf, now: datetime) -> str:
        """Send what has joined; if nothing has, the conversation ends. Returns a sentence for the log.

        Args:
            at: the time of the timer that fires; a later one has taken its place if the conversation is due later,
                unless the call that set that one was cut off before it sent anything.
        """
        found = self.store.whole(conversation_id)
        if found is None:
            return f"the conversation {conversation_id} no longer exists"
        conversation = found.conversation
        if conversation.due and at < conversation.due and not self._is_cut_off(conversation, conversation.due, now):
            return f"a later timer flushes the conversation {conversation_id}"
        channel = self.deliverer.channel(conversation.channel)
        try:
            if channel is None:
                raise Permanent(lacks(conversation.channel))
            return self._flush(channel, found, terms_of, message_of, now)
        except (Retryable, Permanent) as error:
            return self._not_shown(conversation, error, terms_of, message_of, now)

    def _is_cut_off(self, conversation: Conversation, due: datetime, now: datetime) -> bool:
        """Whether a round began more than a lease ago, and the channel neither took nor refused anything since then."""
        began = due - self.window - SECOND  # flush_at rounds up
        is_silent = conversation.shown_at is None or conversation.shown_at < began
        return conversation.rounds > 0 and is_silent and not conversation.failures and began + LEASE < now

    def _refresh(self, channel: Channel, conversation: Conversation, now: datetime) -> None:
        if not isinstance(channel, Threaded):
            return
        found = self.store.whole(conversation.id)
        if found is None or found.conversation.place is None:
            return
        current, members = found.conversation, found.members
        if not is_news(current, members):
            return
        if current.shown_at and now - current.shown_at < UPDATE_INTERVAL:
            self.renderer.arm(current, now + 2 * UPDATE_INTERVAL, now)
        else:
            self.renderer.show(channel, current, members, now)

    def _flush(
        self,
        channel: Channel,
        found: WithMembers,
        terms_of: TermsOf,
        message_of: MessageOf,
        now: datetime,
    ) -> str:
        conversation, members = found.conversation, found.members
        if is_pointless(conversation, members):
            self._close(conversation, now)
            return OVER
        if not conversation.is_first_sent and not conversation.is_open:
            self._close(conversation, now)
            return "the channel has failed for good"
        if not conversation.is_first_sent and (opener := self.deliverer.failing(conversation.message, channel.name)):
            return self._left_to_delivery(conversation, opener, terms_of, message_of, now)
        if not conversation.is_first_sent or is_news(conversation, members):
            return self._continued(channel, conversation, members, now)
        self._end_late(channel, conversation, members, terms_of, now)
        closed = self._close(conversation, now)
        if is_news(closed, late := self.store.of(closed)):
            self.renderer.show(channel, closed, late, now)
        return "the conversation is closed"

    def _close(self, conversation: Conversation, now: datetime) -> Conversation:
        return self.renderer.changed(conversation, lambda each: replace(each, is_open=False, due=None), now)

    def _continued(self, channel: Channel, conversation: Conversation, members: Sequence[Member], now: datetime) -> str:
        """The next timer is set before anything is sent, so that a crash here only delays it."""
        is_open = conversation.is_open and conversation.rounds < ROUNDS
        due, rounds = self.renderer.flush_at(conversation, now + self.window), conversation.rounds + 1
        next_round = self.renderer.changed(
            conversation, lambda each: replace(each, rounds=rounds, is_open=is_open, due=due), now
        )
        if conversation.is_first_sent:
            self.renderer.show(channel, next_round, members, now)
        else:
            self.renderer.show_first(channel, next_round, now)
        return f"{channel.name} shows what has joined"

    def _left_to_delivery(
        self, conversation: Conversation, opener: Delivery, terms_of: TermsOf, message_of: MessageOf, now: datetime
    ) -> str:
        """The message that opened it has a timer of its own, which sends it again: two timers would double the tries.

        What has joined goes to the fallback when the opener does, and is given up with it.
        """
        if opener.is_final:
            self._give_up(conversation, opener, terms_of, message_of)
            return f"{conversation.channel} can't show the conversation: {opener.reason}"
        if opener.tries >= FALLBACK_AFTER:
            self._fall_back(conversation, terms_of, message_of, now)
        # Its timer may be lost, and its time over: a time of the past would never come again.
        self.renderer.arm(replace(conversation, due=None), max(opener.due or now, now) + self.window, now)
        return "the message that opened the conversation is tried again first"

    def _fall_back(self, conversation: Conversation, terms_of: TermsOf, message_of: MessageOf, now: datetime) -> None:
        results = [
            self.deliverer.fall_back(message, terms_of(message, now), conversation.channel, now)
            for message in self._unseen(conversation, message_of)
        ]
        self._show_now(chain.from_iterable(results), now)

    def _end_late(
        self,
        channel: Channel,
        conversation: Conversation,
        members: Sequence[Member],
        terms_of: TermsOf,
        now: datetime,
    ) -> None:
        """On a channel that can't update: report ends that came while the failure was being sent."""
        stale = [] if conversation.place else [each for each in members if each.is_stale]
        if not stale:
            return
        wanted = terms_of(conversation.message, now).route.healed is not Healed.NONE
        if wanted and (line := self.renderer.ending(stale)):
            self.renderer.send(channel, line, None, now)
        self.store.seen(conversation, [as_seen(each, now, None) for each in stale], now)

    def _not_shown(
        self,
        conversation: Conversation,
        error: Retryable | Permanent,
        terms_of: TermsOf,
        message_of: MessageOf,
        now: datetime,
    ) -> str:
        """The channel failed: try again later or, after all tries, give up. The fallback gets every failure of it."""
        current = self.store.by_id(conversation.id) or conversation
        failures = current.failures + (not is_turn(error))
        if isinstance(error, Permanent) or failures >= TRIES:
            failed = Delivery(DeliveryState.FAILED, now, str(error), failures)
            self._give_up(current, failed, terms_of, message_of)
            return f"{current.channel} can't show the conversation: {error}"
        if failures == FALLBACK_AFTER > current.failures:
            self._fall_back(current, terms_of, message_of, now)
        due = self.renderer.flush_at(current, now + wait_after(error, failures))
        self.renderer.changed(current, lambda each: replace(each, failures=failures, due=due), now)
        self.deliverer.note_failure(current.channel, error, now)
        return f"{current.channel} couldn't show the conversation; a timer tries again: {error}"

    def _give_up(self, conversation: Conversation, failed: Delivery, terms_of: TermsOf, message_of: MessageOf) -> None:
        """Each failure that no one has seen, and what opened the conversation, is a failed message of its own."""
        now, messages = failed.at, [conversation.message, *self._unseen(conversation, message_of)]
        results = [
            self.deliverer.fail(conversation.channel, message, terms_of(message, now), failed)
            for message in {name_of(each): each for each in messages}.values()
        ]
        self._show_now(chain.from_iterable(results), now)
        self.renderer.changed(
            conversation, lambda each: replace(each, failures=failed.tries, is_open=False, due=None), now
        )

    def _unseen(self, conversation: Conversation, message_of: MessageOf) -> Iterator[Message]:
        for member in self.store.of(conversation):
            if member.is_unseen and (message := message_of(member)):
                yield message

    def _show_now(self, results: Iterable[SendResult], now: datetime) -> None:
        """Show in the fallback at once what has joined. If that fails, its conversation's own timer tries again."""
        for each in {each.id: each for result in results for each in result.refresh}.values():
            found, channel = self.store.whole(each.id), self.deliverer.channel(each.channel)
            if found and channel and found.conversation.is_first_sent and is_news(found.conversation, found.members):
                try:
                    self.renderer.show(channel, found.conversation, found.members, now)
                except (Retryable, Permanent) as error:
                    self.deliverer.note_failure(channel.name, error, now)
