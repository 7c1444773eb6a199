"""The parts of a diagnosis in the form to store and send: redacted, bounded, cut around the error. Pure."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from cronmend import escapes
from cronmend.diagnosis.excerpt_layout import MAX_NEEDLE, Layout, laid_out
from cronmend.diagnosis.fatal_error.stated_error import chain, flat
from cronmend.diagnosis.marks import MARK
from cronmend.model import FatalError, Log
from cronmend.redact import Redactor, redact

MAX_LINE: Final = 500
SLACK: Final = 2
"""Redact this many times the text that is shown: a secret at the cut is recognized only as a whole."""
MAX_MESSAGE: Final = 1_000
MAX_EXCERPT: Final = 20
LEAST_WORDS: Final = 2
"""Of an innermost cause that is worth naming."""
_BORDER: Final = "\n\x1e\n"


class Shown(Struct, frozen=True):
    """The parts that may be stored and sent."""

    sentence: str
    line: str
    excerpt: tuple[str, ...]
    error: FatalError | None


def shown(sentence: str, line: str, log: Log, error: FatalError | None, hide: Redactor = redact) -> Shown:
    """The arguments, redacted by ``hide`` and bounded."""
    errors = flat(error) if error else []
    layout = laid_out(log, line, error)
    excerpt = _cut(layout.lines, SLACK * MAX_LINE)
    if more := ", ".join(layout.continued) or _innermost(errors, line):
        whole = f"{line.rstrip(':[ ')}: {more}"
        sentence, line = f"{sentence.removesuffix(line)}{whole}" if sentence.endswith(line) else sentence, whole
    messages = (e.message[: SLACK * MAX_MESSAGE] for e in errors)
    texts = [_one_line(sentence), _one_line(line), "\n".join(excerpt), *messages]
    clean = _redacted(texts, hide)
    rest = [FatalError(e.type, text[:MAX_MESSAGE], e.line) for e, text in zip(errors, clean[3:], strict=True)]
    lines = _marked(clean[2].split("\n"), layout) if excerpt else ()
    return Shown(clean[0][:MAX_LINE], clean[1][:MAX_LINE], lines, chain(rest) if rest else None)


def _innermost(errors: Sequence[FatalError], line: str) -> str:
    """The innermost cause of an outer error that decided, if it has a message: the outer one may only wrap it."""
    if not line or not any(each.text.startswith(line[:MAX_NEEDLE]) for each in errors[:-1]):
        return ""
    text, message = (errors[-1].text.split("\n", 1)[0], errors[-1].message)
    tells = len(message.split()) >= LEAST_WORDS and "<class" not in message
    return text if tells and message.split("\n", 1)[0] not in line else ""


def _marked(clean: list[str], layout: Layout) -> tuple[str, ...]:
    """Marked after redaction, which has to see each line as it is. If it merged lines, no line is sure to decide."""
    if layout.deciding is not None and len(clean) == len(layout.lines):
        clean[layout.deciding] = f"{MARK}{clean[layout.deciding]}"
    return tuple(_cut(clean[-MAX_EXCERPT:], MAX_LINE))


def _cut(lines: Sequence[str], most: int) -> Sequence[str]:
    """The lines with at most so many characters; few have more."""
    return [line[:most] for line in lines] if lines and max(map(len, lines)) > most else lines


def _redacted(texts: list[str], hide: Redactor) -> list[str]:
    """Redact all texts at once, since most have no secret; one by one if a match crossed a border between two."""
    together = hide(_BORDER.join(texts)).split(_BORDER)
    return together if len(together) == len(texts) else [hide(text) for text in texts]


def _one_line(text: str) -> str:
    return escapes.without(text)[: SLACK * MAX_LINE].replace("\n", " ")
