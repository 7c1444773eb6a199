"""The parts that the JSON Schemas of ``--json`` are made of. Each returns a schema."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

type Schema = Mapping[str, Any]


def text(about: str = "") -> Schema:
    return _typed("string", about)


def time(about: str = "") -> Schema:
    """ISO 8601 with its offset."""
    return {**_typed("string", about), "format": "date-time"}


def day(about: str = "") -> Schema:
    return {**_typed("string", about), "format": "date"}


def whole(about: str = "") -> Schema:
    return _typed("integer", about)


def number(about: str = "") -> Schema:
    return _typed("number", about)


def flag(about: str = "") -> Schema:
    return _typed("boolean", about)


def words(kind: type[Enum], about: str = "") -> Schema:
    return {**_typed("string", about), "enum": [each.value for each in kind]}


def rows(each: Schema, about: str = "") -> Schema:
    return {**_typed("array", about), "items": each}


def by_name(each: Schema, about: str = "") -> Schema:
    """A map whose keys aren't known before."""
    return {**_typed("object", about), "additionalProperties": each}


def table(properties: Mapping[str, Schema], about: str = "", required: tuple[str, ...] | None = None) -> Schema:
    """
    Args:
        required: the keys that are always there; None for all of them.
    """
    always = [*properties] if required is None else [*required]
    return {**_typed("object", about), "properties": dict(properties), **({"required": always} if always else {})}


def or_null(each: Schema) -> Schema:
    """The same, or null where nothing is known or nothing applies."""
    nullable = {**each, "type": [each["type"], "null"]}
    return {**nullable, "enum": [*each["enum"], None]} if "enum" in each else nullable


def described(each: Schema, about: str) -> Schema:
    return {**each, "description": about} if about else each


def _typed(kind: str, about: str) -> Schema:
    return described({"type": kind}, about)
