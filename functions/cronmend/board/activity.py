"""What the jobs and Cronmend did in some days: runs, failures, healing and alerts, from the ledger's facts. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from statistics import fmean, median

from msgspec import Struct

from cronmend.board.cases import Case, cases
from cronmend.board.period import Past, Period
from cronmend.model.incident import IncidentState
from cronmend.model.past_runs import DayCount


class Tally(Struct, frozen=True):
    """Incidents that have something in common: their category, their cause or the rule that decided."""

    cases: tuple[Case, ...]

    @property
    def first(self) -> Case:
        return self.cases[0]

    @property
    def jobs(self) -> Sequence[str]:
        return sorted({each.incident.job for each in self.cases})

    @property
    def runs(self) -> int:
        """Failed runs, those of re-runs included."""
        return sum(each.incident.runs for each in self.cases)

    @property
    def missed(self) -> int:
        return sum(each.incident.missed for each in self.cases)

    @property
    def reruns(self) -> int:
        return sum(each.incident.reruns for each in self.cases)

    @property
    def healed(self) -> int:
        return sum(each.is_healed for each in self.cases)

    @property
    def sent(self) -> int:
        return sum(each.sent for each in self.cases)


class Activity(Struct, frozen=True):
    now: datetime
    place: str
    period: Period
    jobs: int
    """Those that ran, or should have."""
    counts: Sequence[DayCount]
    """Of each job and day. A run and its re-runs count once."""
    cases: Sequence[Case]
    """The incidents that began in the period, oldest first."""

    def count(self, name: str) -> int:
        """``succeeded``, ``failed``, ``missed`` or ``healed``; healed runs succeeded, too."""
        return sum(getattr(each, name) for each in self.counts)

    @property
    def runs(self) -> int:
        """Slots that had a run or should have had one."""
        return sum(self.count(name) for name in ("succeeded", "failed", "missed"))

    @property
    def healed(self) -> Sequence[Case]:
        """The tightest first: what had the least time left before the next slot."""
        found = [each for each in self.cases if each.is_healed]
        return sorted(found, key=lambda each: (each.left is None, each.left or timedelta()))

    @property
    def left(self) -> timedelta | None:
        """The median of what healed jobs had left before their next slot."""
        return _typical(median, (each.left for each in self.healed))

    @property
    def recovery(self) -> timedelta | None:
        """The mean time from an incident's first failure to its end."""
        return _typical(fmean, (each.took for each in self.cases))

    @property
    def false_heals(self) -> Sequence[Case]:
        return [each for each in self.cases if each.failed_again]

    @property
    def sent(self) -> int:
        return sum(each.sent for each in self.cases)

    @property
    def spared(self) -> int:
        return sum(each.is_spared for each in self.cases)

    @property
    def joined(self) -> int:
        return sum(each.joined for each in self.cases)

    @property
    def categories(self) -> Sequence[Tally]:
        return _by(self.cases, lambda each: each.incident.category.value)

    @property
    def causes(self) -> Sequence[Tally]:
        """The noisiest first: by alerts, then by failed and missed runs."""
        found = _by(self.cases, lambda each: each.cause)
        return sorted(found, key=lambda each: (-each.sent, -each.runs - each.missed))

    @property
    def vain_rules(self) -> Sequence[Tally]:
        """The rules after which Cronmend ran jobs again and no re-run healed any."""
        done = [each for each in self.cases if each.incident.state is not IncidentState.HEALING]
        vain = [
            each for each in _by(done, lambda each: each.incident.diagnosis.rule) if each.reruns and not each.healed
        ]
        return sorted(vain, key=lambda each: -each.reruns)


def of(past: Past) -> Activity:
    period, states = past.period, past.facts.states
    counted = [state.past.between(period.first, period.last) for state in states.values()]
    return Activity(
        now=past.facts.now,
        place=past.facts.place,
        period=period,
        jobs=sum(any(each.succeeded or each.failed or each.missed for each in days) for days in counted),
        counts=[each for days in counted for each in days],
        cases=sorted(cases(past), key=lambda each: each.incident.began_at),
    )


def _by(some: Iterable[Case], key: Callable[[Case], str]) -> Sequence[Tally]:
    """Those with the most incidents first."""
    found: dict[str, list[Case]] = defaultdict(list)
    for each in some:
        found[key(each)].append(each)
    return sorted((Tally(tuple(each)) for each in found.values()), key=lambda each: -len(each.cases))


def _typical(mean: Callable[[Iterable[float]], float], lengths: Iterable[timedelta | None]) -> timedelta | None:
    seconds = [each.total_seconds() for each in lengths if each is not None]
    return timedelta(seconds=mean(seconds)) if seconds else None
