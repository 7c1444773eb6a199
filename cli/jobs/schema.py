"""The JSON Schema of jobs.toml, for completion and red lines in editors, and the reference table of the docs."""

import json
from typing import Any

from cli.jobs.keys import BY_NAME, KEYS, Key


def text() -> str:
    job = {"type": "object", "properties": _properties(list(KEYS)), "additionalProperties": False}
    shared = [key for key in KEYS if key.shared]
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "jobs.toml of Cronmend",
        "type": "object",
        "properties": {
            "group": _described(BY_NAME["group"], "the schedule group of all jobs that are built"),
            "defaults": {"type": "object", "properties": _properties(shared), "additionalProperties": False},
            "jobs": {"type": "object", "additionalProperties": job, "minProperties": 1},
        },
        "required": ["jobs"],
        "additionalProperties": False,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def reference() -> str:
    """The keys as a Markdown table."""
    rows = ["| key | default | what it is |", "| --- | --- | --- |"]
    rows += [f"| `{key.name}` | {_default(key)} | {key.says} |" for key in KEYS]
    return "\n".join(rows) + "\n"


def _properties(keys: list[Key]) -> dict[str, Any]:
    return {key.name: _described(key, key.says) for key in keys}


def _described(key: Key, says: str) -> dict[str, Any]:
    default = {} if key.default is None else {"default": key.default}
    return {"description": says, **key.kind.schema(), **default}


def _default(key: Key) -> str:
    return "" if key.default is None else f"`{json.dumps(key.default)}`"
