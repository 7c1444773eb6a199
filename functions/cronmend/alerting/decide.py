"""Decides what becomes of a message at one channel: a move with its reason, for the use case to carry out. Pure.

A message that belongs in the conversation of its cause takes a second decision, ``decide_in_group``. What that one
needs is read, and counted, only then.
"""

from dataclasses import replace

from cronmend.alerting import reports
from cronmend.alerting.conversations import (
    BURST,
    Conversation,
    DeliveryState,
    all_healed,
    has_begun_with,
    is_opened_by,
    is_same,
    key_of,
    overflow_group,
    updated,
)
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
    Rewrite,
    Send,
    SendFirst,
)
from cronmend.alerting.routes import Healed
from cronmend.model.report import ALERTS, MessageKind, Report

COVERED = "people see it in the conversation"
OVER = "it was over before anybody was told"
BEGUN = "the conversation has begun with it"
BROKEN_OFF = "an earlier call ended before it was sent"
CONTINUES = "it continues a conversation"
COUNTED = "it is counted; people are reminded later"
EACH = "the channel is sent every message"
ENDED = "its incident is over"
FIRST = "it is the first of its cause"
NO_UPDATE = "a message of this channel can't be updated"
QUIET = "the message says so, and nobody is called"
REMINDER = "a reminder is due"
STANDS_ALONE = "it belongs to no conversation"
UNACKNOWLEDGED = "nobody has acknowledged the alert"
UNKNOWN = "nobody was told of what it goes on with"
UNWANTED = "the route wants no word of what has healed"


def needs_no_conversation(offer: Offer) -> Drop | Send | None:
    """The decision on what is the same whatever people have seen; None for all else."""
    if not offer.groups:
        return Send(EACH)
    route = offer.terms.route
    if not route.sends(offer.report.severity):
        return Drop(f"the route sends nothing less severe than {route.least}")
    if offer.report.kind is MessageKind.REMINDER and offer.terms.acknowledged_by:
        return Drop(f"acknowledged by {offer.terms.acknowledged_by}")
    return None


def is_quiet_line(offer: Offer) -> bool:
    """Whether it ends an incident that no message shows to be over: only so many of these a minute are sent alone."""
    known = offer.conversation
    is_shown = known is not None and (not known.is_first_sent or offer.thread or has_begun_with(known, offer.message))
    return offer.is_ending and not is_shown and not offer.waits and offer.terms.route.healed is not Healed.NONE


def decide(offer: Offer) -> Move:
    """What becomes of the message. An ending that is in a conversation is on record there already."""
    if early := needs_no_conversation(offer):
        return early
    known = offer.conversation
    if known is None:
        return _of_unknown(offer)
    if not known.is_first_sent:
        return _unsent(offer, known)
    if has_begun_with(known, offer.message):
        return Covered(BEGUN, DeliveryState.SENT)
    return _continued(offer, known)


def decide_in_group(offer: Offer, group: Group, current: Conversation | None, opened: int) -> GroupMove:
    """Whether it opens the conversation of the group or joins the ``current`` one.

    Failures of too many causes share one. ``opened`` is how many conversations the channel has opened in this minute,
    this one included; 0 if it doesn't count.
    """
    if current is None and group.counted and opened > BURST:
        return Group(overflow_group(offer.terms.starts_at))
    if current is None:
        return opening(offer, group.key)
    if _is_to_send_first(offer, current):
        return SendFirst(current, BROKEN_OFF)
    return Join(current, COVERED)


def opening(offer: Offer, key: str) -> Open:
    """The conversation of the key, opened by the message."""
    starts_at = offer.terms.starts_at
    conversation = Conversation(offer.channel, key, offer.now, offer.message, starts_at=starts_at)
    if starts_at:
        return Open(conversation, f"it waits until {starts_at:%Y-%m-%d %H:%M} UTC", DeliveryState.JOINED)
    return Open(conversation, FIRST)


def _of_unknown(offer: Offer) -> Move:
    """Nobody was told of the incident in this channel."""
    if offer.report.kind in {MessageKind.PROGRESS, MessageKind.REMINDER}:
        return Drop(UNKNOWN)
    if offer.is_ending:
        return _line(offer)
    return _group(offer) if offer.report.cause else Send(STANDS_ALONE)


def _unsent(offer: Offer, known: Conversation) -> Move:
    """The conversation waits for its time, or for the call that opened it."""
    if offer.is_ending:
        return Covered(OVER)
    if not _is_to_send_first(offer, known):
        return Covered(COVERED)
    is_over = bool(offer.members) and all_healed(offer.members)
    return Drop(OVER) if offer.report.kind in ALERTS and is_over else SendFirst(known, BROKEN_OFF)


def _is_to_send_first(offer: Offer, known: Conversation) -> bool:
    """Whether an earlier call ended between opening the conversation and sending what opened it."""
    waits = known.starts_at is not None and known.starts_at > offer.now
    return not known.is_first_sent and not waits and is_opened_by(known, offer.message)


def _continued(offer: Offer, known: Conversation) -> Move:
    """People know of the incident."""
    kind = offer.report.kind
    if offer.is_ending:
        return _ended(offer, known)
    if kind is MessageKind.REMINDER:
        return _reminded(offer, known)
    if kind is MessageKind.ESCALATION:
        return Send(UNACKNOWLEDGED, known.place)
    if kind in ALERTS and (offer.waits or not is_same(known, offer.report)):
        return _group(offer)
    return _added(offer, known)


def _ended(offer: Offer, known: Conversation) -> Move:
    """The thread ends as it began; a channel without threads gets a quiet line."""
    if not offer.thread:
        return _line(offer)
    if not offer.is_alone:
        return Covered(COVERED, refresh=known)
    report = _newer(offer.report, known)
    if offer.terms.route.healed is Healed.NONE:
        return Rewrite(known, report, QUIET)
    return Reply(known, report, ENDED)


def _reminded(offer: Offer, known: Conversation) -> Move:
    """Every failure is counted; people are notified again only after the route's time."""
    after = offer.terms.route.remind_after
    is_due = after is not None and (known.sent_at is None or offer.now - known.sent_at >= after)
    if is_due and not offer.waits:
        return Send(REMINDER, known.place, replace(known, sent_at=offer.now))
    if offer.thread and offer.is_alone:
        return Rewrite(known, _newer(offer.report, known), COUNTED, DeliveryState.DROPPED)
    return Drop(COUNTED)


def _added(offer: Offer, known: Conversation) -> Move:
    """One job's news goes to its own conversation; where several share one, it would only be noise."""
    if not offer.is_alone:
        return Covered(COVERED)
    if offer.thread:
        report = _newer(offer.report, known)
        return Rewrite(known, report, QUIET) if offer.waits else Reply(known, report, CONTINUES)
    if offer.report.kind is MessageKind.PROGRESS:
        return Drop(NO_UPDATE)
    return Send(CONTINUES, after=replace(updated(known, offer.report), sent_at=offer.now))


def _line(offer: Offer) -> Move:
    """A few quiet lines a minute are sent as they come; the rest are sent together."""
    if offer.terms.route.healed is Healed.NONE:
        return Drop(UNWANTED)
    return _group(offer) if offer.waits or offer.lines > BURST else Send(ENDED)


def _group(offer: Offer) -> Group:
    return Group(key_of(offer.report, offer.terms.starts_at), counted=not offer.is_ending)


def _newer(report: Report, known: Conversation) -> Report:
    """An alert replaces the one before; anything else only says where that stands."""
    return report if report.kind in ALERTS else reports.with_status(known.message.report, report.stage, report.status)
