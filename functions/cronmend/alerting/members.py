"""What people know: for each incident in a channel, the form in which a message last showed it. Pure.

A conversation only renders these facts. What is still to be sent is the difference between its members and their facts.
"""

from collections.abc import Sequence
from copy import replace
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from cronmend.alerting import reports
from cronmend.alerting.conversations import Conversation, MessageRef, is_overflow
from cronmend.model.report import ALERTS, ENDINGS, Message, Report, Stage


class Form(StrEnum):
    NONE = "none"
    """No message has shown the incident yet: it only joined."""
    FAILED = "failed"
    OVER = "over"


class KnownFact(Struct, frozen=True):
    """What people in one channel know about one incident."""

    form: Form = Form.NONE
    at: datetime | None = None
    """When that form was sent; None in a row of an earlier version, which didn't keep it."""
    ref: MessageRef | None = None
    """The message that shows it; None if the channel can't update its messages."""


class Member(Struct, frozen=True):
    """An incident in a conversation: its state, and what people know about it."""

    job: str
    incident: str
    healed: bool = False
    change: str = ""
    """Identifies, among the incident's messages, the one with which it joined."""
    stage: Stage = Stage.RECOVERED
    """How it ended, if ``healed`` is set."""
    status: str = ""
    """The same, in a few words."""
    fact: KnownFact = KnownFact()

    @property
    def is_known(self) -> bool:
        return self.fact.form is not Form.NONE

    @property
    def is_unseen(self) -> bool:
        """Whether it is a failure that no message has shown yet."""
        return not self.healed and not self.is_known

    @property
    def is_stale(self) -> bool:
        """Whether it is over, but people still see it as failed."""
        return self.healed and self.fact.form is Form.FAILED


class WithMembers(Struct, frozen=True):
    conversation: Conversation
    members: tuple[Member, ...]
    """All of them, or as many as were asked for."""


def as_seen(member: Member, now: datetime, ref: MessageRef | None) -> Member:
    """The member after a message has shown its state."""
    return replace(member, fact=KnownFact(_form_of(member), now, ref))


def news_for(members: Sequence[Member], ref: MessageRef | None) -> tuple[Member, ...]:
    """The members that are new in a message with all of them: not shown before, or in another form or place."""
    return tuple(each for each in members if (each.fact.form, each.fact.ref) != (_form_of(each), ref))


def form(conversation: Conversation, members: Sequence[Member]) -> Report:
    """What the conversation's message has to show now."""
    first = conversation.message.report
    over = _over_by_job(members)
    if len(over) <= 1:
        return _of_one(first, members)
    jobs, healed = tuple(sorted(over)), sum(over.values())
    if first.kind in ENDINGS:
        return reports.of_endings(jobs)
    together = reports.of_many if is_overflow(conversation) else reports.of_group
    return together(first, jobs, healed, failures=len(members))


def is_news(conversation: Conversation, members: Sequence[Member]) -> bool:
    """Whether the conversation's message is out of date, or its thread lacks its last line.

    The end of an incident is news only if the message can be updated; otherwise the end is a message of its own.
    """
    if conversation.message.report.kind in ENDINGS:
        return any(not each.is_known for each in members)
    if any(each.is_unseen for each in members):
        return True
    stale = any(each.is_stale for each in members)
    return conversation.place is not None and (stale or lacks_last_line(conversation, members))


def is_pointless(conversation: Conversation, members: Sequence[Member]) -> bool:
    """Whether certainly nothing was sent, and all of its incidents are over by now."""
    unsent = not conversation.is_first_sent and conversation.sending_until is None
    return unsent and conversation.message.report.kind in ALERTS and bool(members) and all_healed(members)


def lacks_last_line(conversation: Conversation, members: Sequence[Member]) -> bool:
    """Whether the last of its jobs has recovered, but its thread doesn't say so yet."""
    is_alert = conversation.message.report.kind in ALERTS
    return is_alert and not conversation.ended_at and bool(members) and all_healed(members)


def form_anew(conversation: Conversation, members: Sequence[Member], left: Sequence[Member]) -> Report | None:
    """The form of a new message. It notifies people, so it must not report a job as over that is broken again: one
    line, if all incidents are over; None if all of their jobs are broken again.

    Args:
        left: the members that are over, and whose job isn't broken again.
    """
    if members and all_healed(members):
        return line_of(left)
    return form(conversation, [replace(each, healed=each in left) for each in members])


def line_of(over: Sequence[Member]) -> Report | None:
    """One line for incidents that are over; None if there are none."""
    return reports.of_endings(tuple(sorted({each.job for each in over}))) if over else None


def all_healed(members: Sequence[Member]) -> bool:
    return all(each.healed for each in members)


def all_over_by(members: Sequence[Member], latest: Message) -> bool:
    """Whether all are over by the time of a message about the ``latest`` incident of a job, which ended its others."""
    return all(each.healed or (each.job == latest.job and each.incident != latest.incident) for each in members)


def _form_of(member: Member) -> Form:
    return Form.OVER if member.healed else Form.FAILED


def _over_by_job(members: Sequence[Member]) -> dict[str, bool]:
    """A job that failed again after an incident is over only once all of its incidents are."""
    over: dict[str, bool] = {}
    for each in members:
        over[each.job] = over.get(each.job, True) and each.healed
    return over


def _of_one(first: Report, members: Sequence[Member]) -> Report:
    if first.kind not in ALERTS or first.is_over or not members or not all_healed(members):
        return first
    return reports.with_status(first, members[-1].stage, members[-1].status)
