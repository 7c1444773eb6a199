"""The kinds of value that hold patterns in RE2's syntax, which are matched in time linear in the text's length."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import re2

from cli.toml_files.kinds import Problem, Schema, Text

_LONGEST: Final = 500
_TEXT: Final = Text(high=_LONGEST)
_EXAMPLE: Final = """write { pattern = 'exported (\\d+) rows', min = 1 }"""
_REMEDY: Final = "write a pattern in RE2's syntax (https://github.com/google/re2/wiki/Syntax)"


@dataclass(frozen=True, slots=True)
class Pattern:
    groups: bool = False
    """Whether it needs a group."""

    def problems(self, value: Any) -> Iterator[Problem]:
        found = list(_TEXT.problems(value))
        yield from found
        if not found:
            yield from self._of_text(value)

    def _of_text(self, value: str) -> Iterator[Problem]:
        options = re2.Options()
        options.log_errors = False
        try:
            pattern = re2.compile(f"(?m){value}", options)
        except re2.error as error:
            yield f"{value!r} is not a pattern: {_said(error)}", _REMEDY
            return
        if pattern.search("") and not self.groups:
            yield f"{value!r} matches an empty text, so it matches every log", _REMEDY
        if self.groups and not pattern.groups:
            yield f"{value!r} has no group for the number", _EXAMPLE

    def schema(self) -> Schema:
        return _TEXT.schema()


@dataclass(frozen=True, slots=True)
class BoundedNumber:
    """A table with a pattern and the bounds of the number that its first group matches."""

    def problems(self, value: Any) -> Iterator[Problem]:
        if not isinstance(value, Mapping) or "pattern" not in value:
            yield f"{value} has no key pattern", _EXAMPLE
            return
        yield from Pattern(groups=True).problems(value["pattern"])
        for name in sorted(value.keys() - {"pattern", "min", "max"}):
            yield f"{name!r} is not a key of a number", "use only pattern, min and max"
        bounds = [value[name] for name in ("min", "max") if name in value]
        if not bounds:
            yield "there is no bound", _EXAMPLE
        elif not all(_is_number(each) for each in bounds):
            yield "a bound is not a number", _EXAMPLE
        elif bounds != sorted(bounds):
            yield f"min is {bounds[0]}, more than max, {bounds[1]}", "write a max that is not less than min"

    def schema(self) -> Schema:
        number = {"type": "number"}
        properties = {"pattern": _TEXT.schema(), "min": number, "max": number}
        return {"type": "object", "properties": properties, "required": ["pattern"], "additionalProperties": False}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _said(error: Exception) -> str:
    said = error.args[0] if error.args else error
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
