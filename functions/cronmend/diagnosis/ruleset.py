"""Rules as rows, and which of them match a text.

A row has the place where it is matched, a pattern and what a match means; ``docs/rules.md`` explains every field.
Patterns are RE2's, so the time to match is linear in the length of any text.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import cache, cached_property, lru_cache
from operator import itemgetter
from typing import Any, Final

import re2
from msgspec import Struct

from cronmend.model import Category
from cronmend.patterns import detector, utf8

MAX_AUTOMATON: Final = 64 << 20
"""Bytes of an automaton's state cache. A full cache is cleared, which costs only time."""


class Where(StrEnum):
    """The text that a row's pattern is matched with."""

    STOP_CODE = "stop_code"
    STOP_REQUEST = "stop_request"
    """The reason that the caller of StopTask wrote."""
    STOPPED_REASON = "stopped_reason"
    CONTAINER_REASON = "container_reason"
    """The reason of the job's own container."""
    REASON = "reason"
    """The stopped reason and the reasons of all containers, a line each."""
    EXIT_CODE = "exit_code"
    TOOL_EXIT = "tool_exit"
    """``tool code``, such as ``rsync 23``: a tool with its exit code, as it, its runner or the task states it."""
    TYPE = "type"
    """The whole name of an error, or the part after a dot, slash, backslash, colon or dollar sign."""
    MESSAGE = "message"
    ERROR = "error"
    """``type: message``."""
    CAUSE = "cause"
    """Like ``error``, but only for causes, not for the outermost error."""
    RAISED = "raised"
    """``type: message``, then ``@ `` and the innermost frames."""
    LINE = "line"
    """Any line of the log's tail."""


ON_ERRORS: Final = (Where.TYPE, Where.MESSAGE, Where.ERROR, Where.CAUSE)


class Weight(StrEnum):
    """How strong a match is, strongest first."""

    DECIDES = "decides"
    HINTS = "hints"
    """A general name (ValueError, TimeoutError): decides only if nothing stronger matches."""
    INSISTS = "insists"
    """Like ``hints``; also beats a rule that heals on the same error: a KeyError is a bug, whatever its message is."""
    TERMINAL = "terminal"
    """Like ``hints``; also beats a rule that a deploy explains, in the same error or beside it: a migration that broke
    stays broken. Where it matches a ``line``, it decides only that."""
    WRAPS = "wraps"
    """A wrapper of other errors: the wrapped error, or the one being handled, decides if a rule matches it."""
    FOLLOWS = "follows"
    """Only a consequence: the error before it decides, anywhere in the log."""


class Rule(Struct, frozen=True):
    """One row. ``also`` is a second pattern that must match, ``unless`` one that must not."""

    id: str
    where: Where
    pattern: str
    category: Category
    advice: str
    source: str
    also: str = ""
    unless: str = ""
    weight: Weight = Weight.DECIDES
    cause: str = ""
    """What ended the run, for headlines, with placeholders for its names (:mod:`cronmend.alerting.named`). Follows a
    colon."""
    deploy_explains: bool = False
    """Whether an open deploy window makes this a ``deploy_race``; by default for ``schema_mismatch`` alone."""
    deploy_may_explain: bool = False
    """Whether an open deploy window allows one more run, to see if the deploy explains it; the category stays."""
    file: str = ""
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()


class Rules:
    """All rows in order of precedence, with one automaton per place.

    A pattern without capital letters matches any case; one with capitals is case-sensitive.
    """

    def __init__(self, rows: Iterable[Rule]) -> None:
        self.rows = tuple(rows)
        self._matchers: dict[Where, _Matcher] = {}
        self.matching = lru_cache(maxsize=512)(self._matching)
        """The rules for this place that match this text, in order. Cached: most runs end with the same few texts."""
        self.matching_error = lru_cache(maxsize=512)(self._matching_error)
        """The rules that match an error, in order. Cached, too: a job fails again in the same way."""

    def ready(self) -> None:
        """Compile the patterns that the first diagnosis would otherwise wait for."""
        self.matching_error("", "-", is_cause=False, frames="-")

    def compile_all(self) -> None:
        """Compile the patterns of every place.

        Raises:
            re2.error: the patterns of one place are too large together.
        """
        self.ready()
        for where in Where:
            self.matching(where, "-")

    def _matching(self, where: Where, text: str) -> tuple[Rule, ...]:
        if not text:
            return ()
        if where not in self._matchers:
            self._matchers[where] = self._matcher(lambda row: row.where is where)
        return tuple(row for _, row in sorted(self._matchers[where].matching(text), key=itemgetter(0)))

    def on_any_line(self, text: str) -> list[Rule]:
        """The rules for any line that decide alone; a terminal one only changes what another rule decides."""
        return [row for _, row in sorted(self._any_line.matching(text), key=itemgetter(0))]

    @cached_property
    def _any_line(self) -> "_Matcher":
        return self._matcher(lambda row: row.where is Where.LINE and row.weight is not Weight.TERMINAL)

    def terminal(self, lines: Sequence[str]) -> Rule | None:
        """The terminal rule that matches one of these lines."""
        suspects = sorted(self._terminal.suspects("\n".join(lines)), key=itemgetter(0))
        return next((row for _, row in suspects for line in lines if matches(row, line)), None)

    @cached_property
    def _terminal(self) -> "_Matcher":
        return self._matcher(lambda row: row.weight is Weight.TERMINAL)

    def _matching_error(self, kind: str, message: str, is_cause: bool, frames: str = "") -> tuple[Rule, ...]:
        """By its type, its message, both, or where it was raised."""
        text = f"{kind}: {message}" if kind else message
        found = [] if not text else self._errors.matching(text)
        if frames:
            found += self._raised.matching(f"{text}\n@ {frames}")
        found.sort(key=itemgetter(0))
        return tuple([row for _, row in found if _in_place(row, message, is_cause)])

    @cached_property
    def _errors(self) -> "_Matcher":
        return self._matcher(lambda row: row.where in ON_ERRORS)

    @cached_property
    def _raised(self) -> "_Matcher":
        return self._matcher(lambda row: row.where is Where.RAISED)

    def _matcher(self, suits: Callable[[Rule], bool]) -> "_Matcher":
        return _Matcher([(rank, row) for rank, row in enumerate(self.rows) if suits(row)])


def _in_place(row: Rule, message: str, is_cause: bool) -> bool:
    """The automaton matches type and message as one text, so rows for one part of it are checked again."""
    if row.where is Where.MESSAGE:
        return _occurs(row.pattern)(message)
    return is_cause or row.where is not Where.CAUSE


class _Matcher:
    """Rows in two automata: case-sensitive patterns, and the others."""

    def __init__(self, ranked: Sequence[tuple[int, Rule]]) -> None:
        self._exact = [(rank, row) for rank, row in ranked if is_case_sensitive(row.pattern)]
        self._any_case = [(rank, row) for rank, row in ranked if not is_case_sensitive(row.pattern)]
        self._exact_set = _automaton(row for _, row in self._exact)
        self._any_case_set = _automaton(row for _, row in self._any_case)

    def matching(self, text: str) -> list[tuple[int, Rule]]:
        return [ranked for ranked in self.suspects(text) if _conditions_hold(ranked[1], text)]

    def suspects(self, text: str) -> list[tuple[int, Rule]]:
        """The rows whose pattern matches, whether or not their other conditions hold."""
        found = [self._exact[index] for index in self._exact_set.Match(utf8(text)) or ()] if self._exact else []
        if self._any_case:
            found += [self._any_case[index] for index in self._any_case_set.Match(utf8(text.lower())) or ()]
        return found


def _conditions_hold(row: Rule, text: str) -> bool:
    """Whether a row's conditions other than its pattern hold."""
    if row.also and not _occurs(row.also)(text):
        return False
    return not (row.unless and _occurs(row.unless)(text))


def _automaton(rows: Iterable[Rule]) -> Any:
    options = re2.Options()
    options.max_mem = MAX_AUTOMATON
    options.log_errors = False
    options.never_capture = True
    automaton = re2.Set.SearchSet(options)
    for row in rows:
        automaton.Add(_anchored(row))
    automaton.Compile()
    return automaton


@cache
def is_case_sensitive(pattern: str) -> bool:
    """Whether a pattern has a capital letter that isn't an escape like ``\\S``."""
    plain, *escaped = pattern.replace(r"\\", "").split("\\")
    rest = plain + "".join(part[1:] for part in escaped)
    return rest.lower() != rest


def _anchored(row: Rule) -> str:
    if row.where is Where.TYPE:
        return rf"^(?:[^ ]*[./\\:$])?(?:{row.pattern})(?:: |\n|$)"
    if row.where in (Where.EXIT_CODE, Where.STOP_CODE):
        return f"^(?:{row.pattern})$"
    if row.where is Where.TOOL_EXIT:
        return f"(?m)^(?:{row.pattern})$"
    return f"(?m){row.pattern}" if row.where is Where.LINE else row.pattern


@cache
def _occurs(pattern: str) -> Callable[[str], bool]:
    """A function that returns whether this pattern occurs in a text."""
    found = detector(pattern)
    return found if is_case_sensitive(pattern) else lambda text: found(text.lower())


def compile_alone(row: Rule) -> None:
    """Compile every pattern of a row in the form used for matching.

    Raises:
        re2.error: one of them can't be compiled.
    """
    _automaton([row])
    for pattern in filter(None, (_anchored(row), row.pattern, row.also, row.unless)):
        _occurs(pattern)("-")


def matches(row: Rule, text: str) -> bool:
    """Whether this one row matches this text."""
    return _occurs(_anchored(row))(text) and _conditions_hold(row, text)
