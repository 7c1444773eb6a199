"""The incidents of a period, each with its alerts, the time that healing left, and whether it healed in truth. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from copy import replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Final

from msgspec import Struct

from cronmend.alerting import causes
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.alerting.fingerprint import fingerprint
from cronmend.alerting.routes import EVENTS
from cronmend.board.period import Past, Sent
from cronmend.jobs.slots import next_slot, slot_of
from cronmend.model import Category
from cronmend.model.incident import Incident, IncidentState
from cronmend.model.report import ALERTS
from cronmend.model.timetables import Timetable

_DAY: Final = timedelta(days=1)


class Case(Struct, frozen=True, dict=True):
    """An incident, and what followed from it."""

    incident: Incident
    sent: int
    """Alerts that a channel sent to people."""
    joined: int
    """Alerts that people weren't sent on their own: they joined an earlier message about the same cause."""
    left: timedelta | None
    """From its end to the slot after the one that failed, below zero if that was earlier; None if it isn't known."""
    failed_again: datetime | None
    """When the next slot's run failed with the same cause, although a re-run had succeeded; None if it didn't."""

    @property
    def is_healed(self) -> bool:
        return self.incident.state is IncidentState.HEALED

    @property
    def took(self) -> timedelta | None:
        """From the first failure to the end; None if it is open, or if its end isn't known."""
        return self.incident.ended_at - self.incident.began_at if self.incident.ended_at else None

    @property
    def is_spared(self) -> bool:
        """Whether it was over before anyone was alerted."""
        return not (self.incident.is_open or self.sent or self.joined)

    @cached_property
    def cause(self) -> str:
        """Equal for failures with one cause, whatever the code that ran. A deploy breaks each job differently."""
        diagnosis, category = self.incident.diagnosis, self.incident.category
        if category is Category.DEPLOY_RACE:
            return category.value
        return f"{category.value}/{diagnosis.rule}/{fingerprint(diagnosis.line)}"

    @property
    def cause_in_words(self) -> str:
        if self.incident.category is Category.DEPLOY_RACE:
            return self.incident.category.traits.cause
        return causes.of(self.incident)[0]


def cases(past: Past) -> Iterator[Case]:
    timetables = {each.job: each for each in past.facts.timetables}
    by_job: dict[str, list[Incident]] = defaultdict(list)
    for each in sorted(past.incidents, key=lambda each: each.began_at):
        by_job[each.job].append(each)
    for job, incidents in by_job.items():
        found = [_case(each, past.messages.get(each.id, ()), timetables.get(job)) for each in incidents]
        again = [*(_failed_again(*pair, timetables.get(job)) for pair in pairwise(found)), None]
        for case, at in zip(found, again, strict=True):
            if case.incident.began_at in past.period:
                yield replace(case, failed_again=at)


def _case(incident: Incident, messages: Sent, timetable: Timetable | None) -> Case:
    states = [_seen(deliveries) for message, deliveries in messages if message.report.kind in ALERTS]
    sent = sum(DeliveryState.SENT in each for each in states)
    joined = sum(DeliveryState.JOINED in each and DeliveryState.SENT not in each for each in states)
    return Case(incident, sent, joined, _left(incident, timetable), None)


def _seen(deliveries: Mapping[str, Delivery]) -> frozenset[DeliveryState]:
    """The states in the channels that people read. EventBridge gets every message, and only counts alone."""
    read = {name: each for name, each in deliveries.items() if name != EVENTS} or deliveries
    return frozenset(each.state for each in read.values())


def _left(incident: Incident, timetable: Timetable | None) -> timedelta | None:
    if incident.ended_at is None or timetable is None:
        return None
    following = next_slot(timetable.live, slot_of(incident), timetable.seen)
    return following - incident.ended_at if following else None


def _failed_again(healed: Case, later: Case, timetable: Timetable | None) -> datetime | None:
    """Until the second slot, only the first one's run can have failed; without slots, a day is given."""
    ended, began = healed.incident.ended_at, later.incident.began_at
    if not healed.is_healed or ended is None or later.cause != healed.cause:
        return None
    return began if began < _second_slot(ended, timetable) else None


def _second_slot(at: datetime, timetable: Timetable | None) -> datetime:
    first = next_slot(timetable.live, at, timetable.seen) if timetable else None
    second = next_slot(timetable.live, first, timetable.seen) if timetable and first else None
    return second or at + _DAY
