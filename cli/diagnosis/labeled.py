"""Labeled samples: a sample with the answers that would be right in ``expect``, compared with the diagnosis."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final

from cli.console import reason_of
from cli.diagnosis.samples import BadSample, diagnosed, sample_of
from cronmend.diagnosis.rule_files import shipped
from cronmend.diagnosis.ruleset import Rules, Weight
from cronmend.errors import UNREADABLE
from cronmend.model import Category

DEFAULTS: Final = ("error.unknown_to_rules", "nothing_decisive", "exit.killed")
"""What decides if no rule matches."""


class Label(StrEnum):
    """The actions of a label."""

    RERUN = "rerun"
    ALERT = "alert"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """One answer, with all answers that would be right."""

    id: str
    right: tuple[tuple[str, str], ...]
    """Pairs of category and action: the label first, then other right answers."""
    contested: bool
    category: str
    action: str
    rule: str
    line: str
    only_tries: bool = False
    """The re-run only shows whether a deploy explains the failure; if it fails too, the held alert is sent."""

    @property
    def category_right(self) -> bool:
        return any(category == self.category for category, _ in self.right)

    @property
    def action_right(self) -> bool:
        """A re-run that only tries is right for both: it heals what passes, and an alert follows for what doesn't."""
        return any(action == self.action or (self.only_tries and action == Label.ALERT) for _, action in self.right)

    @property
    def is_right(self) -> bool:
        return self.category_right and self.action_right

    @property
    def dangerous(self) -> bool:
        """A re-run when a person has to act, or no alert for a failure."""
        return self.action in (Label.RERUN, Label.NONE) and not self.action_right

    @property
    def expected(self) -> str:
        """The label, or the answer itself if that is also right."""
        return self.category if self.category_right else self.right[0][0]

    @property
    def by_default(self) -> bool:
        """Whether it was decided without knowledge of the error: by no rule, or by a rule for any wrapper."""
        return self.rule in DEFAULTS or self.rule in _wrappers()

    @property
    def miss(self) -> str:
        """What was expected and what came instead, as a sentence without a full stop."""
        expected = " or ".join(f"{category}/{action}" for category, action in self.right)
        return f"{self.id}: expected {expected}, got {self.category}/{self.action} by {self.rule}"


@cache
def _wrappers() -> frozenset[str]:
    return frozenset(row.id for row in shipped().rows if row.weight is Weight.WRAPS)


def answers_in(
    files: Sequence[Path], rules: Rules | None = None, done: Callable[[int], object] = int
) -> list[ScoredAnswer]:
    """The answers to every labeled sample of these files.

    Args:
        rules: the shipped ones by default.
        done: called with the number of samples diagnosed so far.

    Raises:
        BadSample: a file can't be read, or one of its lines is no labeled sample; the message names file and line.
    """
    answers: list[ScoredAnswer] = []
    for place, line in [numbered for file in files for numbered in _lines(file)]:
        answers.append(_of_line(place, line, rules))
        done(len(answers))
    return answers


def count_in(files: Sequence[Path]) -> int:
    """
    Raises:
        BadSample: a file can't be read.
    """
    return sum(1 for file in files for _ in _lines(file))


def _lines(file: Path) -> Iterator[tuple[str, str]]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise BadSample(f"Can't read '{file}': {reason_of(error)}. Name a file of labeled samples.") from error
    yield from ((f"{file}, line {number}", line) for number, line in enumerate(lines, 1) if line.strip())


def _of_line(place: str, line: str, rules: Rules | None) -> ScoredAnswer:
    try:
        return answer_to(json.loads(line), rules)
    except BadSample as error:
        raise BadSample(f"{place}: {error}. docs/rules.md lists the fields.") from error
    except UNREADABLE as error:
        raise BadSample(f"{place}: {error}. Write one JSON object per line, see docs/rules.md.") from error


def answer_to(raw: Any, rules: Rules | None = None) -> ScoredAnswer:
    """Diagnosed from what ``classify`` reads; the label is only compared afterwards.

    Raises:
        BadSample: a field is missing or has a wrong value.
    """
    sample = sample_of(raw)
    expect = raw.get("expect")
    if not isinstance(expect, Mapping):
        raise BadSample("expect: expected an object with category and action")
    right = _right(expect)
    diagnosis, action = diagnosed(sample, rules)
    return ScoredAnswer(
        id=sample.id,
        right=right,
        contested=bool(expect.get("contested")),
        category=diagnosis.category.value,
        action=action,
        rule=diagnosis.rule,
        line=diagnosis.line,
        only_tries=action == Label.RERUN and diagnosis.only_a_try_helps,
    )


def _right(expect: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    also = expect.get("also") or []
    if not isinstance(also, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in also):
        raise BadSample("expect.also: expected a list of pairs of category and action")
    pairs = [(expect.get("category"), expect.get("action")), *map(tuple, also)]
    return tuple((_word("category", category, Category), _word("action", action, Label)) for category, action in pairs)


def _word(name: str, value: object, allowed: type[StrEnum]) -> str:
    if value not in tuple(allowed):
        raise BadSample(f"expect.{name} is {value!r}; set it to one of {', '.join(allowed)}")
    return str(value)
