"""Takes secrets out of text before it is stored or sent. Pure; linear in the text's length."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from typing import Final

from cronmend.patterns import indexer
from cronmend.redact import cues, own, shapes
from cronmend.redact.span import HIDDEN

__all__ = ["HIDDEN", "Also", "Redactor", "redact"]

type Hide = Callable[[str], str]


def _imported(stage: str) -> Hide:
    """A stage that is imported at its first use: it brings a dozen patterns, which cost more than a diagnosis."""
    return lambda text: str(import_module(f"{__name__}.{stage}").hide(text))


_STAGES: Final[tuple[tuple[str, Hide], ...]] = (
    (cues.KEYS, _imported("keys")),
    (cues.ADDRESSES, _imported("addresses")),
    (shapes.CUE, shapes.hide),
    (cues.FLAGS, _imported("flags")),
    (cues.PAIRS, _imported("pairs")),
)
_present: Final = indexer([cue for cue, _ in _STAGES])
"""Which stages could find anything: most texts hold nothing to hide, and one look says so."""
_PASSES: Final = 4
"""What is hidden gives its neighbours new edges, so the text is looked at again until nothing changes."""


class Also(StrEnum):
    """What is a secret for some teams only."""

    EMAILS = "emails"
    CARDS = "cards"


_OPTIONAL: Final[dict[Also, Hide]] = {Also.EMAILS: own.emails, Also.CARDS: own.cards}


@dataclass(frozen=True, slots=True)
class Redactor:
    """Called with a text, gives the same without passwords, keys and tokens, and without what else it is told.

    Raises:
        own.BadPattern: one of ``patterns``, which RE2 has to understand, is of no use.
    """

    also: frozenset[Also] = frozenset()
    patterns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        own.hiding(self.patterns)

    def __call__(self, text: str) -> str:
        if not text.isascii():
            text = text.encode(errors="replace").decode()  # halves of characters, which no pattern can be matched with
        for _ in range(_PASSES):
            if (clean := self._once(text)) == text:
                break
            text = clean
        return text

    def _once(self, text: str) -> str:
        for number in _present(text):
            text = _STAGES[number][1](text)
        for kind in sorted(self.also):
            text = _OPTIONAL[kind](text)
        return own.hiding(self.patterns)(text) if self.patterns else text


redact: Final = Redactor()
"""For those who have no settings: the command line, and whatever needs no options."""
