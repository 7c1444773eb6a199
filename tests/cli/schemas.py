"""The schemas of ``--json``, and what a document has that its schema doesn't describe."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped] # it ships no types

from cli.json_schemas.commands import SCHEMAS, document


def has_offset(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


FORMATS = FormatChecker(())
FORMATS.checkers = {"date-time": (has_offset, ValueError)}


def problems(command: str, printed: str) -> Iterator[str]:
    """What the schema forbids, and keys that it doesn't have. None of a command without a schema.

    Args:
        command: its words, or without its group's, if a test runs the group alone.
    """
    named = [each for each in SCHEMAS if each == command or each.endswith(f" {command}")]
    for name in sorted(named, key=len)[:1]:
        for error in strict(name).iter_errors(json.loads(printed)):
            yield f"cronmend {name}: {error.json_path}: {error.message}"


@cache
def strict(command: str) -> Draft202012Validator:
    return Draft202012Validator(closed(document(command)), format_checker=FORMATS)


def closed(schema: Any) -> Any:
    """The same without any key that isn't named, at every depth."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, Mapping):
        return schema
    found = {name: closed(each) for name, each in schema.items()}
    return {"additionalProperties": False, **found} if isinstance(schema.get("properties"), Mapping) else found
