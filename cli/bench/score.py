"""How right a set of answers is. Contested cases are counted apart: no answer to them can be wrong."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer beside all that would be right."""

    id: str
    right: tuple[tuple[str, str], ...]
    """Pairs of category and action; the first is the label, the others are right as well."""
    contested: bool
    category: str
    action: str
    rule: str
    line: str

    @property
    def category_right(self) -> bool:
        return any(category == self.category for category, _ in self.right)

    @property
    def action_right(self) -> bool:
        return any(action == self.action for _, action in self.right)

    @property
    def dangerous(self) -> bool:
        """A re-run where a person is needed, or silence on a failure."""
        return self.action in ("rerun", "none") and not self.action_right

    @property
    def expected(self) -> str:
        """The label, or the answer itself where that is right too."""
        return self.category if self.category_right else self.right[0][0]


@dataclass(frozen=True, slots=True)
class Score:
    cases: int
    category_right: float
    action_right: float
    dangerous: int
    macro_f1: float
    confusion: Mapping[tuple[str, str], int]
    misses: tuple[Judged, ...]
    contested: int
    contested_category_right: float
    contested_action_right: float


def score(answers: Iterable[Judged]) -> Score:
    """The figures of these answers."""
    answers = tuple(answers)
    settled = [answer for answer in answers if not answer.contested]
    contested = [answer for answer in answers if answer.contested]
    confusion = Counter((answer.expected, answer.category) for answer in settled)
    return Score(
        cases=len(settled),
        category_right=_share([answer.category_right for answer in settled]),
        action_right=_share([answer.action_right for answer in settled]),
        dangerous=sum(answer.dangerous for answer in settled),
        macro_f1=_macro_f1(confusion),
        confusion=confusion,
        misses=tuple(answer for answer in settled if not (answer.category_right and answer.action_right)),
        contested=len(contested),
        contested_category_right=_share([answer.category_right for answer in contested]),
        contested_action_right=_share([answer.action_right for answer in contested]),
    )


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 1.0


def _macro_f1(confusion: Mapping[tuple[str, str], int]) -> float:
    """The mean over the expected categories of the harmonic mean of precision and recall."""
    expected = sorted({category for category, _ in confusion})
    return sum(_f1(confusion, category) for category in expected) / len(expected) if expected else 1.0


def _f1(confusion: Mapping[tuple[str, str], int], category: str) -> float:
    hits = confusion.get((category, category), 0)
    said = sum(count for (_, other), count in confusion.items() if other == category)
    meant = sum(count for (other, _), count in confusion.items() if other == category)
    return 2 * hits / (said + meant)
