"""What a line without frames says: an error, by its form or by its words, or only that something failed."""

import re
from collections.abc import Container
from enum import IntEnum
from functools import lru_cache
from typing import Final

from cronmend.diagnosis.fatal_error import words
from cronmend.diagnosis.fatal_error.line_kinds import Level
from cronmend.patterns import detector, indexer

LABELED: Final = 2
"""The number of specific words that a message needs after a label such as ``error:``."""

LOGGED: Final = 3
"""The number of specific words that a record of level ERROR needs: its logger's name may be one."""

MAX_MESSAGE: Final = 1_000
"""Characters of a message in which specific words are searched for."""

VAGUE: Final = 70
"""A message with this many characters or more is vague only if its form shows it."""


class Says(IntEnum):
    """Strongest last."""

    NOTHING = 0
    SUMS_UP = 1
    """That a step, command or run failed, but not why."""
    HINTS = 2
    """Something that may be an error if a rule knows it."""
    DENIES = 3
    """In its words, that something was refused, is missing or went wrong."""
    STATES = 4
    """By its level, a label or the name of an error."""


_FORM: Final = "|".join(words.FORMS)
_DENIED: Final = rf"(?i)\b(?:{'|'.join(words.DENIALS)})\b|[^\x00-\x{{24f}}]{{2}}"
_HINTED: Final = rf"(?i)\b(?:{words.HINTS})\b"
_kinds: Final = lru_cache(maxsize=512)(
    indexer(
        [
            *(_FORM, _DENIED, _HINTED, words.TESTS),
            *(
                f"(?i){'|'.join(alternatives)}"
                for alternatives in (words.INFORMATION, words.SUMMARIES, words.CONSEQUENCES)
            ),
            rf"(?i)\b(?:{words.NOT_ONLY_INFORMATION})\b",
        ]
    )
)
"""Cached, since one diagnosis asks several times about the line that ends a log."""
_HAS_FORM, _DENIES, _MAY_HINT, _NAMES_TEST, _INFORMS, _SUMS_UP, _FOLLOWS, _INSISTS = range(8)

_counts: Final = detector(r"^\s*\d+ ?[x×] .*, \d+ ?[x×] ")
_fails: Final = detector(
    r"(?i)fail|abort|error|exit|stopp|terminat|giving up|gave up|unsuccessful|could not complete|see (?:above|log)"
)
may_state_errors: Final = detector(f"{_FORM}|{words.TESTS}|{_DENIED}")
"""Whether any line of a text may state an error."""

_LEVEL: Final = re.compile(
    r"\b(?:error|err|fatal|critical|crit|severe|emergency|alert|panic|dpanic|fail)\b[\])|>:]*", re.IGNORECASE
)
_OUTPUT: Final = re.compile(r".*\b(?:stderr|output)\W{0,3}[:=](?P<quoted>\W*\w.*)", re.IGNORECASE | re.DOTALL)
"""What the failed command printed, in the line that sums its failure up: the last quote, which contains no other."""
_FIELD: Final = re.compile(r"(?<!\S)(?!msg=|message=|err\w*=|reason=|cause=|exception=)[\w.]+=(?:\"[^\"]*\"|\S*)")
"""A field of a record other than its message and its error."""
_WORD: Final = re.compile(r"[^\W\d_][\w'.-]*\w")
"""All compiled by ``re``, since RE2 takes long to find many short matches; a word never runs into the next one."""
_VAGUE: Final = frozenset(words.VAGUE_WORDS.split())


def says(line: str, level: Level) -> Says:
    """What this line says; ``level`` is its level."""
    kinds = _kinds(line)
    if _NAMES_TEST in kinds:
        return Says.STATES
    if _only_sums_up(line, kinds) or _FOLLOWS in kinds:
        return Says.SUMS_UP
    stated = level is Level.ERROR or _HAS_FORM in kinds
    informs = _INFORMS in kinds and _INSISTS not in kinds
    if not stated and (informs or _DENIES not in kinds):
        if _INSISTS in kinds and not informs and not is_specific(line, LABELED):
            return Says.SUMS_UP
        return Says.HINTS if (_MAY_HINT in kinds or _INSISTS in kinds) and not informs else Says.NOTHING
    if not (is_specific_record(line) if level is Level.ERROR else is_specific(line, LABELED)):
        return Says.SUMS_UP
    return Says.STATES if stated else Says.DENIES


def sums_up(line: str) -> bool:
    """Whether a shell, build tool, test runner or CI says that a command failed, or an uploader that it failed."""
    return _only_sums_up(line, _kinds(line))


def _only_sums_up(line: str, kinds: Container[int]) -> bool:
    """Whether a line sums a failure up, without the output that shows its cause."""
    output = _OUTPUT.match(line) if _SUMS_UP in kinds else None
    return says(output["quoted"], Level.NONE) < Says.DENIES if output else _SUMS_UP in kinds


def informs(line: str) -> bool:
    """Whether a message is an ordinary one that only sounds like an error."""
    kinds = _kinds(line)
    return _INFORMS in kinds and _INSISTS not in kinds


def is_vague(message: str) -> bool:
    """Whether a message says only that something failed; the lines above it may say why."""
    return (len(message) < VAGUE and _fails(message)) or _is_consequence(message)


def _is_consequence(message: str) -> bool:
    kinds = _kinds(message)
    return _FOLLOWS in kinds or _only_sums_up(message, kinds)


def is_specific(message: str, least: int) -> bool:
    """Whether a message has this many different words which say more than that something failed."""
    found: set[str] = set()
    message = message[:MAX_MESSAGE]
    for match in _WORD.finditer(_FIELD.sub("", message) if "=" in message else message):
        word = match[0].lower()
        if word not in _VAGUE:
            found.add(word)
            if len(found) == least:
                return True
    return False


def is_specific_record(text: str) -> bool:
    """The same for a record of level ERROR, whose level and what is before it don't count."""
    level = _LEVEL.search(text)
    return is_specific(text[level.end() :] if level else text, LOGGED)


def states_itself(before: str) -> bool:
    """Whether the words before an error's type already state an error, such as the step that failed with it."""
    return before.endswith(": ") and says(before.rstrip(": ").rpartition(": ")[2], Level.NONE) >= Says.DENIES


def only_notes(line: str) -> bool:
    """Whether a compiler only notes or warns here, which puts a file's name with the number of a line first, or the job
    prints what it counted: ``3x timeout in mail, 1x connection refused in search``."""
    place = line.partition(": warning: ")[0] if ": warning: " in line else ""
    return ": note: " in line or (place[-1:].isdigit() and " " not in place) or _counts(line)
