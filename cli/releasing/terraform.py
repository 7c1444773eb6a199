"""The generated files of the Terraform module, formatted as ``terraform fmt`` formats them.

Source: https://developer.hashicorp.com/terraform/language/values/variables.
"""

import json
import re
from collections.abc import Iterator

from cli.deploying.parameters import Group, Parameter
from cli.releasing.offered import FIXED, GENERATED, Kind, Offered, Output, joined, kind, snake

_TYPES = {Kind.FLAG: "bool", Kind.NUMBER: "number", Kind.TEXT: "string"}
_TEMPLATE = re.compile(r"([$%])\{")
_REPEATED = re.compile(r"\{1,(\d+)\}")
_MOST_REPEATED = 200
"""RE2 refuses a pattern that repeats something more than 1,000 times, counting groups in groups, and the patterns of
lists repeat their parts five times. What is repeated more often than this has no upper limit in the module.
CloudFormation still has it. Source: https://github.com/google/re2/wiki/Syntax."""


def parameters(offered: Offered) -> str:
    """A variable for each parameter, and all of them as the stack takes them."""
    return joined((f"# {GENERATED}", *(block for group in offered.groups for block in _group(group)), _passed(offered)))


def outputs(offered: Offered) -> str:
    return joined((f"# {GENERATED}", *map(_output, offered.outputs)))


def _group(group: Group) -> Iterator[str]:
    yield f"# {group.label}"
    yield from map(variable, group.parameters)


def variable(parameter: Parameter) -> str:
    name = snake(parameter.name)
    default = [] if parameter.default is None else [f"  default     = {_value(parameter, parameter.default)}"]
    lines = (
        f'variable "{name}" {{',
        f"  description = {quoted(parameter.description)}",
        f"  type        = {_TYPES[kind(parameter)]}",
        *default,
        "  nullable    = false",
        *_validation(parameter, f"var.{name}"),
        "}",
    )
    return "\n".join(lines)


def _validation(parameter: Parameter, value: str) -> Iterator[str]:
    """None for a flag: its type allows nothing else."""
    if kind(parameter) is not Kind.FLAG:
        yield ""
        yield "  validation {"
        yield f"    condition     = {_condition(parameter, value)}"
        yield f"    error_message = {quoted(f'Use {parameter.allowed}.')}"
        yield "  }"


def _condition(parameter: Parameter, value: str) -> str:
    if parameter.choices:
        choices = ", ".join(_value(parameter, each) for each in parameter.choices)
        return f"contains([{choices}], {value})"
    if parameter.is_number:
        return f"{value} >= {parameter.least} && {value} <= {parameter.most} && floor({value}) == {value}"
    pattern = _REPEATED.sub(lambda found: "+" if int(found[1]) > _MOST_REPEATED else found[0], parameter.pattern)
    return f"length({value}) <= {parameter.longest} && can(regex({quoted(pattern)}, {value}))"


def _value(parameter: Parameter, text: str) -> str:
    return quoted(text) if kind(parameter) is Kind.TEXT else text


def _passed(offered: Offered) -> str:
    rows = {each.name: f"var.{snake(each.name)}" for each in offered.parameters}
    rows |= {name: quoted(value) for name, value in FIXED.items()}
    width = max(map(len, rows))
    lines = (f"    {name:{width}} = {value}" for name, value in rows.items())
    return "\n".join(("locals {", "  parameters = {", *lines, "  }", "}"))


def _output(output: Output) -> str:
    found = f"aws_cloudformation_stack.cronmend.outputs[{quoted(output.name)}]"
    lines = (
        f'output "{snake(output.name)}" {{',
        f"  description = {quoted(_described(output))}",
        f"  value       = {f'try({found}, null)' if output.is_conditional else found}",
        "}",
    )
    return "\n".join(lines)


def _described(output: Output) -> str:
    return f"{output.description} null if the stack has none." if output.is_conditional else output.description


def quoted(text: str) -> str:
    """HCL has JSON's escapes, and templates that begin with ``${`` or ``%{``."""
    return _TEMPLATE.sub(r"\1\1{", json.dumps(text, ensure_ascii=False))
