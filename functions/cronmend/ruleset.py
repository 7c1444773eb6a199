"""Known failures as rows of TOML: loading, checking and matching them.

A row says where it looks, what it looks for and what that means. ``docs/rules.md`` explains every
field to somebody who adds one. Patterns are RE2's: matching is linear in the text, whatever it holds.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import re2

from cronmend.errors import Permanent
from cronmend.model import Category

SHIPPED = Path(__file__).parent / "rules"


class Where(StrEnum):
    """What a row's pattern is matched with."""

    STOP_CODE = "stop_code"
    STOPPED_REASON = "stopped_reason"
    CONTAINER_REASON = "container_reason"
    """The reason of the job's own container."""
    REASON = "reason"
    """The stopped reason and the reasons of all containers, a line each."""
    EXIT_CODE = "exit_code"
    TYPE = "type"
    """The whole name of an error, or all of it behind a dot, slash, backslash, colon or dollar sign."""
    MESSAGE = "message"
    ERROR = "error"
    """``type: message``."""
    CAUSE = "cause"
    """Like ``error``, of causes only, not of the outermost error."""
    RAISED = "raised"
    """``type: message``, then ``@ `` and the innermost frames."""
    LINE = "line"
    """Any line of the log's tail."""


class Weight(StrEnum):
    """How much a match says, strongest first."""

    DECIDES = "decides"
    HINTS = "hints"
    """A general name (ValueError, TimeoutError): decides only where nothing stronger matched."""
    WRAPS = "wraps"
    """A name around other errors: what it wraps or was raised while handling decides, if that is known."""
    FOLLOWS = "follows"
    """A mere consequence: the error before it decides, wherever in the log that stands."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row. ``unless`` is a second pattern that takes the match back."""

    id: str
    where: Where
    pattern: str
    category: Category
    advice: str
    source: str
    unless: str = ""
    weight: Weight = Weight.DECIDES
    deploy_explains: bool = False
    """Whether an open deploy window makes this a ``deploy_race``; by default for ``schema_mismatch`` alone."""
    file: str = ""
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()


class BadRules(Permanent):
    """The rows that can't be used, all of them, each with its file, row and remedy."""


_REQUIRED = ("id", "where", "pattern", "category", "advice", "source", "examples")
_OPTIONAL = ("unless", "weight", "deploy_explains", "counter_examples")


@dataclass(frozen=True, slots=True)
class Rules:
    """All rows in order of precedence, with one automaton per place they look."""

    rows: tuple[Rule, ...]
    _matchers: Mapping[Where, "_Matcher"] = field(repr=False)
    _rank: Mapping[str, int] = field(repr=False)

    def matching(self, where: Where, text: str) -> list[Rule]:
        """The rules that match this text, in their order."""
        return self.matching_any({where: text})

    def matching_any(self, texts: Mapping[Where, str]) -> list[Rule]:
        """The rules that match one of these texts, each looked for in its own place, in their order."""
        found: list[Rule] = []
        for where, text in texts.items():
            if text and (matcher := self._matchers.get(where)):
                found += matcher.matching(text)
        return sorted(found, key=lambda rule: self._rank[rule.id]) if len(found) > 1 else found


class _Matcher:
    def __init__(self, rows: tuple[Rule, ...], where: Where) -> None:
        options = re2.Options()
        options.max_mem = 64 << 20
        options.log_errors = False
        self._rows = rows
        self._set = re2.Set.SearchSet(options)
        for row in rows:
            self._set.Add(_anchored(row, where))
        self._set.Compile()

    def matching(self, text: str) -> list[Rule]:
        found = [self._rows[index] for index in self._set.Match(text) or ()]
        return [row for row in found if not (row.unless and _compiled(row.unless).search(text))]


def _anchored(row: Rule, where: Where) -> str:
    """A type's pattern must be the whole name, or all of it after a dot, slash, colon or dollar sign."""
    if where is Where.TYPE:
        return rf"(?:^|[./\\:$])(?:{row.pattern})$"
    if where in (Where.EXIT_CODE, Where.STOP_CODE):
        return f"^(?:{row.pattern})$"
    return row.pattern


@cache
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)


def search(rule: Rule, text: str) -> bool:
    """Whether this one row matches this text; for tests and ``rules try``."""
    return bool(_compiled(_anchored(rule, rule.where)).search(text)) and not (
        rule.unless and _compiled(rule.unless).search(text)
    )


def compile_rules(rows: Iterable[Rule]) -> Rules:
    """Rows, in order of precedence, ready to match."""
    rows = tuple(rows)
    by_place = {where: tuple(row for row in rows if row.where is where) for where in Where}
    matchers = {where: _Matcher(group, where) for where, group in by_place.items() if group}
    return Rules(rows, matchers, {row.id: rank for rank, row in enumerate(rows)})


def load(*own: Path) -> Rules:
    """The shipped rules, behind a team's own files.

    Raises:
        BadRules: some row can't be used; names all of them.
    """
    return compile_rules(read([*own, *sorted(SHIPPED.glob("*.toml"))]))


@cache
def shipped() -> Rules:
    """The rules that ship with Cronmend, read once per process."""
    return load()


def read(files: Iterable[Path]) -> list[Rule]:
    """The rows of these files.

    Raises:
        BadRules: some row can't be used; names all of them.
    """
    rows: list[Rule] = []
    mistakes: list[str] = []
    for file in files:
        try:
            raws = tomllib.loads(file.read_text(encoding="utf-8")).get("rule", [])
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            mistakes.append(f"{file.name}: {error}; it must be readable TOML with [[rule]] tables")
            continue
        for number, raw in enumerate(raws, start=1):
            row, wrong = _row(raw, file.name)
            rows += [row] if row else []
            mistakes += [f"{file.name}: rule {number} ({raw.get('id', 'without id')}): {text}" for text in wrong]
    mistakes += _repeated(rows)
    if mistakes:
        raise BadRules("\n".join(mistakes))
    return rows


def _row(raw: Mapping[str, Any], file: str) -> tuple[Rule | None, list[str]]:
    wrong = _mistakes(raw)
    if wrong:
        return None, wrong
    fields = {
        **raw,
        "where": Where(raw["where"]),
        "category": Category(raw["category"]),
        "weight": Weight(raw.get("weight", Weight.DECIDES)),
        "deploy_explains": raw.get("deploy_explains", raw["category"] == Category.SCHEMA_MISMATCH),
        "examples": tuple(raw["examples"]),
        "counter_examples": tuple(raw.get("counter_examples", ())),
    }
    return Rule(**fields, file=file), []


def _mistakes(raw: Mapping[str, Any]) -> list[str]:
    wrong = [f"{name} is missing; add it" for name in _REQUIRED if not raw.get(name)]
    wrong += [
        f"{name!r} is no field; remove it or correct its name" for name in raw if name not in _REQUIRED + _OPTIONAL
    ]
    wrong += _not_among(raw, "where", Where) + _not_among(raw, "category", Category) + _not_among(raw, "weight", Weight)
    return wrong + _bad_pattern(raw, "pattern") + _bad_pattern(raw, "unless")


def _not_among(raw: Mapping[str, Any], name: str, words: type[StrEnum]) -> list[str]:
    if name not in raw or raw[name] in tuple(words):
        return []
    return [f"{name} is {raw[name]!r}; expected one of {', '.join(words)}"]


def _bad_pattern(raw: Mapping[str, Any], name: str) -> list[str]:
    if not raw.get(name):
        return []
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(raw[name], options)
    except re2.error as error:
        return [f"{name} is no RE2 pattern: {error}; RE2 knows no look-around and no back-references"]
    return []


def _repeated(rows: list[Rule]) -> list[str]:
    seen: dict[str, str] = {}
    wrong = []
    for row in rows:
        if row.id in seen:
            wrong.append(f"{row.file}: rule {row.id}: the id is used in {seen[row.id]} too; choose another")
        seen.setdefault(row.id, row.file)
    return wrong
