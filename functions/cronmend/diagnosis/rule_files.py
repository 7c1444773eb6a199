"""Rules from TOML files, with all mistakes reported at once, and the shipped rules packed for a quick start.

Parsing TOML and checking patterns would take most of a cold start, so the shipped rules are also stored as JSON, in a
pack beside their files. The pack has the checksum of each file. If a file has changed, the pack is ignored and the
files are read.
"""

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeGuard

import re2

from cronmend.diagnosis.rule_fields import MAYBE, PATTERNS, SHARED, is_list_of_texts, mistakes_of, not_as_used
from cronmend.diagnosis.ruleset import Rule, Rules, Weight, Where, matches
from cronmend.errors import Permanent
from cronmend.model.categories import Category

SHIPPED: Final = Path(__file__).parent / "rules"
OWN: Final = SHIPPED / "own"
"""A team's own files, only in the copy of the functions that `make build` deploys."""
PACK: Final = SHIPPED / "packed.json"
_NOT_PACKED: Final = ("examples", "counter_examples")


class BadRules(Permanent):
    """All the rows that can't be used, each with its file, row and remedy."""


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
    """The rules that ship with the functions, a team's own before Cronmend's, read once per process."""
    return Rules(_unpacked() or read([*_packaged(), *shipped_files()]))


def _packaged() -> list[Path]:
    return sorted(OWN.glob("*.toml"))


def shipped_files() -> list[Path]:
    return sorted(SHIPPED.glob("*.toml"))


def pack(own: Sequence[Path] = ()) -> str:
    """The text of the pack: a team's own rows and the shipped ones, without examples, which only tests need.

    Raises:
        BadRules: some rows can't be used; the message names all of them.
    """
    rows = [[getattr(row, name) for name in _packed_fields()] for row in read([*own, *shipped_files()])]
    return json.dumps({"files": _checksums(own), "rows": rows}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _packed_fields() -> list[str]:
    return [name for name in Rule.__struct_fields__ if name not in _NOT_PACKED]


def _unpacked() -> list[Rule]:
    """The rows of the pack; empty if it is missing or was made from other versions of the files."""
    try:
        packed = json.loads(PACK.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    if not isinstance(packed, dict) or packed.get("files") != _checksums(_packaged()):
        return []
    names = _packed_fields()
    return [_typed(dict(zip(names, row, strict=True))) for row in packed["rows"]]


def _checksums(own: Sequence[Path]) -> dict[str, int]:
    named = {f"{OWN.name}/{file.name}": file for file in own} | {file.name: file for file in shipped_files()}
    return {name: zlib.crc32(file.read_bytes()) for name, file in named.items()}


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
            raws, shared = _tables(file)
        except (OSError, ValueError, RecursionError) as error:
            mistakes.append(f"{file.name}: {error}; write it as TOML with [[rule]] tables")
            continue
        for number, raw in enumerate(raws, start=1):
            row, wrong = _row(_with_shared(raw, shared), file.name)
            rows += [row] if row else []
            mistakes += [f"{file.name}: rule {number} ({raw.get('id', 'without id')}): {text}" for text in wrong]
    mistakes += _repeated(rows)
    if mistakes:
        raise BadRules("\n".join(mistakes))
    return rows


def _tables(file: Path) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows as written in the file, and the patterns that several of them use.

    Raises:
        ValueError: it is not TOML, not UTF-8, or its ``rule`` or ``shared`` has another form.
    """
    import tomllib  # noqa: PLC0415 # not needed if the pack is read

    document = tomllib.loads(file.read_text(encoding="utf-8"))
    raws, shared = document.get("rule", []), document.get("shared", {})
    if not isinstance(raws, list) or not all(isinstance(raw, dict) for raw in raws):
        raise ValueError(f"rule is {raws!r}")
    if not isinstance(shared, dict):
        raise ValueError(f"shared is {shared!r}")
    return raws, shared


def _with_shared(raw: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """The row with a shared pattern wherever one of its own is ``@name``; an unknown name stays, as a mistake."""
    return {name: shared.get(value[1:], value) if _is_name(name, value) else value for name, value in raw.items()}


def _is_name(field: str, value: object) -> TypeGuard[str]:
    return field in PATTERNS and isinstance(value, str) and value.startswith(SHARED)


def _row(raw: Mapping[str, Any], file: str) -> tuple[Rule | None, list[str]]:
    raw = {name: _joined(value) if name in PATTERNS else value for name, value in raw.items()}
    wrong = mistakes_of(raw)
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
    wrong = not_as_used(row)
    return (None, wrong) if wrong else (row, [])


def _of_deploy(said: object, category: Category) -> dict[str, bool]:
    """The two fields of the column ``deploy_explains``; without it, the category decides."""
    explains = category.traits.deploy_explains if said is None else said is True
    return {"deploy_explains": explains, "deploy_may_explain": said == MAYBE}


def _joined(value: object) -> object:
    """Join a list of alternatives into one pattern; the list keeps long patterns readable."""
    return "|".join(value) if is_list_of_texts(value) else value


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
