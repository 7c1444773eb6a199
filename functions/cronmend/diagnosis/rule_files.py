"""Rules from TOML files, with all mistakes reported at once, and the shipped rules packed for a quick start.

Parsing TOML and checking patterns would take most of a cold start, so the shipped rules are also stored as JSON, in a
pack beside their files. The pack has the checksum of each file. If a file has changed, the pack is ignored and the
files are read.
"""

import json
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeIs

import re2

from cronmend.diagnosis.ruleset import Rule, Rules, Weight, Where, compile_alone, matches
from cronmend.errors import Permanent
from cronmend.model.categories import RULE_CATEGORIES, Category

SHIPPED: Final = Path(__file__).parent / "rules"
PACK: Final = SHIPPED / "packed.json"
_NOT_PACKED: Final = ("examples", "counter_examples")


class BadRules(Permanent):
    """All the rows that can't be used, each with its file, row and remedy."""


_REQUIRED = ("id", "where", "pattern", "category", "advice", "source", "examples")
_PATTERNS = ("pattern", "also", "unless")
MAYBE: Final = "maybe"
"""In the column ``deploy_explains``: a deploy in progress may explain the failure, but often doesn't."""
_OPTIONAL = ("also", "unless", "weight", "cause", "deploy_explains", "counter_examples")


def load(*own: Path) -> Rules:
    """The rules of a team's own files, followed by the shipped rules.

    Raises:
        BadRules: some rows can't be used; the message names all of them.
    """
    if not own:
        return shipped()
    rules = Rules(read([*own, *shipped_files()]))
    try:
        rules.compile_all()
    except re2.error as error:
        names = ", ".join(file.name for file in own)
        too_large = f"with the shipped rules, the patterns are too large: {error}; avoid large repetitions"
        raise BadRules(f"{names}: {too_large}") from error
    return rules


@cache
def shipped() -> Rules:
    """The rules that ship with Cronmend, read once per process."""
    return Rules(_unpacked() or read(shipped_files()))


def shipped_files() -> list[Path]:
    return sorted(SHIPPED.glob("*.toml"))


def pack() -> str:
    """The text of the pack: the shipped rows without examples, which only tests need."""
    rows = [[getattr(row, name) for name in _packed_fields()] for row in read(shipped_files())]
    return json.dumps({"files": _checksums(), "rows": rows}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _packed_fields() -> list[str]:
    return [field.name for field in fields(Rule) if field.name not in _NOT_PACKED]


def _unpacked() -> list[Rule]:
    """The rows of the pack; empty if it is missing or was made from other versions of the files."""
    try:
        packed = json.loads(PACK.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if not isinstance(packed, dict) or packed.get("files") != _checksums():
        return []
    names = _packed_fields()
    return [_typed(dict(zip(names, row, strict=True))) for row in packed["rows"]]


def _checksums() -> dict[str, int]:
    return {file.name: zlib.crc32(file.read_bytes()) for file in shipped_files()}


def _typed(raw: dict[str, Any]) -> Rule:
    typed = {"where": Where(raw["where"]), "category": Category(raw["category"]), "weight": Weight(raw["weight"])}
    return Rule(**{**raw, **typed})


def read(files: Iterable[Path]) -> list[Rule]:
    """The rows of these files.

    Raises:
        BadRules: some rows can't be used; the message names all of them.
    """
    rows: list[Rule] = []
    mistakes: list[str] = []
    for file in files:
        try:
            raws = _tables(file)
        except (OSError, ValueError, RecursionError) as error:
            mistakes.append(f"{file.name}: {error}; write it as TOML with [[rule]] tables")
            continue
        for number, raw in enumerate(raws, start=1):
            row, wrong = _row(raw, file.name)
            rows += [row] if row else []
            mistakes += [f"{file.name}: rule {number} ({raw.get('id', 'without id')}): {text}" for text in wrong]
    mistakes += _repeated(rows)
    if mistakes:
        raise BadRules("\n".join(mistakes))
    return rows


def _tables(file: Path) -> list[dict[str, Any]]:
    """The rows as written in the file.

    Raises:
        ValueError: it is not TOML, not UTF-8, or its ``rule`` is not a list of tables.
    """
    import tomllib  # noqa: PLC0415 # not needed if the pack is read

    raws = tomllib.loads(file.read_text(encoding="utf-8")).get("rule", [])
    if not isinstance(raws, list) or not all(isinstance(raw, dict) for raw in raws):
        raise ValueError(f"rule is {raws!r}")
    return raws


def _row(raw: Mapping[str, Any], file: str) -> tuple[Rule | None, list[str]]:
    raw = {name: _joined(value) if name in _PATTERNS else value for name, value in raw.items()}
    wrong = _mistakes(raw)
    if wrong:
        return None, wrong
    complete = {
        **raw,
        "weight": raw.get("weight", Weight.DECIDES),
        **_of_deploy(raw.get("deploy_explains"), Category(raw["category"])),
        "examples": tuple(raw["examples"]),
        "counter_examples": tuple(raw.get("counter_examples", ())),
    }
    row = _typed({**complete, "file": file})
    wrong = _not_as_used(row)
    return (None, wrong) if wrong else (row, [])


def _of_deploy(said: object, category: Category) -> dict[str, bool]:
    """The two fields of the column ``deploy_explains``; without it, the category decides."""
    explains = category.traits.deploy_explains if said is None else said is True
    return {"deploy_explains": explains, "deploy_may_explain": said == MAYBE}


def _joined(value: object) -> object:
    """Join a list of alternatives into one pattern; the list keeps long patterns readable."""
    return "|".join(value) if _is_list_of_texts(value) else value


def _mistakes(raw: Mapping[str, Any]) -> list[str]:
    wrong = [f"{name} is missing; add it" for name in _REQUIRED if not raw.get(name)]
    wrong += [
        f"{name!r} is not a field; remove it or correct its name" for name in raw if name not in _REQUIRED + _OPTIONAL
    ]
    wrong += _not_among(raw, "where", Where) + _not_among(raw, "weight", Weight) + _bad_category(raw) + _bad_kinds(raw)
    return wrong + [text for name in _PATTERNS for text in _bad_pattern(raw, name)]


def _not_among(raw: Mapping[str, Any], name: str, words: type[StrEnum]) -> list[str]:
    if name not in raw or raw[name] in tuple(words):
        return []
    return [f"{name} is {raw[name]!r}; expected one of {', '.join(words)}"]


def _bad_category(raw: Mapping[str, Any]) -> list[str]:
    if not raw.get("category") or raw["category"] in RULE_CATEGORIES:
        return []
    return [f"category is {raw['category']!r}, which no rule may give; expected one of {', '.join(RULE_CATEGORIES)}"]


def _bad_kinds(raw: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} is {raw[name]!r}; expected {kind}"
        for kind, names, fits in _KINDS
        for name in names
        if name in raw and not fits(raw[name])
    ]


def _is_list_of_texts(value: object) -> TypeIs[list[str]]:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


_KINDS: Final[tuple[tuple[str, tuple[str, ...], Callable[[object], bool]], ...]] = (
    ("a text", ("id", "advice", "cause", "source"), lambda value: isinstance(value, str)),
    ("a list of texts", ("examples", "counter_examples"), _is_list_of_texts),
    (f"true, false or {MAYBE!r}", ("deploy_explains",), lambda value: isinstance(value, bool) or value == MAYBE),
)


def _bad_pattern(raw: Mapping[str, Any], name: str) -> list[str]:
    if name not in raw or raw[name] == "":
        return []
    if not isinstance(raw[name], str):
        return [f"{name} is {raw[name]!r}; expected a text or a list of texts"]
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(raw[name], options)
    except re2.error as error:
        return [f"{name} is not a valid RE2 pattern: {error}; RE2 has no look-around and no back-references"]
    return []


def _not_as_used(row: Rule) -> list[str]:
    """RE2 may accept a pattern alone but reject it in the form used for matching."""
    try:
        compile_alone(row)
    except re2.error as error:
        return [f"a pattern can't be matched: {error}; close each \\Q with \\E, and avoid large repetitions"]
    return []


def wrong_examples(rows: Iterable[Rule]) -> list[str]:
    """The examples that their row doesn't match, and the counter-examples that it does."""
    wrong = []
    for row in rows:
        wrong += [
            f"{row.file}: rule {row.id}: example {text!r} does not match; correct one of them"
            for text in row.examples
            if not matches(row, text)
        ]
        wrong += [
            f"{row.file}: rule {row.id}: counter-example {text!r} matches; narrow the pattern"
            for text in row.counter_examples
            if matches(row, text)
        ]
    return wrong


def _repeated(rows: list[Rule]) -> list[str]:
    seen: dict[str, str] = {}
    wrong = []
    for row in rows:
        if row.id in seen:
            wrong.append(f"{row.file}: rule {row.id}: the id is already used in {seen[row.id]}; choose another")
        seen.setdefault(row.id, row.file)
    return wrong
