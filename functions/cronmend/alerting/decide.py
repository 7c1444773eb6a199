"""Decide how to deliver a message to one channel: a move with its reason, for the use case to carry out. Pure.

The decision depends on facts: what people in the channel know about the incident, and whether it is over by the job's
state. A message that belongs in its cause's conversation needs a second decision, ``decide_in_group``. Its input is
read, and counted, only then.
"""

from copy import replace

from cronmend.alerting import reports
from cronmend.alerting.conversations import (
    BURST,
    Conversation,
    DeliveryState,
    has_started_with,
    is_of_endings,
    is_opened_by,
    is_same,
    key_of,
    overflow_group,
    updated,
)
from cronmend.alerting.members import Form, all_healed
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
)
from cronmend.alerting.routes import Healed
from cronmend.model.report import ALERTS, MessageKind, Report

COVERED = "the conversation shows it"
OVER = "the incident was over before an alert was sent"
BEGUN = "the conversation started with it"
BROKEN_AGAIN = "its job has failed again, and people know it"
BROKEN_OFF = "the conversation's first message was never sent"
CONTINUES = "it continues a conversation"
COUNTED = "it is counted; a reminder follows later"
EACH = "the channel is sent every message"
ENDED = "its incident is over"
FIRST = "it is the first of its cause"
NEWER = "the conversation starts with it, once it is sent"
NO_UPDATE = "a message of this channel can't be updated"
PAST = "the channel was already sent the incident's end"
QUIET = "the conversation's message shows it without notifying anyone"
REMINDER = "a reminder is due"
STANDS_ALONE = "it belongs to no conversation"
UNACKNOWLEDGED = "no one has acknowledged the alert"
UNKNOWN = "no alert about the incident was sent to this channel"
UNWANTED = "the route sends no messages about healed jobs"


def needs_no_conversation(offer: Offer) -> Drop | Send | None:
    """The decision, if it doesn't depend on what people have seen; else None."""
    if not offer.groups:
        return Drop(PAST) if offer.is_closed and not offer.is_ending else Send(EACH)
    route = offer.terms.route
    if not route.sends(offer.report.severity):
        return Drop(f"the route sends nothing less severe than {route.least}")
    if offer.report.kind is MessageKind.REMINDER and offer.terms.acknowledged_by:
        return Drop(f"acknowledged by {offer.terms.acknowledged_by}")
    return None


def is_quiet_line(offer: Offer) -> bool:
    """Whether it is the end of an incident as a message of its own. Only :data:`BURST` of these are sent per minute."""
    wanted = not offer.waits and offer.terms.route.healed is not Healed.NONE
    return offer.is_ending and wanted and _is_line(offer, offer.conversation)


def decide(offer: Offer) -> Move:
    """The move for the message. If its incident has ended, the conversation already records that."""
    if early := needs_no_conversation(offer):
        return early
    known = offer.conversation
    if known is not None and has_started_with(known, offer.message):
        return Covered(BEGUN, DeliveryState.SENT, refresh=known, opened=True)
    if offer.terms.is_over:
        return SendFirst(known, BROKEN_OFF) if known and _may_be_sent(offer, known) else Drop(OVER)
    if offer.is_ending:
        return _ended(offer, known)
    if known is None:
        return _of_unknown(offer)
    return _continued(offer, known) if known.is_first_sent else _unsent(offer, known)


def decide_in_group(offer: Offer, group: Group, current: Conversation | None, opened: int) -> GroupMove:
    """Open the group's conversation, or join the ``current`` one.

    Failures with too many causes share one conversation. ``opened`` is how many the channel has opened in this minute,
    including this one; 0 if it doesn't count.
    """
    if current is None and group.counted and opened > BURST:
        return Group(overflow_group(offer.terms.starts_at))
    if current is None:
        return opening(offer, group.key)
    if _is_to_send_first(offer, current):
        return SendFirst(current, BROKEN_OFF)
    return Join(current, COVERED)


def opening(offer: Offer, key: str) -> Open:
    """The move that opens a conversation with this key."""
    starts_at = offer.terms.starts_at
    conversation = Conversation(offer.channel, key, offer.now, offer.message, starts_at=starts_at)
    if starts_at:
        return Open(conversation, f"it waits until {starts_at:%Y-%m-%d %H:%M} UTC", DeliveryState.JOINED)
    return Open(conversation, FIRST)


def _of_unknown(offer: Offer) -> Move:
    """The channel was sent no alert about the incident. A reminder is then sent as the whole alert."""
    kind, whole = offer.report.kind, offer.terms.whole
    if kind is MessageKind.REMINDER and whole:
        return Group(key_of(whole, offer.terms.starts_at), counted=True, report=whole)
    if kind in {MessageKind.PROGRESS, MessageKind.REMINDER}:
        return Drop(UNKNOWN)
    return _group(offer) if offer.report.cause else Send(STANDS_ALONE)


def _unsent(offer: Offer, known: Conversation) -> Move:
    """No message of the conversation was sent: its time hasn't come, or the channel failed."""
    alert, same = offer.report.kind in ALERTS, is_same(known, offer.report)
    if alert and not same:
        return _group(offer)
    is_newer = offer.is_alone and (alert or offer.report.kind is MessageKind.ESCALATION)
    newer = updated(known, offer.report) if is_newer else known
    if not known.is_open:
        return Drop(UNKNOWN) if offer.report.kind is MessageKind.PROGRESS else SendFirst(newer, BROKEN_OFF)
    if _is_to_send_first(offer, known):
        is_over = alert and offer.members and all_healed(offer.members) and not known.sending_until
        return Drop(OVER) if is_over else SendFirst(known, BROKEN_OFF)
    return Covered(COVERED) if newer == known else Revise(newer, NEWER)


def _is_to_send_first(offer: Offer, known: Conversation) -> bool:
    """Whether an earlier call opened the conversation and was cut off before it sent the message."""
    waits = known.starts_at is not None and known.starts_at > offer.now
    return not known.is_first_sent and not waits and is_opened_by(known, offer.message)


def _may_be_sent(offer: Offer, known: Conversation) -> bool:
    """Whether a call was cut off while it sent the message: people may see a failure, so its end is sent too."""
    return known.sending_until is not None and is_opened_by(known, offer.message)


def _continued(offer: Offer, known: Conversation) -> Move:
    """People know about the incident, or will once the conversation is flushed."""
    kind = offer.report.kind
    if kind is MessageKind.REMINDER:
        return _reminded(offer, known)
    if kind is MessageKind.ESCALATION:
        return Send(UNACKNOWLEDGED, known.place)
    if kind in ALERTS and (offer.waits or not is_same(known, offer.report)):
        return _group(offer)
    return _added(offer, known)


def _ended(offer: Offer, known: Conversation | None) -> Move:
    """The end of an incident is sent only where its failure was: in its thread, or as a quiet line if there are no
    threads."""
    if _is_line(offer, known):
        return _line(offer)
    if known is None:
        return Drop(UNKNOWN)
    if not _is_seen_failing(offer):
        return Covered(COVERED if known.is_first_sent else OVER)
    if not offer.is_alone or not offer.thread:
        return Covered(COVERED, refresh=known)
    report = _newer(offer.report, known)
    quiet = QUIET if offer.terms.route.healed is Healed.NONE else ""
    if reason := BROKEN_AGAIN if offer.terms.is_broken_again else quiet:
        return Rewrite(known, report, reason)
    return Reply(known, report, ENDED)


def _is_line(offer: Offer, known: Conversation | None) -> bool:
    """Whether the end is sent as a message of its own. So is that of a failure that was healed before an alert was
    sent."""
    if known is None:
        return offer.report.kind is MessageKind.HEALED
    return _is_seen_failing(offer) and not offer.thread and not is_of_endings(known)


def _is_seen_failing(offer: Offer) -> bool:
    seen = offer.conversation is not None and offer.conversation.is_first_sent
    return seen and offer.member is not None and offer.member.fact.form is Form.FAILED


def _reminded(offer: Offer, known: Conversation) -> Move:
    """Every failure is counted, but people are notified again only after the route's ``remind_after``."""
    after = offer.terms.route.remind_after
    is_due = after is not None and (known.sent_at is None or offer.now - known.sent_at >= after)
    if is_due and not offer.waits:
        return Send(REMINDER, known.place, replace(known, sent_at=offer.now))
    if offer.thread and offer.is_alone:
        return Rewrite(known, _newer(offer.report, known), COUNTED, DeliveryState.DROPPED)
    return Drop(COUNTED)


def _added(offer: Offer, known: Conversation) -> Move:
    """News about a job is shown only if its conversation is about that job alone; in a group it would be noise."""
    if not offer.is_alone:
        return Covered(COVERED)
    if offer.thread:
        report = _newer(offer.report, known)
        return Rewrite(known, report, QUIET) if offer.waits else Reply(known, report, CONTINUES)
    if offer.report.kind is MessageKind.PROGRESS:
        return Drop(NO_UPDATE)
    return Send(CONTINUES, after=replace(updated(known, offer.report), sent_at=offer.now))


def _line(offer: Offer) -> Move:
    """One quiet line for this job, or for several jobs together."""
    if offer.terms.is_broken_again:
        return Drop(BROKEN_AGAIN)
    if offer.terms.route.healed is Healed.NONE:
        return Drop(UNWANTED)
    return _group(offer) if offer.waits or offer.lines > BURST else Send(ENDED)


def _group(offer: Offer) -> Group:
    return Group(key_of(offer.report, offer.terms.starts_at), counted=not offer.is_ending)


def _newer(report: Report, known: Conversation) -> Report:
    """An alert replaces the one shown before; any other report only changes its status."""
    return report if report.kind in ALERTS else reports.with_status(known.message.report, report.stage, report.status)
