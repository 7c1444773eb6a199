"""Audit a real ledger: how every failed run ended, and whether every re-run was allowed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simulation.checker import check, due_by, known_since
from simulation.figures import figures
from simulation.sight import Entry, Run, Sight, Violation

OUTCOMES = ("success", "healed", "sent", "silent", "pending", "broken")


@dataclass(frozen=True, slots=True)
class Audit:
    outcomes: Counter[str]
    reruns: int
    figures: Counter[str]
    violations: Sequence[Violation]

    def as_json(self) -> dict[str, Any]:
        return {
            "runs": {name: self.outcomes[name] for name in OUTCOMES},
            "reruns": self.reruns,
            "heal_rate": self.heal_rate,
            "false_heals": self.figures["false_heals"],
            "violations": [
                {"invariant": each.invariant, "kind": each.kind, "job": each.job, "at": each.at, "text": each.text}
                for each in self.violations
            ],
        }

    @property
    def heal_rate(self) -> float | None:
        """The share of failed runs that a re-run healed; None if no run failed."""
        failed = sum(self.outcomes[name] for name in ("healed", "sent", "pending", "broken"))
        return round(self.figures["healed"] / failed, 3) if failed else None


def audit(entries: Sequence[Entry]) -> Audit:
    sight = Sight(entries)
    outcomes = Counter(outcome_of(sight, run) for run in sight.runs.values() if run.stopped is not None)
    return Audit(outcomes, len(list(sight.reruns())), figures(entries), check(entries))


def outcome_of(sight: Sight, run: Run) -> str:
    """Exactly one. If people were notified before a later success, the run counts as sent."""
    if run.succeeded or run.cause == "cancelled":
        return "success" if run.succeeded else "silent"
    due, end = due_by(sight, run), float(sight.entries[-1]["at"])
    if sight.notified(run.job, known_since(sight, run), end) is not None:
        return "sent"
    if any(each.succeeded and each.created > run.created for each in sight.of_job[run.job]):
        return "healed"
    return "pending" if end < due else "broken"
