"""The generated files of the CDK construct: a class with a field for each parameter, and the limits of its values."""

import json
from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from cli.deploying.parameters import Group, Parameter
from cli.deploying.questions import LONGEST_STACK
from cli.releasing.offered import FIXED, GENERATED, Kind, Offered, joined, kind, snake

_TYPES = {Kind.FLAG: "bool", Kind.NUMBER: "int", Kind.TEXT: "str"}
_WIDTH = 116
_HEAD = f'''\
"""The parameters and outputs of the stack. {GENERATED}"""

from dataclasses import dataclass
from typing import Literal'''


def parameters(offered: Offered) -> str:
    return joined((_HEAD, _outputs(offered), "\n" + _class(offered)))


def limits(offered: Offered) -> str:
    """Field → the parameter's name and what it accepts; what is fixed; the longest name of a stack. As JSON."""
    found = {snake(each.name): _limits(each) for each in offered.parameters}
    every = {"longest_stack": LONGEST_STACK, "fixed": FIXED, "limits": found}
    return json.dumps(every, indent=2, ensure_ascii=False) + "\n"


def _outputs(offered: Offered) -> str:
    lines = (f"    {_quoted(each.name)}," for each in offered.outputs)
    return "\n".join(("OutputName = Literal[", *lines, "]"))


def _class(offered: Offered) -> str:
    described = '    """Values for the parameters of the stack. docs/deploy.md describes them."""'
    fields = (line for group in offered.groups for line in _group(group))
    return "\n".join(("@dataclass(frozen=True, kw_only=True)", "class Parameters:", described, *fields))


def _group(group: Group) -> Iterator[str]:
    yield f"\n    # {group.label}"
    for each in group.parameters:
        default = "" if each.default is None else f" = {_value(each, each.default)}"
        yield f"    {snake(each.name)}: {_type(each)}{default}"
        yield "\n".join(f"    {line}" for line in wrap(_docstring(each.description), _WIDTH, break_on_hyphens=False))


def _docstring(text: str) -> str:
    """The text as it is, unless its quotes would end the docstring."""
    inner = text.replace("\\", "\\\\")
    if '"""' in text or text.endswith('"'):
        inner = inner.replace('"', r"\"")
    return f'"""{inner}"""'


def _type(parameter: Parameter) -> str:
    if kind(parameter) is Kind.FLAG or not parameter.choices:
        return _TYPES[kind(parameter)]
    return f"Literal[{', '.join(_value(parameter, each) for each in parameter.choices)}]"


def _value(parameter: Parameter, text: str) -> str:
    match kind(parameter):
        case Kind.FLAG:
            return text.capitalize()
        case Kind.NUMBER:
            return text
        case _:
            return _quoted(text)


def _limits(parameter: Parameter) -> dict[str, Any]:
    """Choices are compared as CloudFormation gets them, as texts."""
    found = {"name": parameter.name, "allowed": parameter.allowed}
    if parameter.choices:
        return {**found, "choices": parameter.choices}
    if parameter.is_number:
        return {**found, "least": parameter.least, "most": parameter.most}
    return {**found, "pattern": parameter.pattern, "longest": parameter.longest}


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
