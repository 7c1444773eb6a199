"""Frozen structs ↔ DynamoDB maps. Empty values are left out and come back as the field's default."""

import types
from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any, cast, get_args, get_origin

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from msgspec import NODEFAULT, Struct, StructMeta
from msgspec.structs import FieldInfo, asdict, fields

from cronmend.errors import refusing

_WRITE = TypeSerializer()
_READ = TypeDeserializer()
_EMPTY: dict[Any, Any] = {str: "", tuple: ()}


def to_item(value: Any) -> Any:
    """The value for DynamoDB: maps, lists, strings and whole numbers."""
    if isinstance(value, Struct):
        kept = {**_tag(type(value)), **asdict(value)}
        return {name: to_item(each) for name, each in kept.items() if each not in (None, "", ())}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, tuple):
        return [to_item(each) for each in value]
    return value


def to_sparse_item(value: Struct) -> Any:
    """The same of a struct without the fields that have their default, which may then never change."""
    item, kept, specs = to_item(value), asdict(value), _specs(type(value))
    return {
        name: to_sparse_item(nested) if isinstance(nested := kept.get(name), Struct) else each
        for name, each in item.items()
        if name not in kept or kept[name] != _default(specs[name])
    }


def _default(spec: FieldInfo) -> Any:
    return spec.default if spec.default_factory is NODEFAULT else spec.default_factory()


def from_item[T: Struct](kind: type[T], item: Mapping[str, Any]) -> T:
    """The struct that :func:`to_item` wrote.

    Raises:
        ValueError: a field without a default is not in the item, or a value is of another kind.
    """
    with refusing(lambda error: ValueError(_unreadable(kind, error))):
        return _from_item(kind, item)


def _unreadable(kind: type, error: Exception) -> str:
    return (
        str(error)
        if isinstance(error, ValueError)
        else f"the ledger contains a {kind.__name__} with a wrong value: {error}"
    )


def _from_item[T: Struct](kind: type[T], item: Mapping[str, Any]) -> T:
    specs = _specs(kind)
    known = {name: _value(spec.type, item[name]) for name, spec in specs.items() if name in item}
    lacking = {name: _plain(spec.type) for name, spec in specs.items() if spec.required and name not in item}
    blank = {name: _EMPTY[hint] for name, hint in lacking.items() if hint in _EMPTY}
    if missing := [name for name in lacking if name not in blank]:
        raise ValueError(f"the ledger contains a {kind.__name__} without {', '.join(missing)}")
    return kind(**blank, **known)


@cache
def _specs(kind: type[Struct]) -> Mapping[str, FieldInfo]:
    """The fields by their names."""
    return {spec.name: spec for spec in fields(kind)}


def _value(hint: Any, raw: Any) -> Any:
    if isinstance(hint, types.UnionType):
        return _value(_member(hint, raw), raw)
    if get_origin(hint) is tuple:
        return _tuple(get_args(hint), raw)
    if isinstance(hint, StructMeta):
        return _from_item(cast(type[Struct], hint), raw)
    if hint is datetime:
        return datetime.fromisoformat(raw)
    return hint(raw)


def _tag(kind: type) -> dict[str, str]:
    """The class's ``kind``, if it has one, which distinguishes it from other classes of a union."""
    tag = getattr(kind, "kind", None)
    return {"kind": tag} if isinstance(tag, str) else {}


def _member(hint: types.UnionType, raw: Any) -> Any:
    """The class of a union that wrote the value; the only one of ``X | None``."""
    members = [each for each in get_args(hint) if each is not types.NoneType]
    if len(members) == 1:
        return members[0]
    return next(each for each in members if _tag(each) == {"kind": raw["kind"]})


def _plain(hint: Any) -> Any:
    return get_origin(hint) or hint


def _tuple(hints: tuple[Any, ...], raw: list[Any]) -> tuple[Any, ...]:
    """``tuple[X, ...]`` or a tuple of fixed length."""
    if len(hints) == 2 and hints[1] is Ellipsis:
        return tuple(_value(hints[0], each) for each in raw)
    return tuple(_value(hint, each) for hint, each in zip(hints, raw, strict=True))


def key(pk: str, sk: str) -> dict[str, Any]:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def serialized(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _WRITE.serialize(value) for name, value in item.items()}


def deserialized(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _READ.deserialize(value) for name, value in item.items()}
