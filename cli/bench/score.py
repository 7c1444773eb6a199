"""Score a set of answers. Contested samples are counted separately: no answer to them is wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


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
        return any(action == self.action or (self.only_tries and action == "alert") for _, action in self.right)

    @property
    def dangerous(self) -> bool:
        """A re-run when a person has to act, or no alert for a failure."""
        return self.action in ("rerun", "none") and not self.action_right

    @property
    def expected(self) -> str:
        """The label, or the answer itself if that is also right."""
        return self.category if self.category_right else self.right[0][0]


@dataclass(frozen=True, slots=True)
class Score:
    cases: int
    category_right: float
    action_right: float
    dangerous: int
    macro_f1: float
    confusion: Mapping[tuple[str, str], int]
    misses: tuple[ScoredAnswer, ...]
    tries: Counter[str]
    """How many answers re-run once to see if a deploy explains the failure, by the action of the label."""
    contested: int
    contested_category_right: float
    contested_action_right: float


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
        macro_f1=_macro_f1(confusion),
        confusion=confusion,
        tries=Counter(answer.right[0][1] for answer in uncontested if answer.only_tries),
        misses=tuple(answer for answer in uncontested if not (answer.category_right and answer.action_right)),
        contested=len(contested),
        contested_category_right=_share([answer.category_right for answer in contested]),
        contested_action_right=_share([answer.action_right for answer in contested]),
    )


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 1.0


def _macro_f1(confusion: Mapping[tuple[str, str], int]) -> float:
    """The mean, over the expected categories, of the harmonic mean of precision and recall."""
    expected = sorted({category for category, _ in confusion})
    return sum(_f1(confusion, category) for category in expected) / len(expected) if expected else 1.0


def _f1(confusion: Mapping[tuple[str, str], int], category: str) -> float:
    hits = confusion.get((category, category), 0)
    predicted = sum(count for (_, other), count in confusion.items() if other == category)
    expected = sum(count for (other, _), count in confusion.items() if other == category)
    return 2 * hits / (predicted + expected)
