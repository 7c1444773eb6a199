"""Shrink a history: leave out optional events as long as a promise is still broken."""

from dataclasses import dataclass
from datetime import UTC, datetime

from simulation.checker import check
from simulation.history import History, Outcome
from simulation.sight import Entry, Violation

MOST = 400
"""Histories that are played to shrink one."""
_LEFT_OUT = frozenset({"at", "what", "text", "kept", "target", "state", "passes", "known"})


@dataclass(frozen=True, slots=True)
class Shrunk:
    outcome: Outcome
    violation: Violation


def shrunk(outcome: Outcome, violation: Violation, days: int) -> Shrunk:
    """A smaller history with a violation of the same kind; which one may differ."""
    best, dropped, left = Shrunk(outcome, violation), frozenset[str](), MOST
    size = max(1, len(outcome.happened) // 2)
    while size and left > 0:
        names, number = best.outcome.happened, 0
        while number < len(names) and left > 0:
            left -= 1
            wanted = dropped | frozenset(names[number : number + size])
            if smaller := _still(outcome.seed, days, wanted, violation):
                best, dropped = smaller, wanted
            number += size
        size //= 2
    return best


def _still(seed: int, days: int, dropped: frozenset[str], wanted: Violation) -> Shrunk | None:
    outcome = History(seed, days, dropped).run()
    same = (each for each in check(outcome.entries) if (each.invariant, each.kind) == (wanted.invariant, wanted.kind))
    violation = next(same, None)
    return Shrunk(outcome, violation) if violation else None


def walk(outcome: Outcome) -> list[str]:
    """What the world saw, one line for each entry."""
    return [f"{_clock(entry['at'])} {entry['what']}: {_facts(entry)}" for entry in outcome.entries]


def _clock(time: float) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%d %H:%M:%S}"


def _facts(entry: Entry) -> str:
    facts = {name: value for name, value in entry.items() if name not in _LEFT_OUT and value not in (None, "", [])}
    if entry["what"] == "schedule":
        facts["enabled"] = (entry["state"] or {}).get("enabled", "deleted")
    return ", ".join(f"{name} {value}" for name, value in facts.items())
