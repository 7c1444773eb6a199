"""The keys of a TOML file as tables: the checks, the JSON Schema and the reference in docs/ come from one row each."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cli.toml_files.kinds import Kind

DRAFT = "http://json-schema.org/draft-07/schema#"


@dataclass(frozen=True, slots=True)
class Key:
    name: str
    kind: Kind
    description: str
    default: Any = None
    """As written in the file; None if there is none."""
    policy: bool = False
    """Says how failures are handled; may also be set for a schedule that is defined elsewhere."""
    shared: bool = True
    """Whether it may be set under [defaults]."""


def table_schema(keys: Iterable[Key]) -> dict[str, Any]:
    """The JSON Schema of a table with these keys and no others."""
    properties = {key.name: key_schema(key, key.description) for key in keys}
    return {"type": "object", "properties": properties, "additionalProperties": False}


def key_schema(key: Key, description: str) -> dict[str, Any]:
    default = {} if key.default is None else {"default": key.default}
    return {"description": description, **key.kind.schema(), **default}


def document(schema: dict[str, Any]) -> str:
    return json.dumps({"$schema": DRAFT, **schema}, indent=2, ensure_ascii=False) + "\n"


def reference(keys: Iterable[Key]) -> str:
    """The keys as a Markdown table."""
    rows = ["| key | default | what it is |", "| --- | --- | --- |"]
    rows += [f"| `{key.name}` | {_default(key)} | {key.description} |" for key in keys]
    return "\n".join(rows) + "\n"


def _default(key: Key) -> str:
    return "" if key.default is None else f"`{json.dumps(key.default)}`"
