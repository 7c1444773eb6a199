"""The JSON Schema of alerts.toml, which lets editors complete keys and underline mistakes."""

from typing import Any

from cli.alerts.keys import NAME, QUIET_KEYS, ROUTE_KEYS, RULE_KEYS
from cli.toml_files.keys import document, table_schema


def text() -> str:
    route = table_schema(ROUTE_KEYS)
    route["properties"]["quiet"] |= {**table_schema(QUIET_KEYS), "required": ["start", "end"]}
    names = {"propertyNames": {"pattern": NAME.schema()["pattern"]}}
    properties: dict[str, Any] = {
        "routes": {"type": "object", "additionalProperties": route, **names},
        "rules": {"type": "array", "items": {**table_schema(RULE_KEYS), "required": ["route"]}},
    }
    return document(
        {
            "title": "alerts.toml of Cronmend",
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }
    )
