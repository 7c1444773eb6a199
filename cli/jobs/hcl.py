"""Terraform's document as HCL, aligned as ``terraform fmt`` aligns it.

The values that :mod:`cli.jobs.export` makes are few: texts with references, numbers, lists, and objects, most of them
blocks. A policy becomes ``jsonencode``; a target's input stays a text, because ``jsonencode`` writes the ``<`` of the
Scheduler's placeholders as ``\\u003c``. Source: https://developer.hashicorp.com/terraform/language/syntax/configuration.
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

_REFERENCE = re.compile(r"\$\{([^{}]+)\}")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_ESCAPE = re.compile(r"\\.")
"""Matched one after another, so that the second of two backslashes starts none."""
_OTHER = {r"\b": r"\u0008", r"\f": r"\u000c"}
_INDENT = "  "
_ENCODED = {"assume_role_policy", "policy"}
_MAPS = {"dimensions"}
"""Arguments whose value is an object: every other object is a block."""


def hcl(document: Mapping[str, Any]) -> str:
    """
    Args:
        document: in Terraform's JSON form.
    """
    blocks = [f"# {document['//']}", *_top(document)]
    return "\n\n".join(blocks) + "\n"


def _top(document: Mapping[str, Any]) -> Iterator[str]:
    for name, body in document.get("variable", {}).items():
        yield "\n".join(_block(f'variable "{name}"', body, ""))
    for section in ("data", "resource"):
        for kind, each in document[section].items():
            for name, body in each.items():
                yield "\n".join(_block(f'{section} "{kind}" "{name}"', body, ""))


def _block(head: str, body: Mapping[str, Any], indent: str) -> list[str]:
    if not body:
        return [f"{indent}{head} {{}}"]
    inner, lines = indent + _INDENT, [f"{indent}{head} {{"]
    blocks = {name: value for name, value in body.items() if _is_block(name, value)}
    lines += _assigned({name: _argument(name, body[name], inner) for name in body if name not in blocks}, inner)
    for name, value in blocks.items():
        for each in value if isinstance(value, list) else [value]:
            lines += ["", *_block(name, each, inner)] if len(lines) > 1 else _block(name, each, inner)
    return [*lines, f"{indent}}}"]


def _is_block(name: str, value: Any) -> bool:
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, Mapping) and name not in _MAPS


def _assigned(texts: Mapping[str, str], indent: str) -> list[str]:
    """Neighbors on one line each have their equals signs below each other; a text of several lines stands apart."""
    lines: list[str] = []
    for is_long, group in groupby(texts, lambda name: "\n" in texts[name]):
        names = list(group)
        width = 0 if is_long else max(map(len, names))
        lines += [f"{indent}{name:{width}} = {texts[name]}" for name in names]
    return lines


def _argument(name: str, value: Any, indent: str) -> str:
    if name in _ENCODED:
        return f"jsonencode({_value(json.loads(value), indent)})"
    if name == "type":
        return str(value)
    return _value(value, indent)


def _value(value: Any, indent: str) -> str:
    match value:
        case str():
            return found[1] if (found := _REFERENCE.fullmatch(value)) else _quoted(value)
        case Mapping():
            inner = indent + _INDENT
            own = {_key(key): _value(each, inner) for key, each in value.items()}
            return "\n".join(["{", *_assigned(own, inner), f"{indent}}}"])
        case list():
            if not any(isinstance(each, Mapping) for each in value):
                return f"[{', '.join(_value(each, indent) for each in value)}]"
            inner = indent + _INDENT
            return "\n".join(["[", *(f"{inner}{_value(each, inner)}," for each in value), f"{indent}]"])
        case _:
            return json.dumps(value)


def _key(name: str) -> str:
    return name if _WORD.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    """HCL has JSON's escapes, but for those of backspace and form feed."""
    return _ESCAPE.sub(lambda found: _OTHER.get(found[0], found[0]), json.dumps(text, ensure_ascii=False))
