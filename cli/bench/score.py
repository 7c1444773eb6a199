"""Score a set of answers. Contested samples are counted separately: no answer to them is wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.diagnosis.labeled import ScoredAnswer


@dataclass(frozen=True, slots=True)
class CategoryScore:
    """How often one category is right."""

    category: str
    cases: int
    """How many samples should have it."""
    answered: int
    """How many answers have it."""
    right: int

    @property
    def precision(self) -> float | None:
        """The share of its answers that are right; None if it was never answered."""
        return self.right / self.answered if self.answered else None

    @property
    def recall(self) -> float | None:
        """The share of its cases that were recognized; None if there are none."""
        return self.right / self.cases if self.cases else None

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.right / (self.answered + self.cases)


@dataclass(frozen=True, slots=True)
class Score:
    cases: int
    category_right: float
    action_right: float
    dangerous: int
    categories: tuple[CategoryScore, ...]
    """Every category that was expected or answered."""
    defaults: Counter[str]
    """How many samples were decided without knowledge of their error, by the rule that decided."""
    confusion: Mapping[tuple[str, str], int]
    misses: tuple[ScoredAnswer, ...]
    tries: Counter[str]
    """How many answers re-run once to see if a deploy explains the failure, by the action of the label."""
    contested: int
    contested_category_right: float
    contested_action_right: float

    @property
    def macro_f1(self) -> float:
        """The mean over the expected categories."""
        expected = [each.f1 for each in self.categories if each.cases]
        return sum(expected) / len(expected) if expected else 1.0

    @property
    def default_share(self) -> float:
        return self.defaults.total() / self.cases if self.cases else 0.0


def score(answers: Iterable[ScoredAnswer]) -> Score:
    answers = tuple(answers)
    uncontested = [answer for answer in answers if not answer.contested]
    contested = [answer for answer in answers if answer.contested]
    confusion = Counter((answer.expected, answer.category) for answer in uncontested)
    return Score(
        cases=len(uncontested),
        category_right=_share([answer.category_right for answer in uncontested]),
        action_right=_share([answer.action_right for answer in uncontested]),
        dangerous=sum(answer.dangerous for answer in uncontested),
        categories=_categories(confusion),
        defaults=Counter(answer.rule for answer in uncontested if answer.by_default),
        confusion=confusion,
        tries=Counter(answer.right[0][1] for answer in uncontested if answer.only_tries),
        misses=tuple(answer for answer in uncontested if not answer.is_right),
        contested=len(contested),
        contested_category_right=_share([answer.category_right for answer in contested]),
        contested_action_right=_share([answer.action_right for answer in contested]),
    )


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 1.0


def _categories(confusion: Counter[tuple[str, str]]) -> tuple[CategoryScore, ...]:
    expected: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for (wanted, given), count in confusion.items():
        expected[wanted] += count
        answered[given] += count
    words = sorted(expected | answered)
    return tuple(CategoryScore(word, expected[word], answered[word], confusion[word, word]) for word in words)


def document(files: list[str], result: Score) -> dict[str, Any]:
    """The document of ``bench corpus --json``: keys are only added, never renamed. Shares are from 0 to 1."""
    return {
        "files": files,
        "cases": result.cases,
        "category_right": result.category_right,
        "action_right": result.action_right,
        "macro_f1": result.macro_f1,
        "dangerous": result.dangerous,
        "defaults": {"cases": result.defaults.total(), "share": result.default_share, "rules": result.defaults},
        "reruns_after_deploy": result.tries,
        "contested": {
            "cases": result.contested,
            "category_right": result.contested_category_right,
            "action_right": result.contested_action_right,
        },
        "categories": [_category(each) for each in result.categories],
        "confusion": {
            each.category: {given: n for (wanted, given), n in result.confusion.items() if wanted == each.category}
            for each in result.categories
        },
        "misses": [_miss(each) for each in result.misses],
    }


def _category(each: CategoryScore) -> dict[str, Any]:
    return {
        "category": each.category,
        "cases": each.cases,
        "answered": each.answered,
        "right": each.right,
        "precision": each.precision,
        "recall": each.recall,
    }


def _miss(miss: ScoredAnswer) -> dict[str, Any]:
    return {
        "id": miss.id,
        "right": miss.right,
        "category": miss.category,
        "action": miss.action,
        "rule": miss.rule,
        "line": miss.line,
        "dangerous": miss.dangerous,
    }
