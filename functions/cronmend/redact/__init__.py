"""Remove secrets from text before it is stored or sent. Pure; linear in the text's length."""

from collections.abc import Callable
from enum import StrEnum
from importlib import import_module
from typing import Final

from msgspec import Struct

from cronmend.patterns import encodable, indexer
from cronmend.redact import cues, own, shapes
from cronmend.redact.span import HIDDEN

__all__ = ["HIDDEN", "Also", "Redactor", "redact"]

type Hide = Callable[[str], str]


def _imported(stage: str) -> Hide:
    """A stage that is imported at its first use: its dozen patterns take longer to compile than a diagnosis."""
    return lambda text: str(import_module(f"{__name__}.{stage}").hide(text))


_STAGES: Final[tuple[tuple[str, Hide], ...]] = (
    (cues.KEYS, _imported("keys")),
    (cues.ADDRESSES, _imported("addresses")),
    (shapes.CUE, shapes.hide),
    (cues.FLAGS, _imported("flags")),
    (cues.PAIRS, _imported("pairs")),
)
_present: Final = indexer([cue for cue, _ in _STAGES])
"""The indexes of the stages that could find something. Most texts have no secret, and one check shows that."""
_PASSES: Final = 4
"""Hiding a secret can make its neighbors match, so the stages are repeated until nothing changes."""


class Also(StrEnum):
    """Kinds of text that only some teams treat as secret."""

    EMAILS = "emails"
    CARDS = "cards"


_OPTIONAL: Final[dict[Also, Hide]] = {Also.EMAILS: own.emails, Also.CARDS: own.cards}


class Redactor(Struct, frozen=True):
    """Called with a text, returns it without passwords, keys and tokens, and without the configured extras.

    Raises:
        own.BadPattern: one of ``patterns`` is not valid RE2, or matches an empty text.
    """

    also: frozenset[Also] = frozenset()
    patterns: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        own.hiding(self.patterns)

    def __call__(self, text: str) -> str:
        text = encodable(text)
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
"""The redactor without options, for callers that have no settings, such as the command line."""
