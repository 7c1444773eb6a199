"""The parts of a diagnosis in the form to store and send: redacted, bounded, cut around the error. Pure."""

from dataclasses import dataclass
from typing import Final

from cronmend import escapes
from cronmend.diagnosis.fatal_error.stated_error import chain, flat
from cronmend.model import FatalError, Log
from cronmend.redact import Redactor, redact

MAX_LINE: Final = 500
SLACK: Final = 2
"""Redact this many times the text that is shown: a secret at the cut is recognized only as a whole."""
MAX_MESSAGE: Final = 1_000
MAX_EXCERPT: Final = 20
BEFORE: Final = 9
AFTER: Final = 3
_BORDER: Final = "\n\x1e\n"


@dataclass(frozen=True, slots=True)
class Shown:
    """The parts that may be stored and sent."""

    sentence: str
    line: str
    excerpt: tuple[str, ...]
    error: FatalError | None


def shown(sentence: str, line: str, log: Log, error: FatalError | None, hide: Redactor = redact) -> Shown:
    """The arguments, redacted by ``hide`` and bounded."""
    errors = flat(error) if error else []
    excerpt = _excerpt(log, _place(line, log, errors), error.line if error else None)
    messages = (e.message[: SLACK * MAX_MESSAGE] for e in errors)
    texts = [_one_line(sentence), _one_line(line), "\n".join(excerpt), *messages]
    clean = _redacted(texts, hide)
    rest = [FatalError(e.type, text[:MAX_MESSAGE], e.line) for e, text in zip(errors, clean[3:], strict=True)]
    lines = tuple(text[:MAX_LINE] for text in clean[2].split("\n")[-MAX_EXCERPT:]) if excerpt else ()
    return Shown(clean[0][:MAX_LINE], clean[1][:MAX_LINE], lines, chain(rest) if rest else None)


def _redacted(texts: list[str], hide: Redactor) -> list[str]:
    """Redact all texts at once, since most have no secret; one by one if a match crossed a border between two."""
    together = hide(_BORDER.join(texts)).split(_BORDER)
    return together if len(together) == len(texts) else [hide(text) for text in texts]


def _one_line(text: str) -> str:
    return escapes.without(text)[: SLACK * MAX_LINE].replace("\n", " ")


def _place(line: str, log: Log, errors: list[FatalError]) -> int:
    """The index of the line that decided: the cause that a rule matched, or the line itself; else the end."""
    if errors:
        stated = (e for e in errors if f"{e.type}: {e.message}".startswith(line) or e.message.startswith(line))
        return next(stated, errors[0]).line
    end = len(log) - 1
    return next((index for index in range(end, -1, -1) if line in log[index]), end) if line.strip() else end


def _excerpt(log: Log, deciding: int, outer: int | None) -> list[str]:
    """The lines around the one that decided, up to the error that it caused if both fit; the end of a long event."""
    first, last = sorted((deciding, deciding if outer is None else outer))
    if last - first + AFTER > MAX_EXCERPT:
        first = last = deciding
    before = min(BEFORE, MAX_EXCERPT - AFTER - (last - first))
    around = log[max(0, first - before) : last + AFTER]
    return [part[: SLACK * MAX_LINE] for text in around for part in escapes.without(text).split("\n")][
        -SLACK * MAX_EXCERPT :
    ]
