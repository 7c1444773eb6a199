"""Rules that never match, because those before them cover all that they do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby, product
from typing import Any

from cli.alerts.keys import CATEGORIES
from cronmend.model.categories import SEVERITIES

EVERY_JOB = ("*",)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a rule asks for, with nothing left open."""

    jobs: tuple[str, ...]
    cells: frozenset[tuple[str, str]]
    """Category and severity."""

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> "Condition":
        categories, severities = rule.get("categories", CATEGORIES), rule.get("severities", SEVERITIES)
        return cls(tuple(rule.get("jobs", EVERY_JOB)), frozenset(product(categories, severities)))


def covering(before: Sequence[Condition | None], rule: Condition) -> tuple[int, ...]:
    """The earlier rules that together leave nothing to this one; empty where it can still match.

    Each pattern is compared with each alone: several that only together hold all that another does are not seen.
    """
    used: set[int] = set()
    for job, cell in product(rule.jobs, sorted(rule.cells)):
        number = next((number for number, other in enumerate(before) if _holds(other, job, cell)), None)
        if number is None:
            return ()
        used.add(number)
    return tuple(sorted(used))


def _holds(rule: Condition | None, job: str, cell: tuple[str, str]) -> bool:
    return rule is not None and cell in rule.cells and any(wider(pattern, job) for pattern in rule.jobs)


def wider(pattern: str, other: str) -> bool:
    """Whether a pattern matches all that another does; never says so wrongly."""
    wide, narrow = _ordered(pattern), _ordered(other)

    @cache
    def holds(at: int, on: int) -> bool:
        if at == len(wide):
            return on == len(narrow)
        if wide[at] == "*":
            return holds(at + 1, on) or (on < len(narrow) and holds(at, on + 1))
        if on == len(narrow) or narrow[on] == "*":
            return False
        return (wide[at] == "?" or wide[at] == narrow[on]) and holds(at + 1, on + 1)

    return holds(0, 0)


def _ordered(pattern: str) -> str:
    """The same with one order in each run of * and ?, so that equal ones look alike."""
    runs = ("".join(run) for _, run in groupby(pattern, lambda sign: sign if sign not in "*?" else ""))
    return "".join("?" * run.count("?") + "*" if "*" in run else run for run in runs)
