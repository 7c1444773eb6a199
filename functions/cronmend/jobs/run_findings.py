"""What a job's own past shows that a person should change. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from cronmend.model.findings import Finding, FindingKind
from cronmend.model.past_runs import PastRuns

KINDS: Final = frozenset({FindingKind.OVERLAPS, FindingKind.HEALS_OFTEN})
WEEKS: Final = 4
FEWEST: Final = 3
"""Runs that overlap once or twice may follow a single slow day."""
_MINUTE: Final = timedelta(minutes=1)
"""Starts are kept to the minute."""


def of_past(job: str, past: PastRuns, now: datetime) -> Iterator[Finding]:
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


def _overlaps(past: PastRuns) -> int:
    ended = [(each.at, each.at + timedelta(seconds=each.seconds or 0)) for each in past.runs]
    return sum(end > following + _MINUTE for (_, end), (following, _) in pairwise(ended))
