"""Plain tables → YAML, with the same bytes for the same tables under any library version."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9 _./-]|:(?=\S))*")
_QUOTABLE = re.compile(r"[ -~]*\"[ -~]*")
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""Characters that JSON allows unescaped and YAML doesn't."""
_YAML_WORDS = frozenset(["y", "n", "yes", "no", "on", "off", "true", "false", "null"])


@dataclass(frozen=True, slots=True)
class Tag:
    """A CloudFormation function in its short form, such as ``!GetAtt Role.Arn``."""

    name: str
    value: Any


def document(tables: Mapping[str, Any]) -> str:
    return "\n".join(_mapping(tables, "")) + "\n"


def _mapping(tables: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in tables.items():
        if not indent and key == "Resources":
            yield ""
        yield from _entry(f"{indent}{_scalar(key)}:", value, indent)


def _entry(head: str, value: Any, indent: str) -> Iterator[str]:
    if isinstance(value, Tag) and isinstance(value.value, (list, Mapping)):
        head, value = f"{head} !{value.name}", value.value
    if isinstance(value, Mapping) and value:
        yield head
        yield from _mapping(value, indent + "  ")
    elif isinstance(value, list) and value:
        yield head
        for item in value:
            yield from _item(item, indent + "  ")
    else:
        yield f"{head} {_scalar(value)}"


def _item(item: Any, indent: str) -> Iterator[str]:
    if not isinstance(item, Mapping) or not item:
        yield from _entry(f"{indent}-", item, indent)
        return
    for number, line in enumerate(_mapping(item, indent + "  ")):
        yield f"{indent}- {line.lstrip()}" if number == 0 else line


def _scalar(value: Any) -> str:
    if isinstance(value, Tag):
        return f"!{value.name} {_scalar(value.value)}"
    if not isinstance(value, str):
        return json.dumps(value)
    plain = _PLAIN.fullmatch(value) and not value.endswith(" ") and value.lower() not in _YAML_WORDS
    if plain:
        return value
    if _QUOTABLE.fullmatch(value):
        return "'" + value.replace("'", "''") + "'"
    return _UNPRINTABLE.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
