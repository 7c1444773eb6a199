"""Redact a document before it leaves this machine, as messages are redacted."""

from collections.abc import Mapping, Sequence
from typing import Any

from cronmend import settings
from cronmend.redact import Redactor


def redactor_of(parameters: Mapping[str, str]) -> Redactor:
    """With the stack's own kinds of secrets and patterns.

    Args:
        parameters: those of the stack, by name.
    """
    own = {"RedactAlso": parameters.get("RedactAlso", ""), "RedactPatterns": parameters.get("RedactPatterns", "")}
    return settings.redactor(own, *own)


def redacted(value: Any, redact: Redactor) -> Any:
    """Every text in the value, at any depth. Lines of a list are redacted together: a key spans several."""
    match value:
        case str():
            return redact(value)
        case Mapping():
            return {name: redacted(each, redact) for name, each in value.items()}
        case Sequence() if value and all(isinstance(each, str) for each in value):
            return redact("\n".join(value)).split("\n")
        case Sequence():
            return [redacted(each, redact) for each in value]
        case _:
            return value
