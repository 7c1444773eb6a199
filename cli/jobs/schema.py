"""The JSON Schema of jobs.toml, which lets editors complete keys and underline mistakes."""

from typing import Any

from cli.jobs.keys import BY_NAME, KEYS
from cli.toml_files.keys import document, key_schema, table_schema


def text() -> str:
    group = key_schema(BY_NAME["group"], "the schedule group of all jobs that are built")
    defaults = table_schema(key for key in KEYS if key.shared)
    jobs: dict[str, Any] = {"type": "object", "additionalProperties": table_schema(KEYS)}
    return document(
        {
            "title": "jobs.toml of Cronmend",
            "type": "object",
            "properties": {"group": group, "defaults": defaults, "jobs": jobs},
            "required": ["jobs"],
            "additionalProperties": False,
        }
    )
