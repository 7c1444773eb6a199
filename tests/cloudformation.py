"""Reads a CloudFormation template as plain values: ``!Ref X`` is ``{"Ref": "X"}``, and so on for all short forms."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from tests import ROOT

ACCOUNT = {
    "AWS::Partition": "aws",
    "AWS::Region": "eu-west-2",
    "AWS::AccountId": "111122223333",
    "AWS::StackName": "cronmend",
}


class _Loader(yaml.SafeLoader):
    pass


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> Any:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    raise TypeError(f"!{suffix} of a {type(node).__name__}")


_Loader.add_multi_constructor("!", _short_form)


@dataclass(frozen=True)
class Template:
    text: str

    @classmethod
    def read(cls, path: Path = ROOT / "template.yaml") -> "Template":
        return cls(path.read_text())

    @cached_property
    def body(self) -> Mapping[str, Any]:
        body: Mapping[str, Any] = yaml.load(self.text, _Loader)  # noqa: S506 - derived from SafeLoader
        return body

    @property
    def parameters(self) -> Mapping[str, Mapping[str, Any]]:
        parameters: Mapping[str, Mapping[str, Any]] = self.body["Parameters"]
        return parameters

    @property
    def environment(self) -> Mapping[str, Any]:
        variables: Mapping[str, Any] = self.body["Globals"]["Function"]["Environment"]["Variables"]
        return variables

    def variables_of(self, function: str) -> Mapping[str, Any]:
        """Those of all functions, and the function's own."""
        return {**self.environment, **self.functions[function].get("Environment", {}).get("Variables", {})}

    def of_type(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Logical ID → properties."""
        resources = self.body["Resources"].items()
        return {name: each.get("Properties", {}) for name, each in resources if each["Type"] == kind}

    def table(self) -> Any:
        """The arguments of CreateTable for the ledger, besides its name: keys and indexes."""
        (ledger,) = self.of_type("AWS::DynamoDB::Table").values()
        names = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
        return {name: ledger[name] for name in names}

    @property
    def functions(self) -> dict[str, Mapping[str, Any]]:
        return self.of_type("AWS::Serverless::Function")

    def statements_of(self, function: str) -> Iterator[Mapping[str, Any]]:
        """Everything that the function's role allows, from its own policies and the shared ones."""
        role = self.of_type("AWS::IAM::Role")[self.functions[function]["Role"]["Fn::GetAtt"].removesuffix(".Arn")]
        documents = [policy["PolicyDocument"] for policy in role["Policies"]]
        shared = self.of_type("AWS::IAM::ManagedPolicy")
        documents += [shared[_chosen(arn)["Ref"]]["PolicyDocument"] for arn in role.get("ManagedPolicyArns", ())]
        for document in documents:
            yield from map(_chosen, document["Statement"])

    def actions_of(self, function: str) -> set[str]:
        return {action for statement in self.statements_of(function) for action in actions(statement)}

    def resolved(self, value: Any, **parameters: str) -> Any:
        """The value with ``Ref`` and ``Sub`` of parameters and of the account's own names filled in."""
        defaults = {name: str(each.get("Default", "")) for name, each in self.parameters.items()}
        return _resolved(value, {**defaults, **ACCOUNT, **parameters})


def _chosen(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What ``If`` gives where its condition is true."""
    chosen: Mapping[str, Any] = value["Fn::If"][1] if "Fn::If" in value else value
    return chosen


def actions(statement: Mapping[str, Any]) -> list[str]:
    action = statement["Action"]
    return [action] if isinstance(action, str) else action


def references(value: Any) -> Iterator[str]:
    """Every name that ``Ref``, ``GetAtt``, ``Sub``, ``If`` or ``Condition`` mentions in the value."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            match key, inner:
                case ("Ref" | "Condition", str()):
                    yield inner
                case ("Fn::GetAtt", str()):
                    yield inner.split(".")[0]
                case ("Fn::Sub", str()):
                    yield from re.findall(r"\$\{([\w:]+)", inner)
                case ("Fn::If", [name, *_]):
                    yield name
            yield from references(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from references(inner)


def _resolved(value: Any, names: Mapping[str, str]) -> Any:
    match value:
        case {"Ref": str(name)} if name in names:
            return names[name]
        case Mapping() if len(value) == 1 and (calculate := _CALCULATED.get(next(iter(value)))):
            return calculate(next(iter(value.values())), names)
        case Mapping():
            return {key: _resolved(inner, names) for key, inner in value.items()}
        case list():
            return [_resolved(inner, names) for inner in value]
    return value


def _substituted(value: Any, names: Mapping[str, str]) -> str:
    text, own = (value, {}) if isinstance(value, str) else value
    known = {**names, **_resolved(own, names)}
    return re.sub(r"\$\{([\w:]+)\}", lambda match: known.get(match[1], match[0]), text)


_CALCULATED: Mapping[str, Callable[[Any, Mapping[str, str]], Any]] = {
    "Fn::Sub": _substituted,
    "Fn::Select": lambda value, names: _resolved(value[1], names)[value[0]],
    "Fn::Split": lambda value, names: _resolved(value[1], names).split(value[0]),
}
