"""A period's activity as a sentence, figures and tables, which every form of the report shows. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec import Struct

from cronmend.alerting.details import LABELS
from cronmend.alerting.headlines import name_of, short
from cronmend.board.activity import Activity, Tally
from cronmend.board.cases import Case
from cronmend.model.report import FactKey
from cronmend.wording import span, times

MOST: Final = 10
"""Rows of a table."""
_NAMED: Final = 3


class Figure(Struct, frozen=True):
    key: FactKey
    value: str
    note: str = ""

    @property
    def name(self) -> str:
        return LABELS[self.key]

    @property
    def in_words(self) -> str:
        return f"{self.value} ({self.note})" if self.note else self.value


class Table(Struct, frozen=True):
    title: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[str] = frozenset()
    """The columns that hold numbers, which are aligned at the right."""


def headline(activity: Activity) -> str:
    if not activity.runs:
        return "No run is counted in these days."
    healed = activity.count("healed")
    healing = f"Cronmend healed {_number(healed)}" if healed else "none had to be healed"
    good = _number(activity.runs - activity.count("failed") - activity.count("missed"))
    sent = times(activity.sent, "alert") if activity.sent else "no alert"
    alerts = f"{sent} {'were' if activity.sent > 1 else 'was'} sent"
    return (
        f"{good} of {_times(activity.runs, 'run')} of {times(activity.jobs, 'job')} succeeded: {healing}, and {alerts}."
    )


def days(activity: Activity) -> str:
    """Which days it is about."""
    first, last = activity.period.first, activity.period.last
    start = f"{first.day} {first:%b %Y}" if first.year != last.year else f"{first.day} {first:%b}"
    return f"{start} to {last.day} {last:%b %Y} ({times(activity.period.days, 'day')}, UTC)"


def figures(activity: Activity) -> Sequence[Figure]:
    missed, healed = activity.count("missed"), len(activity.healed)
    measured = [each for each in activity.cases if each.took is not None]
    return (
        Figure(FactKey.RUNS, _number(activity.runs), f"of {times(activity.jobs, 'job')}"),
        Figure(FactKey.FAILED, _number(activity.count("failed")), f"{_number(missed)} more missed" if missed else ""),
        Figure(FactKey.HEALED, _number(activity.count("healed")), _margin(activity)),
        Figure(
            FactKey.FALSE_HEALS,
            str(len(activity.false_heals)),
            f"of {times(healed, 'incident')}" if healed else "",
        ),
        Figure(FactKey.ALERTS_SENT, str(activity.sent), f"about {times(len(activity.cases), 'incident')}"),
        Figure(FactKey.ALERTS_SPARED, str(activity.spared + activity.joined), _spared(activity)),
        Figure(FactKey.RECOVERY, _span(activity.recovery) or "–", f"mean of {len(measured)}" if measured else ""),
    )


def tables(activity: Activity) -> Sequence[Table]:
    """Those that have a row."""
    found = (_categories(activity), _causes(activity), _healed(activity), _false(activity), _vain(activity))
    return [each for each in found if each.rows]


def left(case: Case) -> str:
    """12 min, 3 min late; ``""`` if it isn't known."""
    if case.left is None:
        return ""
    return span(case.left) if case.left >= timedelta() else f"{span(-case.left)} late"


def day(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %H:%M}"


def _margin(activity: Activity) -> str:
    if activity.left is None:
        return ""
    return f"typically {span(abs(activity.left))} {'before' if activity.left >= timedelta() else 'after'} the next slot"


def _spared(activity: Activity) -> str:
    kinds = ((activity.spared, "healed or recovered first"), (activity.joined, "joined another"))
    return ", ".join(f"{count} {what}" for count, what in kinds if count)


def _categories(activity: Activity) -> Table:
    rows = [
        (each.first.incident.category.value, *_counts(len(each.cases), each.runs, each.missed, each.healed, each.sent))
        for each in activity.categories
    ]
    return _table(
        "Failures by category",
        "Failed runs include those of re-runs.",
        ("Category",),
        ("Incidents", "Failed runs", "Missed", "Healed", "Alerts"),
        rows,
    )


def _causes(activity: Activity) -> Table:
    found = activity.causes
    rows = [(*_of_cause(each), *_counts(len(each.cases), each.runs, each.sent)) for each in found[:MOST]]
    note = f"{MOST} of {len(found)}, by alerts, then by failed runs." if len(found) > MOST else ""
    return _table("Noisiest causes", note, ("Cause", "Jobs"), ("Incidents", "Failed runs", "Alerts"), rows)


def _of_cause(tally: Tally) -> tuple[str, str]:
    return tally.first.cause_in_words, short(tally.jobs, _NAMED)


def _healed(activity: Activity) -> Table:
    found = activity.healed
    rows = [
        (name_of(each.incident.job), day(each.incident.began_at), _span(each.took), left(each)) for each in found[:MOST]
    ]
    note = "The least time left first."
    if len(found) > MOST:
        note = f"{MOST} of {len(found)}, those with the least time left."
    return _table("Healed", note, ("Job", "Failed"), ("Took", "Before next slot"), rows)


def _false(activity: Activity) -> Table:
    rows = [
        (name_of(each.incident.job), day(each.incident.ended_at), day(each.failed_again), each.cause_in_words)
        for each in activity.false_heals[:MOST]
        if each.incident.ended_at and each.failed_again
    ]
    note = "A re-run succeeded, and the next slot's run failed with the same cause."
    return _table("False heals", note, ("Job", "Healed", "Failed again", "Cause"), (), rows)


def _vain(activity: Activity) -> Table:
    rows = [
        (each.first.incident.diagnosis.rule, each.first.incident.category.value, *_counts(len(each.cases), each.reruns))
        for each in activity.vain_rules[:MOST]
    ]
    note = "Cronmend ran jobs again after these, and no re-run succeeded."
    return _table("Rules that never healed anything", note, ("Rule", "Category"), ("Incidents", "Re-runs"), rows)


def _table(title: str, note: str, words: Sequence[str], numbers: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    return Table(title, note, (*words, *numbers), rows, frozenset(numbers))


def _counts(*counts: int) -> Iterator[str]:
    return map(_number, counts)


def _times(number: int, what: str) -> str:
    return times(number, what).replace(str(number), _number(number), 1)


def _number(number: int) -> str:
    return f"{number:,}"


def _span(length: timedelta | None) -> str:
    return span(length) if length is not None else ""
