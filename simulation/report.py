"""Play many histories, one after another or in several processes, and report the results."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from typing import Any

from simulation.checker import check
from simulation.figures import figures
from simulation.history import History, Outcome
from simulation.seam import Points
from simulation.shrink import shrunk, walk
from simulation.sight import Violation

SHOWN = 3
"""Violations of one kind that are shrunk and shown; the others are counted."""
EXPLAINED = ("missed_heals", "false_heals")
"""The counts whose reasons are counted, too."""
_EACH = 20
"""How many histories a process plays per task."""


@dataclass(frozen=True, slots=True)
class Played:
    seeds: tuple[int, ...]
    events: int
    counts: Counter[str]
    violations: tuple[tuple[int, Violation], ...]
    points: Points


@dataclass
class Report:
    histories: int = 0
    events: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    points: Points = field(default_factory=Points)
    violations: list[tuple[int, Violation]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, played: Played) -> None:
        self.histories += len(played.seeds)
        self.events += played.events
        self.counts += played.counts
        self.violations += played.violations
        self.points.seen |= played.points.seen
        self.points.hit |= played.points.hit

    def kinds(self) -> Counter[tuple[int, str]]:
        """In how many histories each kind of violation was found."""
        found = {(seed, each.invariant, each.kind) for seed, each in self.violations}
        return Counter((invariant, kind) for _, invariant, kind in found)

    def as_json(self, days: int) -> dict[str, Any]:
        return {
            "histories": self.histories,
            "events": self.events,
            "kill_points_hit": len(self.points.hit),
            "kill_points_total": len(self.points.seen),
            "kill_points_missed": self.points.missed(),
            "violations": [
                {
                    "invariant": each.invariant,
                    "kind": each.kind,
                    "seed": seed,
                    "job": each.job,
                    "text": each.text,
                    "history": walk(outcome),
                }
                for seed, each, outcome in self.walks(days)
            ],
            **{name: self.counts[name] for name in ("healed", "alerted", "false_heals", "missed_heals", "messages")},
            **{f"{name}_by": self.reasons(name) for name in EXPLAINED},
            "seconds": round(self.seconds, 1),
        }

    def reasons(self, name: str) -> dict[str, int]:
        """How often each reason applied, the most frequent first."""
        prefix = f"{name}: "
        return {key.removeprefix(prefix): count for key, count in self.counts.most_common() if key.startswith(prefix)}

    def walks(self, days: int) -> Iterator[tuple[int, Violation, Outcome]]:
        """Each example's seed, with the smallest history that has such a violation."""
        for seed, each in self.examples():
            smaller = shrunk(History(seed, days).run(), each, days)
            yield seed, smaller.violation, smaller.outcome

    def examples(self) -> Iterator[tuple[int, Violation]]:
        """The first few of each kind, the lowest seeds first."""
        shown: Counter[tuple[int, str]] = Counter()
        last: dict[tuple[int, str], int] = {}
        for seed, each in sorted(self.violations, key=lambda one: (one[0], one[1].at)):
            kind = each.invariant, each.kind
            if last.get(kind) != seed and shown[kind] < SHOWN:
                last[kind] = seed
                shown[kind] += 1
                yield seed, each


def play(seeds: tuple[int, ...], days: int) -> Played:
    events, counts, points = 0, Counter[str](), Points()
    violations: list[tuple[int, Violation]] = []
    for seed in seeds:
        outcome = History(seed, days, points=points).run()
        events += outcome.events
        counts += figures(outcome.entries)
        violations += [(seed, each) for each in check(outcome.entries)]
    return Played(seeds, events, counts, tuple(violations), points)


def simulate(
    seed: int, histories: int, days: int = 1, workers: int = 1, tick: Callable[[int], None] = lambda done: None
) -> Report:
    """The histories of ``histories`` seeds from ``seed`` on; ``tick`` is called with the number played so far."""
    began, report = time.monotonic(), Report()
    batches = [
        tuple(range(first, min(first + _EACH, seed + histories))) for first in range(seed, seed + histories, _EACH)
    ]
    for played in _played(batches, days, workers):
        report.add(played)
        tick(report.histories)
    report.seconds = time.monotonic() - began
    return report


def _played(batches: Iterable[tuple[int, ...]], days: int, workers: int) -> Iterator[Played]:
    one = partial(play, days=days)
    if workers == 1:
        yield from map(one, batches)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(one, batches)
