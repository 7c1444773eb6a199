"""Every move that can be decided for a message at one channel, with its reason."""

from copy import replace
from datetime import datetime
from typing import Any

import pytest

from cronmend.alerting import decide as why
from cronmend.alerting import reports
from cronmend.alerting.conversations import BURST, Conversation, DeliveryState, MessageRef, updated
from cronmend.alerting.decide import decide, decide_in_group, is_quiet_line
from cronmend.alerting.members import Form, KnownFact, Member
from cronmend.alerting.moves import (
    Covered,
    Drop,
    Group,
    GroupMove,
    Join,
    Move,
    Offer,
    Open,
    Reply,
    Revise,
    Rewrite,
    Send,
    SendFirst,
    Terms,
)
from cronmend.alerting.routes import Healed, Route
from cronmend.model.report import ALERTS, MessageKind, Report
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import later, message

PROGRESS, REMINDER, ESCALATION = MessageKind.PROGRESS, MessageKind.REMINDER, MessageKind.ESCALATION
GAVE_UP, HEALED, RECOVERED = MessageKind.GAVE_UP, MessageKind.HEALED, MessageKind.RECOVERED
LATER = later(hours=1)
CAUSE = "missing-column"
REF = MessageRef("C1", "1.2")
ONE = (Member("site/job-1", "incident-1"),)
OTHER = Member("site/job-2", "incident-2")
TWO = (*ONE, OTHER)
OVER = (replace(ONE[0], healed=True),)
UNSEEN, SEEN_FAILING, SEEN_OVER = (replace(ONE[0], fact=KnownFact(each, NOW)) for each in Form)
STAMP = f"{LATER:%Y%m%dT%H%M%S}"

WAITING = Conversation("slack", CAUSE, NOW, message(), version=1)
"""Opened; nothing has been sent."""
SEEN = replace(WAITING, place=REF, jobs_shown=1, sent_at=NOW, version=2)
UNTHREADED = replace(SEEN, place=None)
QUIET_UNTIL_LATER, QUIET_UNTIL_NOW = replace(WAITING, starts_at=LATER), replace(WAITING, starts_at=NOW)
LONG_AGO = replace(SEEN, sent_at=later(hours=-24))
NEVER = replace(UNTHREADED, sent_at=None)
OVERFLOW = replace(SEEN, key="many")
CLAIMED = replace(WAITING, sending_until=NOW)
"""A call ended while it sent the first message."""
FAILED = replace(WAITING, is_open=False)
"""The channel refused it for good."""
FIRST = SEEN.message.report
TERMS = {"starts_at", "acknowledged_by", "is_over", "is_broken_again", "whole"}


def offer(
    kind: MessageKind = GAVE_UP, known: Conversation | None = None, members: tuple[Member, ...] = ONE, **changes: Any
) -> Offer:
    """Alone in its conversation, if it is in one, and seen there as failing if that was sent.

    ``changes`` name fields of the offer, its terms or its route.
    """
    route = Route(
        "default", **{name: changes.pop(name) for name in ("healed", "least", "remind_after") & changes.keys()}
    )
    terms = Terms(route, **{name: changes.pop(name) for name in TERMS & changes.keys()})
    if known:
        changes.setdefault("member", SEEN_FAILING if known.is_first_sent else UNSEEN)
    sent = message(1, kind, changes.pop("cause", CAUSE), changes.pop("status", ""))
    return replace(Offer("slack", sent, terms, NOW, conversation=known, members=members if known else ()), **changes)


def opener(known: Conversation | None, members: tuple[Member, ...] = ONE, **changes: Any) -> Offer:
    """The message that opened the conversations above, once more."""
    return replace(offer(known=known, members=members, **changes), message=message())


def opened(key: str, kind: MessageKind = GAVE_UP, starts_at: datetime | None = None) -> Conversation:
    return Conversation("slack", key, NOW, message(1, kind), starts_at=starts_at)


def counted(known: Conversation) -> Rewrite:
    return Rewrite(known, newer(REMINDER), why.COUNTED, DeliveryState.DROPPED)


def newer(kind: MessageKind) -> Report:
    """The conversation's first report, as a message of this kind leaves it."""
    return (
        message(1, kind).report
        if kind in ALERTS
        else reports.with_status(FIRST, message(1, kind).report.stage, kind.value)
    )


BEGUN_WITH_ANOTHER = replace(UNTHREADED, key="endings", message=message(2, HEALED))
TOO_MILD = Drop("the route sends nothing less severe than critical")
CASES: dict[str, tuple[Offer, Move]] = {
    "any: a machine": (offer(PROGRESS, groups=False), Send(why.EACH)),
    "any: a machine is sent what is not severe": (offer(groups=False, least="critical"), Send(why.EACH)),
    "any: a machine, after the end": (offer(PROGRESS, groups=False, is_closed=True), Drop(why.PAST)),
    "any: a machine, the end again": (offer(HEALED, groups=False, is_closed=True), Send(why.EACH)),
    "any: not severe enough": (offer(least="critical"), TOO_MILD),
    "any: not severe enough, in a conversation": (offer(HEALED, SEEN, least="critical"), TOO_MILD),
    "any: a reminder, acknowledged": (offer(REMINDER, SEEN, acknowledged_by="jane"), Drop("acknowledged by jane")),
    "over: an alert": (offer(is_over=True), Drop(why.OVER)),
    "over: progress": (offer(PROGRESS, SEEN, is_over=True), Drop(why.OVER)),
    "over: the opener": (opener(WAITING, is_over=True), Drop(why.OVER)),
    "over: the opener that may have been sent": (opener(CLAIMED, is_over=True), SendFirst(CLAIMED, why.BROKEN_OFF)),
    "over: another alert where one may have been sent": (offer(known=CLAIMED, is_over=True), Drop(why.OVER)),
    "unsent: the opener that may have been sent, all is over": (
        opener(CLAIMED, OVER),
        SendFirst(CLAIMED, why.BROKEN_OFF),
    ),
    "over: the opener that was sent": (
        opener(SEEN, is_over=True),
        Covered(why.BEGUN, DeliveryState.SENT, refresh=SEEN, opened=True),
    ),
    "unknown: progress": (offer(PROGRESS), Drop(why.UNKNOWN)),
    "unknown: a reminder": (offer(REMINDER), Drop(why.UNKNOWN)),
    "unknown: a reminder with the whole alert": (
        offer(REMINDER, whole=FIRST),
        Group(CAUSE, counted=True, report=FIRST),
    ),
    "unknown: a reminder with the whole alert that waits": (
        offer(REMINDER, whole=FIRST, starts_at=LATER),
        Group(f"{CAUSE}@{STAMP}", counted=True, report=FIRST),
    ),
    "unknown: an alert": (offer(), Group(CAUSE, counted=True)),
    "unknown: an alert that waits": (offer(starts_at=LATER), Group(f"{CAUSE}@{STAMP}", counted=True)),
    "unknown: an escalation": (offer(ESCALATION), Group(CAUSE, counted=True)),
    "unknown: an alert without a cause": (offer(cause=""), Send(why.STANDS_ALONE)),
    "unknown: the circuit": (offer(MessageKind.CIRCUIT, cause=""), Send(why.STANDS_ALONE)),
    "unknown: an ending": (offer(HEALED, lines=BURST), Send(why.ENDED)),
    "unknown: a recovery": (offer(RECOVERED), Drop(why.UNKNOWN)),
    "unknown: one ending too many": (offer(HEALED, lines=BURST + 1), Group("endings")),
    "unknown: an ending that waits": (offer(HEALED, starts_at=LATER), Group(f"endings@{STAMP}")),
    "unknown: an unwanted ending": (offer(HEALED, healed=Healed.NONE, lines=99), Drop(why.UNWANTED)),
    "unsent: an ending": (offer(HEALED, WAITING), Covered(why.OVER)),
    "unsent: progress": (offer(PROGRESS, WAITING), Covered(why.COVERED)),
    "unsent: another alert": (offer(GAVE_UP, WAITING), Revise(updated(WAITING, newer(GAVE_UP)), why.NEWER)),
    "unsent: another alert of one among others": (offer(GAVE_UP, WAITING, TWO), Covered(why.COVERED)),
    "unsent: another cause": (offer(GAVE_UP, WAITING, cause="other"), Group("other", counted=True)),
    "unsent: an escalation": (
        offer(ESCALATION, WAITING),
        Revise(updated(WAITING, message(1, ESCALATION).report), why.NEWER),
    ),
    "failed: another alert": (offer(GAVE_UP, FAILED), SendFirst(updated(FAILED, newer(GAVE_UP)), why.BROKEN_OFF)),
    "failed: another alert of one among others": (offer(GAVE_UP, FAILED, TWO), SendFirst(FAILED, why.BROKEN_OFF)),
    "failed: another cause": (offer(GAVE_UP, FAILED, cause="other"), Group("other", counted=True)),
    "failed: the opener": (opener(FAILED), SendFirst(FAILED, why.BROKEN_OFF)),
    "failed: a reminder": (offer(REMINDER, FAILED), SendFirst(FAILED, why.BROKEN_OFF)),
    "failed: progress": (offer(PROGRESS, FAILED), Drop(why.UNKNOWN)),
    "failed: an ending": (offer(HEALED, FAILED), Covered(why.OVER)),
    "unsent: the opener before its time": (opener(QUIET_UNTIL_LATER), Covered(why.COVERED)),
    "unsent: the opener at its time": (opener(QUIET_UNTIL_NOW), SendFirst(QUIET_UNTIL_NOW, why.BROKEN_OFF)),
    "unsent: the opener": (opener(WAITING), SendFirst(WAITING, why.BROKEN_OFF)),
    "unsent: the opener, one of two is over": (opener(WAITING, (*OVER, OTHER)), SendFirst(WAITING, why.BROKEN_OFF)),
    "unsent: the opener, all is over": (opener(WAITING, OVER), Drop(why.OVER)),
    "unsent: the opener, nobody has joined": (opener(WAITING, ()), SendFirst(WAITING, why.BROKEN_OFF)),
    "seen: the opener": (opener(SEEN), Covered(why.BEGUN, DeliveryState.SENT, refresh=SEEN, opened=True)),
    "seen: another alert": (offer(GAVE_UP, SEEN), Reply(SEEN, newer(GAVE_UP), why.CONTINUES)),
    "seen: another alert that waits": (
        offer(GAVE_UP, SEEN, starts_at=LATER),
        Group(f"{CAUSE}@{STAMP}", counted=True),
    ),
    "seen: an alert of another cause": (offer(GAVE_UP, SEEN, cause="other"), Group("other", counted=True)),
    "seen: an alert of another cause, of too many": (
        offer(GAVE_UP, OVERFLOW, TWO, cause="other"),
        Covered(why.COVERED),
    ),
    "seen: progress": (offer(PROGRESS, SEEN), Reply(SEEN, newer(PROGRESS), why.CONTINUES)),
    "seen: progress that waits": (offer(PROGRESS, SEEN, starts_at=LATER), Rewrite(SEEN, newer(PROGRESS), why.QUIET)),
    "seen: progress of one among others": (offer(PROGRESS, SEEN, TWO), Covered(why.COVERED)),
    "seen: progress without threads": (offer(PROGRESS, UNTHREADED, threads=False), Drop(why.NO_UPDATE)),
    "seen: another alert without threads": (
        offer(GAVE_UP, UNTHREADED, threads=False),
        Send(why.CONTINUES, after=replace(updated(UNTHREADED, newer(GAVE_UP)), sent_at=NOW)),
    ),
    "seen: an escalation": (offer(ESCALATION, SEEN), Send(why.UNACKNOWLEDGED, REF)),
    "seen: a due reminder": (offer(REMINDER, LONG_AGO), Send(why.REMINDER, REF, replace(LONG_AGO, sent_at=NOW))),
    "seen: a due reminder, without threads": (
        offer(REMINDER, NEVER, threads=False),
        Send(why.REMINDER, None, replace(NEVER, sent_at=NOW)),
    ),
    "seen: a due reminder that waits": (offer(REMINDER, LONG_AGO, starts_at=LATER), counted(LONG_AGO)),
    "seen: an early reminder": (offer(REMINDER, SEEN), counted(SEEN)),
    "seen: an early reminder of one among others": (offer(REMINDER, SEEN, TWO), Drop(why.COUNTED)),
    "seen: an early reminder, without threads": (offer(REMINDER, UNTHREADED, threads=False), Drop(why.COUNTED)),
    "seen: no reminders": (offer(REMINDER, LONG_AGO, TWO, remind_after=None), Drop(why.COUNTED)),
    "seen: an ending of what joined and was not shown": (
        offer(HEALED, SEEN, (*OVER, OTHER), member=UNSEEN),
        Covered(why.COVERED),
    ),
    "seen: an ending of what is not in the conversation": (
        offer(HEALED, SEEN, OVER, member=None),
        Covered(why.COVERED),
    ),
    "seen: an ending that was shown": (offer(HEALED, SEEN, OVER, member=SEEN_OVER), Covered(why.COVERED)),
    "seen: an ending in a digest": (offer(HEALED, BEGUN_WITH_ANOTHER, member=UNSEEN), Covered(why.COVERED)),
    "seen: an ending": (offer(HEALED, SEEN, OVER), Reply(SEEN, newer(HEALED), why.ENDED)),
    "seen: an unwanted ending": (
        offer(HEALED, SEEN, OVER, healed=Healed.NONE),
        Rewrite(SEEN, newer(HEALED), why.QUIET),
    ),
    "seen: an ending of a job that is broken again": (
        offer(HEALED, SEEN, OVER, is_broken_again=True),
        Rewrite(SEEN, newer(HEALED), why.BROKEN_AGAIN),
    ),
    "seen: an ending of one among others": (
        offer(HEALED, SEEN, (*OVER, OTHER)),
        Covered(why.COVERED, refresh=SEEN),
    ),
    "seen: an ending without threads": (offer(HEALED, UNTHREADED, OVER, threads=False), Send(why.ENDED)),
    "seen: one ending too many without threads": (
        offer(HEALED, UNTHREADED, OVER, threads=False, lines=BURST + 1),
        Group("endings"),
    ),
    "seen: an ending of a job that is broken again, without threads": (
        offer(HEALED, UNTHREADED, OVER, threads=False, is_broken_again=True),
        Drop(why.BROKEN_AGAIN),
    ),
    "seen: an unwanted ending without threads": (
        offer(HEALED, UNTHREADED, OVER, threads=False, healed=Healed.NONE),
        Drop(why.UNWANTED),
    ),
}
OWN, SHARED, ENDINGS_GROUP = Group(CAUSE, counted=True), Group("many"), Group("endings")
IN_GROUP: dict[str, tuple[Offer, Group, Conversation | None, int, GroupMove]] = {
    "nothing is open": (offer(), OWN, None, BURST, Open(opened(CAUSE), why.FIRST)),
    "too many are open": (offer(), OWN, None, BURST + 1, SHARED),
    "too many are open, and it waits": (offer(starts_at=LATER), OWN, None, BURST + 1, Group(f"many@{STAMP}")),
    "the first of too many": (offer(), SHARED, None, 0, Open(opened("many"), why.FIRST)),
    "an ending is never one too many": (
        offer(HEALED),
        ENDINGS_GROUP,
        None,
        99,
        Open(opened("endings", HEALED), why.FIRST),
    ),
    "nothing is open, and it waits": (
        offer(starts_at=LATER),
        OWN,
        None,
        1,
        Open(opened(CAUSE, starts_at=LATER), f"it waits until {LATER:%Y-%m-%d %H:%M} UTC", DeliveryState.JOINED),
    ),
    "one is open": (offer(), OWN, SEEN, 0, Join(SEEN, why.COVERED)),
    "one is open that it has opened": (opener(None), OWN, WAITING, 0, SendFirst(WAITING, why.BROKEN_OFF)),
    "one is open that it has opened, too early": (
        opener(None),
        OWN,
        QUIET_UNTIL_LATER,
        0,
        Join(QUIET_UNTIL_LATER, why.COVERED),
    ),
    "one is open that another has opened": (offer(), OWN, WAITING, 0, Join(WAITING, why.COVERED)),
}


@pytest.mark.parametrize(("given", "move"), CASES.values(), ids=CASES.keys())
def test_what_becomes_of_a_message(given: Offer, move: Move) -> None:
    assert decide(given) == move


@pytest.mark.parametrize(("given", "group", "current", "count", "move"), IN_GROUP.values(), ids=IN_GROUP.keys())
def test_what_becomes_of_it_in_its_group(
    given: Offer, group: Group, current: Conversation | None, count: int, move: GroupMove
) -> None:
    assert decide_in_group(given, group, current, count) == move


def test_the_cases_reach_every_move_with_every_reason() -> None:
    moves = [*(move for _, move in CASES.values()), *(case[-1] for case in IN_GROUP.values())]
    every = {Drop, Covered, Send, Rewrite, Reply, Revise, SendFirst, Group, Join, Open}
    assert {type(move) for move in moves} == every
    reasons = {value for name, value in vars(why).items() if name.isupper() and isinstance(value, str)}
    assert reasons <= {move.reason for move in moves if not isinstance(move, Group)}


BEGUN_WITH_IT = replace(UNTHREADED, key="endings", message=message(1, HEALED))
QUIET_LINES: dict[str, tuple[Offer, bool]] = {
    "the end of what no one was alerted to": (offer(HEALED), True),
    "a recovery that no one was alerted to": (offer(RECOVERED), False),
    "an ending without a thread": (offer(HEALED, UNTHREADED, threads=False), True),
    "an alert": (offer(), False),
    "an ending that waits": (offer(HEALED, starts_at=LATER), False),
    "an ending that the route doesn't want": (offer(HEALED, healed=Healed.NONE), False),
    "an ending before the first message": (offer(HEALED, WAITING), False),
    "an ending with a thread": (offer(HEALED, SEEN), False),
    "an ending that was sent": (offer(HEALED, BEGUN_WITH_IT, threads=False), False),
}


@pytest.mark.parametrize(("given", "expected"), QUIET_LINES.values(), ids=QUIET_LINES.keys())
def test_which_messages_count_as_quiet_lines(given: Offer, expected: bool) -> None:
    assert is_quiet_line(given) is expected
