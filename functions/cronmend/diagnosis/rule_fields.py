"""The fields of a row in a rule file: which there are, and what is wrong with those of one row."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeIs

import re2

from cronmend.diagnosis.ruleset import Rule, Weight, Where, compile_alone
from cronmend.model.categories import RULE_CATEGORIES

FILL_IN: Final = "FILL_IN"
"""Stands for a value that only a person knows, in a row that a command wrote. No row with it is accepted."""
_REQUIRED = ("id", "where", "pattern", "category", "advice", "source", "examples")
PATTERNS = ("pattern", "also", "unless")
SHARED: Final = "@"
"""Starts the name of a pattern in the file's table ``shared``, which several rows use."""
MAYBE: Final = "maybe"
"""In the column ``deploy_explains``: a deploy in progress may explain the failure, but often doesn't."""
_OPTIONAL = ("also", "unless", "weight", "cause", "deploy_explains", "counter_examples")


def mistakes_of(raw: Mapping[str, Any]) -> list[str]:
    """What is wrong with the fields of a row, with the remedy of each."""
    if unfilled := [f"{name} is still {FILL_IN}; fill it in" for name, value in raw.items() if value == FILL_IN]:
        return unfilled
    wrong = [f"{name} is missing; add it" for name in _REQUIRED if not raw.get(name)]
    wrong += [
        f"{name!r} is not a field; remove it or correct its name" for name in raw if name not in _REQUIRED + _OPTIONAL
    ]
    wrong += _not_among(raw, "where", Where) + _not_among(raw, "weight", Weight) + _bad_category(raw) + _bad_kinds(raw)
    return wrong + [text for name in PATTERNS for text in _bad_pattern(raw, name)]


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


def is_list_of_texts(value: object) -> TypeIs[list[str]]:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


_KINDS: Final[tuple[tuple[str, tuple[str, ...], Callable[[object], bool]], ...]] = (
    ("a text", ("id", "advice", "cause", "source"), lambda value: isinstance(value, str)),
    ("a list of texts", ("examples", "counter_examples"), is_list_of_texts),
    (f"true, false or {MAYBE!r}", ("deploy_explains",), lambda value: isinstance(value, bool) or value == MAYBE),
)


def _bad_pattern(raw: Mapping[str, Any], name: str) -> list[str]:
    if name not in raw or raw[name] == "":
        return []
    if not isinstance(raw[name], str):
        return [f"{name} is {raw[name]!r}; expected a text or a list of texts"]
    if raw[name].startswith(SHARED):
        return [f"{name} is {raw[name]!r}; the table [shared] of its file has no such pattern"]
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(raw[name], options)
    except re2.error as error:
        return [f"{name} is not a valid RE2 pattern: {error}; RE2 has no look-around and no back-references"]
    return []


def not_as_used(row: Rule) -> list[str]:
    """RE2 may accept a pattern alone but reject it in the form used for matching."""
    try:
        compile_alone(row)
    except re2.error as error:
        return [f"a pattern can't be matched: {error}; close each \\Q with \\E, and avoid large repetitions"]
    return []
