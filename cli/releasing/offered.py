"""What the Terraform module and the CDK construct offer of template.yaml: its parameters and outputs."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from cli.deploying.parameters import Group, Parameter, body, groups_of
from cli.installing.steps import DEPLOY_SCHEDULES

GENERATED: Final = "Generated from template.yaml by `python -m cli.releasing.modules`."
FIXED: Final = {"PolicySource": "published"}
"""What every stack of a release has, because a release contains no policies and routes."""
_WITHOUT = {DEPLOY_SCHEDULES, *FIXED}
_OF_SCHEDULES = "DeploysSchedules"
"""The condition of outputs that no stack of a module has: its schedules are defined by the same tool."""
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")
_FLAG = ("true", "false")


class Kind(StrEnum):
    FLAG = "flag"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Output:
    name: str
    description: str
    is_conditional: bool


@dataclass(frozen=True, slots=True)
class Offered:
    groups: tuple[Group, ...]
    outputs: tuple[Output, ...]

    @property
    def parameters(self) -> Iterator[Parameter]:
        return (each for group in self.groups for each in group.parameters)


def read(template: Path) -> Offered:
    raw = body(template)
    return Offered(tuple(map(_without, groups_of(raw))), tuple(_outputs(raw["Outputs"])))


def kind(parameter: Parameter) -> Kind:
    if parameter.choices == _FLAG:
        return Kind.FLAG
    return Kind.NUMBER if parameter.is_number else Kind.TEXT


def snake(name: str) -> str:
    """``MaxMemoryMiB`` → ``max_memory_mib``."""
    return _WORD.sub("_", name).lower()


def joined(blocks: Iterable[str]) -> str:
    return "\n\n".join(blocks) + "\n"


def _without(group: Group) -> Group:
    return Group(group.label, tuple(each for each in group.parameters if each.name not in _WITHOUT))


def _outputs(raw: Mapping[str, Any]) -> Iterator[Output]:
    for name, each in raw.items():
        if each.get("Condition") != _OF_SCHEDULES:
            yield Output(name, each["Description"], "Condition" in each)
