"""Write a conversation's message and thread, and record after each effect what people now know."""

from collections.abc import Callable, Iterable, Sequence
from copy import replace
from datetime import datetime, timedelta
from functools import partial

from msgspec import Struct

from cronmend.alerting.conversations import (
    Conversation,
    MessageRef,
    flush_of,
    is_broken_again,
    is_of_endings,
    name_of,
    shown,
    updated,
)
from cronmend.alerting.members import Member, as_seen, form, form_anew, lacks_last_line, line_of, news_for
from cronmend.errors import Gone, Permanent, Retryable, Throttled
from cronmend.model.report import Message, Report
from cronmend.ports.alerting import Channel, ConversationStore, RateLimit, Threaded
from cronmend.ports.healing import JobStates
from cronmend.use_cases.alerting.promised_timers import PromisedTimers

PATIENCE = timedelta(seconds=10)
"""The longest time that one call waits to send to a channel; after it, a timer tries again."""
SECOND = timedelta(seconds=1)
LEASE = timedelta(minutes=1)
"""How long a call may take to send one message; the channels' timeouts are far shorter."""
COLLISIONS = 10
"""How often a conversation is read again because another invocation wrote it in between."""


class Renderer(Struct, frozen=True):
    """Each method that writes to a channel raises Retryable or Permanent if the channel fails."""

    store: ConversationStore
    rate_limit: RateLimit
    job_states: JobStates
    timers: PromisedTimers
    pause: Callable[[float], None]
    """Sleeps for seconds."""

    def send(self, channel: Channel, report: Report, thread: MessageRef | None, now: datetime) -> MessageRef | None:
        self._take_turn(channel, now)
        return channel.send(report, thread)

    def show_first(self, channel: Channel, conversation: Conversation, now: datetime) -> Conversation:
        """Send the conversation's first message, unless another call is sending it.

        A call that ends in between leaves its claim; from then on, people may have the message.
        """
        before = conversation.sending_until
        if before and before > now:
            raise Throttled(f"{channel.name}: another invocation is sending the message", before - now)
        claimed = self.store.save(replace(conversation, sending_until=now + LEASE), now)
        if claimed is None:
            raise Throttled(f"{channel.name}: another invocation is writing the conversation", timedelta(seconds=5))
        return self.show_claimed(channel, claimed, before, now)

    def show_claimed(
        self,
        channel: Channel,
        conversation: Conversation,
        before: datetime | None,
        now: datetime,
        members: Sequence[Member] = (),
    ) -> Conversation:
        """The same for a conversation that this call has claimed. If the channel fails, the claim is as before.

        Args:
            members: its members, if this call has just opened it. Whatever joins it then is shown when it is flushed.
        """
        try:
            return self.show(channel, conversation, members or self.store.of(conversation), now)
        except (Retryable, Permanent):
            self.changed(conversation, lambda each: replace(each, sending_until=before), now)
            raise

    def show(
        self, channel: Channel, conversation: Conversation, members: Sequence[Member], now: datetime
    ) -> Conversation:
        """Send or update the conversation's message, then end its thread if all of its incidents are over."""
        report = self._form(conversation, members)
        again = partial(self._form_again, conversation, members)
        place = self._put(channel, conversation.place, report, now, again) if report else None
        seen = self._record(conversation, members, place, now, lambda each: replace(each, sent_at=now))
        if place and place == conversation.place and lacks_last_line(seen, members) and (last := self.ending(members)):
            self.send(channel, last, place, now)
        return self._end(seen, members, now)

    def ending(self, over: Iterable[Member]) -> Report | None:
        """One line for incidents that are over, without those whose job is broken again; None if none is left."""
        return line_of(self._still_over(over))

    def _form(self, conversation: Conversation, members: Sequence[Member]) -> Report | None:
        """None for endings that waited until each of their jobs was broken again, and for an alert that did."""
        if is_of_endings(conversation):
            left = self._still_over(members)
            return form(conversation, members) if len(left) == len(members) else line_of(left)
        over = [each for each in members if each.healed]
        if conversation.place is None and len(left := self._still_over(over)) < len(over):
            return form_anew(conversation, members, left)
        return form(conversation, members)

    def _form_again(self, conversation: Conversation, members: Sequence[Member]) -> Report | None:
        """For a message that is gone."""
        return form_anew(conversation, members, self._still_over(each for each in members if each.healed))

    def _still_over(self, over: Iterable[Member]) -> list[Member]:
        members = list(over)
        latest = {job: self.job_states.read(job).incident for job in dict.fromkeys(each.job for each in members)}
        return [each for each in members if not is_broken_again(latest[each.job], each.incident)]

    def rewrite(
        self, channel: Channel, conversation: Conversation, report: Report, message: Message, now: datetime
    ) -> None:
        """Update the conversation's message to the report; its only incident is the one that ``message`` is about."""
        members = self.store.of(conversation, most=2)
        place = self._put(channel, conversation.place, report, now, lambda: None)
        change = partial(_rewritten, report=report, message=message, now=now)
        self._record(conversation, members, place, now, change)

    def reply(
        self, channel: Channel, conversation: Conversation, report: Report, message: Message, now: datetime
    ) -> None:
        """Show the report, then answer in the thread with the message: each once, however often this is repeated.

        The update comes first. Where the message is gone, it sends a new one, and the answer goes to that one's thread.
        What people know comes last: once it is stored, nothing more is sent.
        """
        name, current, members = name_of(message), conversation, self.store.of(conversation, most=2)
        if current.rewritten != name:
            place = self._put(channel, current.place, report, now, lambda: report)
            written = partial(_rewritten, report=report, message=message, now=now)
            current = self.changed(current, lambda each: written(shown(each, len(members), place, now)), now)
        if current.place and current.answered != name:
            self.send(channel, message.report, current.place, now)
        self.changed(current, lambda each: replace(each, answered=name), now, _seen(members, current.place, now))

    def arm(self, conversation: Conversation, at: datetime, now: datetime) -> Conversation:
        """Flush the conversation by ``at``. The timer comes first: a stored time without one would never be kept."""
        if conversation.due and now <= conversation.due <= at:
            return conversation
        due = self.flush_at(conversation, at)
        return self.changed(conversation, lambda each: replace(each, due=due), now)

    def flush_at(self, conversation: Conversation, at: datetime) -> datetime:
        """Set the timer; returns its time, for the conversation's ``due``."""
        due = whole_second(at)
        for timer in flush_of(replace(conversation, due=due)):
            self.timers.set(timer)
        return due

    def changed(
        self,
        conversation: Conversation,
        change: Callable[[Conversation], Conversation],
        now: datetime,
        seen: Sequence[Member] = (),
    ) -> Conversation:
        """Store a change to the conversation, whatever others have written to it since it was read.

        Args:
            seen: members with what people know of them by now.

        Raises:
            Retryable: others kept writing, or the conversation has expired.
        """
        current: Conversation | None = conversation
        for _ in range(COLLISIONS):
            if current is None:
                break
            if written := self.store.save(change(current), now, seen):
                return written
            current = self.store.by_id(conversation.id)
        raise Retryable(f"couldn't store the conversation {conversation.id}: other invocations are writing it")

    def _put(
        self,
        channel: Channel,
        place: MessageRef | None,
        report: Report,
        now: datetime,
        again: Callable[[], Report | None],
    ) -> MessageRef | None:
        """The message's current place; ``again`` returns what to send as a new message if that one is gone."""
        self._take_turn(channel, now)
        if place is None or not isinstance(channel, Threaded):
            return channel.send(report)
        try:
            return channel.update(report, place)
        except Gone:
            anew = again()
        return self.send(channel, anew, None, now) if anew else None

    def _record(
        self,
        conversation: Conversation,
        members: Sequence[Member],
        place: MessageRef | None,
        now: datetime,
        change: Callable[[Conversation], Conversation],
    ) -> Conversation:
        written = partial(shown, incidents=len(members), place=place, now=now)
        return self.changed(conversation, lambda each: change(written(each)), now, _seen(members, place, now))

    def _end(self, conversation: Conversation, members: Sequence[Member], now: datetime) -> Conversation:
        """Record whether the thread has its last line."""
        ended_at = now if lacks_last_line(conversation, members) else conversation.ended_at
        ended_at = ended_at if all(each.healed for each in members) else None
        if ended_at == conversation.ended_at:
            return conversation
        return self.changed(conversation, lambda each: replace(each, ended_at=ended_at), now)

    def _take_turn(self, channel: Channel, now: datetime) -> None:
        """Wait until no other call is writing to the channel."""
        if not channel.gap:
            return
        wait = self.rate_limit.slot(channel.name, channel.gap, now, PATIENCE) - now
        if wait > PATIENCE:
            raise Throttled(f"{channel.name}: other messages are sent first", wait)
        if wait > timedelta(0):
            self.pause(wait.total_seconds())


def _rewritten(conversation: Conversation, report: Report, message: Message, now: datetime) -> Conversation:
    ended_at = now if report.is_over else None
    return replace(updated(conversation, report), rewritten=name_of(message), ended_at=ended_at)


def _seen(members: Sequence[Member], place: MessageRef | None, now: datetime) -> tuple[Member, ...]:
    """Of whom a message at this place shows something new, with what people know by it."""
    return tuple(as_seen(each, now, place) for each in news_for(members, place))


def whole_second(at: datetime) -> datetime:
    """For a conversation's ``due``, like its timer's name. Of two times in one second, only the first would have
    a timer, and a conversation that is due at the second one would wait for it in vain."""
    return at.replace(microsecond=0) + (SECOND if at.microsecond else timedelta())
