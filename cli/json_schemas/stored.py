"""The schema of a struct or dataclass, from its fields: their types, and the docstrings below them as descriptions.

A field that is added, renamed or retyped thus changes the schema, and a test compares the schemas with their files.
"""

import ast
import inspect
import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from itertools import pairwise
from typing import Any, Final, get_args, get_origin, get_type_hints

from msgspec import Struct

from cli.json_schemas import shapes
from cli.json_schemas.shapes import Schema

_PLAIN: Final = {str: shapes.text, bool: shapes.flag, int: shapes.whole, float: shapes.number, datetime: shapes.time}
_ROLE: Final = re.compile(r":\w+:`~?([^`]+)`")
_SENTENCE: Final = re.compile(r"(^|\. )left out\b")


def item(kind: type) -> Schema:
    """Of what ``to_item`` makes of it: values that are empty or not known are left out."""
    name = getattr(kind, "kind", None)
    tag: dict[str, Schema] = {"kind": {"const": name}} if isinstance(name, str) else {}
    return shapes.table({**tag, **properties(kind)}, required=(*tag, *always(kind)))


def properties(kind: type, *but: str) -> dict[str, Schema]:
    """Of the fields of an item, without some of them."""
    hints, about = get_type_hints(kind), _docstrings(kind)
    return {
        name: shapes.described(_value(hints[name]), _of_item(about.get(name, "")))
        for name in _names(kind)
        if name not in but
    }


def always(kind: type, *but: str) -> tuple[str, ...]:
    """The fields that an item always has: their values can't be empty."""
    hints = get_type_hints(kind)
    return tuple(name for name in _names(kind) if name not in but and not _may_be_empty(hints[name]))


def whole(kind: type) -> Schema:
    """Of what ``asdict`` makes of a flat one: every field is there."""
    hints, about = get_type_hints(kind), _docstrings(kind)
    found = {name: _value(hints[name]) for name in _names(kind)}
    return shapes.table({name: shapes.described(each, _plain(about.get(name, ""))) for name, each in found.items()})


def _names(kind: Any) -> list[str]:
    return [*inspect.signature(kind).parameters]


def _may_be_empty(hint: Any) -> bool:
    return hint is str or get_origin(hint) is tuple or types.NoneType in get_args(hint)


def _value(hint: Any) -> Schema:
    if isinstance(hint, types.UnionType):
        members = [_value(each) for each in get_args(hint) if each is not types.NoneType]
        return members[0] if len(members) == 1 else {"anyOf": members}
    if get_origin(hint) is tuple:
        return shapes.rows(_value(get_args(hint)[0]))
    if issubclass(hint, Struct) or is_dataclass(hint):
        return item(hint)
    if issubclass(hint, Enum):
        return shapes.words(hint)
    return _PLAIN[hint]()


@cache
def _docstrings(kind: type) -> Mapping[str, str]:
    """Field → the docstring below it."""
    module = ast.parse(inspect.getsource(kind))
    return dict(_pairs([each for written in module.body if isinstance(written, ast.ClassDef) for each in written.body]))


def _pairs(statements: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for field, following in pairwise(statements):
        match field, following:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(words))):
                yield name, " ".join(words.split())


def _plain(words: str) -> str:
    return _ROLE.sub(r"\1", words).replace("``", "")


def _of_item(words: str) -> str:
    """What is None or empty in Python isn't in the item."""
    words = re.sub(r'\bNone\b|``""``', "left out", words)
    return _plain(_SENTENCE.sub(r"\1Left out", words))
