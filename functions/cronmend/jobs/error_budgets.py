"""How much of what a job's SLO allows its runs have used: by failures, by healing and by misses. Pure."""

from datetime import datetime
from typing import Final

from msgspec import Struct

from cronmend.model.past_runs import DayCount, PastRuns
from cronmend.model.slos import Slo

RECENT: Final = 2
"""Days, today's included: the pace of a budget is that of today and yesterday."""
KNOWN: Final = 7
"""Days for which runs have to be counted before people are told: an earlier estimate says too little."""
FEWEST: Final = 2
"""Bad runs before people are told of a budget: one run has its own alert."""
FAST: Final = 0.25
"""The share of a budget that is much for today and yesterday."""


class ErrorBudget(Struct, frozen=True):
    """The runs of a job in the days of its SLO. A run that healed was late, so it uses the budget, too."""

    slo: Slo
    expected: float
    """Runs in all the days of the SLO, at the rate of those that are counted."""
    covered: int
    """For how many days runs are counted."""
    failed: int = 0
    healed: int = 0
    missed: int = 0
    recent: int = 0
    """How many of these were bad today or yesterday."""

    @property
    def bad(self) -> int:
        return self.failed + self.healed + self.missed

    @property
    def allowed(self) -> float:
        """How many runs may be bad."""
        return self.expected * (100 - self.slo.percent) / 100

    @property
    def used(self) -> float:
        """The share of the budget that is used; 1 for all of it, and more if it is overspent."""
        return self.share(self.bad)

    @property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """What used the budget: failed, healed and missed runs."""
        return (("failed", self.failed), ("healed", self.healed), ("missed", self.missed))

    @property
    def in_words(self) -> str:
        """The bad runs, each kind apart; ``""`` if there is none."""
        return ", ".join(f"{count} {word}" for word, count in self.parts if count)

    @property
    def is_used(self) -> bool:
        return self._tells and self.used >= 1

    @property
    def is_burning(self) -> bool:
        """Whether much of the budget was used today and yesterday, and some is left."""
        return self._tells and self.used < 1 and self.recent >= FEWEST and self.share(self.recent) >= FAST

    @property
    def _tells(self) -> bool:
        return self.bad >= FEWEST and self.covered >= min(KNOWN, self.slo.days)

    def share(self, runs: int) -> float:
        """The share of the budget that this many bad runs use."""
        return runs / self.allowed


def of_past(past: PastRuns, slo: Slo, now: datetime) -> ErrorBudget | None:
    """None if no run is counted."""
    counts = past.counts(now, slo.days)
    runs = sum(each.succeeded + each.failed + each.missed for each in counts)
    if not runs:
        return None
    covered = max(1, *(each.days_before(now) + 1 for each in counts))  # a run may have begun after "now", at midnight
    return ErrorBudget(
        slo=slo,
        expected=runs * slo.days / covered,
        covered=covered,
        failed=sum(each.failed for each in counts),
        healed=sum(each.healed for each in counts),
        missed=sum(each.missed for each in counts),
        recent=sum(_bad(each) for each in counts if each.days_before(now) < RECENT),
    )


def percent(share: float) -> str:
    """Of a budget. Never 0 % of one that is used, and never 100 % of one of which something is left."""
    if 0 < share < 1:
        share = min(0.99, max(0.01, share))
    return f"{share:.0%}".replace("%", " %")


def _bad(count: DayCount) -> int:
    return count.failed + count.healed + count.missed
