"""Find rules that never match, because earlier rules match everything they do."""

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
    """A rule's conditions, with every value that it leaves out filled in."""

    jobs: tuple[str, ...]
    cells: frozenset[tuple[str, str]]
    """Category and severity."""

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> "Condition":
        categories, severities = rule.get("categories", CATEGORIES), rule.get("severities", SEVERITIES)
        return cls(tuple(rule.get("jobs", EVERY_JOB)), frozenset(product(categories, severities)))


def covering(before: Sequence[Condition | None], rule: Condition) -> tuple[int, ...]:
    """The earlier rules that together match everything this one does; ``()`` if it can still match.

    Patterns are compared one by one: several that match everything only together aren't found.
    """
    used: set[int] = set()
    for job, cell in product(rule.jobs, sorted(rule.cells)):
        number = next((number for number, other in enumerate(before) if _matches(other, job, cell)), None)
        if number is None:
            return ()
        used.add(number)
    return tuple(sorted(used))


def _matches(rule: Condition | None, job: str, cell: tuple[str, str]) -> bool:
    return rule is not None and cell in rule.cells and any(wider(pattern, job) for pattern in rule.jobs)


def wider(pattern: str, other: str) -> bool:
    """Whether a pattern matches everything that another does. May return False if it does, never True if it doesn't."""
    wide, narrow = _ordered(pattern), _ordered(other)

    @cache
    def matches(at: int, on: int) -> bool:
        if at == len(wide):
            return on == len(narrow)
        if wide[at] == "*":
            return matches(at + 1, on) or (on < len(narrow) and matches(at, on + 1))
        if on == len(narrow) or narrow[on] == "*":
            return False
        return (wide[at] == "?" or wide[at] == narrow[on]) and matches(at + 1, on + 1)

    return matches(0, 0)


def _ordered(pattern: str) -> str:
    """The pattern with its * and ? in one order, so that equal patterns have equal text."""
    runs = ("".join(run) for _, run in groupby(pattern, lambda sign: sign if sign not in "*?" else ""))
    return "".join("?" * run.count("?") + "*" if "*" in run else run for run in runs)
