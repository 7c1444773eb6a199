"""The parameters of template.yaml, in the groups of its form."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_LONGEST = 4096
"""CloudFormation's limit of a value."""


class _Loader(yaml.SafeLoader):
    """Reads the values of CloudFormation's short forms, such as ``!Ref``, as None: no parameter has one."""


_Loader.add_multi_constructor("!", lambda *_: None)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, with what CloudFormation accepts as its value."""

    name: str
    description: str
    default: str | None
    """None if there is none: then a value is required."""
    is_number: bool
    pattern: str
    choices: tuple[str, ...]
    least: float
    most: float
    longest: int
    allowed: str
    """What is accepted, in words."""

    def problem(self, value: str) -> str:
        """Why CloudFormation would refuse the value, and what it accepts; ``""`` if it would not."""
        return "" if self._accepts(value) else f"'{value}' is not a value for {self.name}. Use {self.allowed}."

    def _accepts(self, value: str) -> bool:
        if self.choices:
            return value in self.choices
        if self.least > -_INFINITE or self.most < _INFINITE:
            return value.isdecimal() and self.least <= int(value) <= self.most
        return len(value) <= self.longest and re.fullmatch(self.pattern, value) is not None


_INFINITE = float("inf")


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    parameters: tuple[Parameter, ...]


def read(template: Path) -> tuple[Group, ...]:
    return tuple(groups_of(body(template)))


def body(template: Path) -> Any:
    return yaml.load(template.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - derived from SafeLoader


def by_name(groups: tuple[Group, ...]) -> Mapping[str, Parameter]:
    return {each.name: each for group in groups for each in group.parameters}


def groups_of(raw: Mapping[str, Any]) -> Iterator[Group]:
    for group in raw["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]:
        found = (_parameter(name, raw["Parameters"][name]) for name in group["Parameters"])
        yield Group(group["Label"]["default"], tuple(found))


def _parameter(name: str, raw: Mapping[str, Any]) -> Parameter:
    return Parameter(
        name=name,
        description=raw["Description"],
        default=str(raw["Default"]) if "Default" in raw else None,
        is_number=raw["Type"] == "Number",
        pattern=raw.get("AllowedPattern", ".*"),
        choices=tuple(map(str, raw.get("AllowedValues", ()))),
        least=raw.get("MinValue", -_INFINITE),
        most=raw.get("MaxValue", _INFINITE),
        longest=raw.get("MaxLength", _LONGEST),
        allowed=raw["ConstraintDescription"],
    )
