"""The JSON Schema of alerts.toml, for completion and red lines in editors, and the reference tables of the docs."""

import json
from typing import Any

from cli.alerts.keys import NAME, QUIET_KEYS, ROUTE_KEYS, RULE_KEYS
from cli.jobs.keys import Key


def text() -> str:
    route = _table(ROUTE_KEYS)
    route["properties"]["quiet"] |= {**_table(QUIET_KEYS), "required": ["start", "end"]}
    names = {"propertyNames": {"pattern": NAME.schema()["pattern"]}}
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "alerts.toml of Cronmend",
        "type": "object",
        "properties": {
            "routes": {"type": "object", "additionalProperties": route, **names},
            "rules": {"type": "array", "items": {**_table(RULE_KEYS), "required": ["route"]}},
        },
        "additionalProperties": False,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def reference(keys: tuple[Key, ...]) -> str:
    """The keys as a Markdown table."""
    rows = ["| key | default | what it is |", "| --- | --- | --- |"]
    rows += [f"| `{key.name}` | {_default(key)} | {key.says} |" for key in keys]
    return "\n".join(rows) + "\n"


def _table(keys: tuple[Key, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {key.name: _described(key) for key in keys},
        "additionalProperties": False,
    }


def _described(key: Key) -> dict[str, Any]:
    default = {} if key.default is None else {"default": key.default}
    return {"description": key.says, **key.kind.schema(), **default}


def _default(key: Key) -> str:
    return "" if key.default is None else f"`{json.dumps(key.default)}`"
