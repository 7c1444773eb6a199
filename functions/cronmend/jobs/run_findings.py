"""What a job's own past shows that a person should change. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from cronmend.jobs import error_budgets
from cronmend.jobs.error_budgets import ErrorBudget, percent
from cronmend.model.findings import Finding, FindingKind
from cronmend.model.past_runs import PastRuns, RunResult
from cronmend.model.slos import Slo

KINDS: Final = frozenset({FindingKind.OVERLAPS, FindingKind.HEALS_OFTEN, FindingKind.BURNS_BUDGET})
WEEKS: Final = 4
FEWEST: Final = 3
"""Runs that overlap once or twice may follow a single slow day."""
_MINUTE: Final = timedelta(minutes=1)
"""Starts are kept to the minute."""


def of_past(job: str, past: PastRuns, slo: Slo | None, now: datetime) -> Iterator[Finding]:
    if slo and (budget := error_budgets.of_past(past, slo, now)):
        yield from _of_budget(job, budget)
    if _overlaps(past) >= FEWEST:
        yield Finding(
            job,
            FindingKind.OVERLAPS,
            f"At least {FEWEST} of its latest runs started while the one before was still running.",
            "Start the job less often, make it faster, or have it exit at once while another run holds its lock. "
            "Cronmend doesn't re-run it while a run is active.",
        )
    healed = {each.days_before(now) // 7 for each in past.counts(now) if each.healed}
    if healed >= set(range(WEEKS)):
        yield Finding(
            job,
            FindingKind.HEALS_OFTEN,
            f"A re-run had to heal it in each of the last {WEEKS} weeks. A fault remains that its re-runs hide.",
            f"Compare the failed runs: `cronmend history {job}` lists them. Then fix the cause that they share.",
        )


def _of_budget(job: str, budget: ErrorBudget) -> Iterator[Finding]:
    bad = f"{budget.in_words} of about {budget.expected:.0f} runs, and {budget.slo} allows {budget.allowed:.1f}"
    remedy = (
        f"`cronmend history {job}` lists its runs: mend the cause that returns most often. If the job needn't be this "
        "reliable, give it a lower `slo` in jobs.toml."
    )
    if budget.is_used:
        yield Finding(job, FindingKind.BURNS_BUDGET, f"Its error budget is used: {bad}.", remedy, about="used")
    if budget.is_burning:
        since = f"It used {percent(budget.share(budget.recent))} of its error budget since yesterday: {bad}."
        yield Finding(job, FindingKind.BURNS_BUDGET, since, remedy, about="fast")


def _overlaps(past: PastRuns) -> int:
    """A slot that was missed while a run was active is none: nothing started."""
    started = (each for each in past.runs if each.result is not RunResult.MISSED)
    ended = [(each.at, each.at + timedelta(seconds=each.seconds or 0)) for each in started]
    return sum(end > following + _MINUTE for (_, end), (following, _) in pairwise(ended))
