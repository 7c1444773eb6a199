"""A template of CloudFormation, SAM or `cdk synth` → schedules in the API's shape.

``AWS::Scheduler::Schedule``, and ``AWS::Events::Rule`` with its targets. A template knows its own resources and its
parameters' defaults; what comes from elsewhere is noted with its path.
"""

import json
import re
from collections.abc import Iterator, Mapping
from copy import replace
from dataclasses import dataclass, field
from typing import Any

import yaml

from cli.jobs.importers.found import NOT_IMPORTED, Found
from cli.jobs.importers.rules import schedule_of_rule
from cronmend.errors import UNREADABLE, Permanent

type Values = Mapping[str, Any]

_NAMES = {
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::ECS::TaskDefinition": "Family",
    "AWS::Scheduler::ScheduleGroup": "Name",
}
"""The property that names a resource to which a schedule refers."""
_API_NAMES = {
    "AwsvpcConfiguration": "awsvpcConfiguration",
    "AwsVpcConfiguration": "awsvpcConfiguration",
    "CapacityProvider": "capacityProvider",
    "Weight": "weight",
    "Base": "base",
    "TagList": "Tags",
}
_RESOLVED = frozenset({"Ref", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::ToJsonString"})
_PSEUDO = re.compile(r"AWS::(?:AccountId|Partition|Region|StackName|URLSuffix|StackId)")
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z0-9:.]+)\}")


class _Loader(yaml.SafeLoader):
    """The short forms of CloudFormation's functions as their long ones."""


def _function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        value: Any = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = str(node.value)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _function)


def document(text: str) -> Any:
    """The template; None if the text is neither JSON nor YAML."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a safe loader with CloudFormation's tags
    except (yaml.YAMLError, *UNREADABLE):
        return None


def is_template(found: Any) -> bool:
    resources = found.get("Resources") if isinstance(found, Mapping) else None
    return isinstance(resources, Mapping) and all(
        isinstance(each, Mapping) and "Type" in each for each in resources.values()
    )


def found(text: str) -> Iterator[Found]:
    """
    Raises:
        Permanent: not a template.
    """
    template = document(text)
    if not is_template(template):
        raise Permanent("The file isn't a template with Resources. Name one of CloudFormation, SAM or `cdk synth`.")
    for name, resource in template["Resources"].items():
        reader = _Reader(template)
        if resource["Type"] == "AWS::Scheduler::Schedule":
            yield reader.schedule(name, resource.get("Properties") or {})
        elif resource["Type"] == "AWS::Events::Rule":
            yield from reader.rules(name, resource.get("Properties") or {})


@dataclass(slots=True)
class _Reader:
    """Reads one resource."""

    template: Values
    notes: list[str] = field(default_factory=list)

    def schedule(self, logical: str, properties: Values) -> Found:
        return self._found(logical, {"Name": logical, **self._known(properties)}, "Name" in properties)

    def rules(self, logical: str, properties: Values) -> Iterator[Found]:
        rule = self._known({key: value for key, value in properties.items() if key != "Targets"})
        targets = [each for each in properties.get("Targets") or () if isinstance(each, Mapping)]
        tasks = [self._value(each, "Targets") for each in targets if "EcsParameters" in each]
        for target in tasks if rule.get("ScheduleExpression") else ():
            schedule = schedule_of_rule({"Name": logical, **rule}, target, alone=len(tasks) == 1)
            joined = self._found(logical, schedule, "Name" in properties)
            yield replace(joined, of_rule=True, several=len(tasks) > 1)

    def _found(self, logical: str, schedule: Values, named: bool) -> Found:
        target = dict(schedule.get("Target") or {})
        ecs = dict(target.get("EcsParameters") or {})
        for part, key in ((target, "Arn"), (ecs, "TaskDefinitionArn")):
            if "${AWS::" in str(part.get(key)):
                part[key] = str(part[key]).rpartition("/")[2]
        containers = self._containers(str(ecs.get("TaskDefinitionArn") or ""))
        for pseudo in sorted({match["name"] for match in _VARIABLE.finditer(str(target.get("Input")))}):
            if _PSEUDO.fullmatch(pseudo):
                self.notes.append(f"Target.Input has {pseudo}, which nothing replaces in jobs.toml; write its value")
        whole = {**schedule, "Target": {**target, **({"EcsParameters": ecs} if ecs else {})}}
        return Found(whole, logical, tuple(dict.fromkeys(self.notes)), containers, name_known=named)

    def _known(self, properties: Values) -> dict[str, Any]:
        found: dict[str, Any] = self._value(properties, "")
        return found

    def _value(self, value: Any, path: str) -> Any:
        """The value with its functions resolved; None for what the template doesn't know, after a note."""
        if isinstance(value, list):
            items = [self._value(item, path) for item in value]
            return [item for item in items if item is not None]
        if not isinstance(value, Mapping):
            return value
        name = str(next(iter(value), "")) if len(value) == 1 else ""
        if name in _RESOLVED:
            return self._resolved(name, value[name], path)
        if name.startswith("Fn::"):
            return self._unknown(path, name)
        kept = {str(key): item for key, item in value.items() if key not in NOT_IMPORTED}
        known = {key: self._value(item, f"{path}.{key}".lstrip(".")) for key, item in kept.items()}
        return {_API_NAMES.get(key, key): item for key, item in known.items() if item is not None}

    def _resolved(self, name: str, argument: Any, path: str) -> Any:
        if name == "Fn::ToJsonString":
            return json.dumps(self._value(argument, path))
        if name == "Fn::Join":
            parts = [self._value(each, path) for each in argument[1]] if isinstance(argument[1], list) else [None]
            return None if None in parts else str(argument[0]).join(map(str, parts))
        if name == "Fn::Sub":
            return self._substituted(argument, path)
        return self._referred(str(argument if name == "Ref" else argument[0]), path)

    def _substituted(self, argument: Any, path: str) -> str | None:
        text = str(argument if isinstance(argument, str) else argument[0])
        given: Values = {} if isinstance(argument, str) else argument[1]
        names = {match["name"] for match in _VARIABLE.finditer(text)}
        values = {
            name: self._value(given[name], path) if name in given else self._referred(name.split(".")[0], path)
            for name in names
        }
        if None in values.values():
            return None
        return _VARIABLE.sub(lambda match: str(values[match["name"]]), text).replace("${!", "${")

    def _referred(self, name: str, path: str) -> Any:
        if _PSEUDO.fullmatch(name):
            return f"${{{name}}}"
        if name == "AWS::NoValue":
            return None
        parameter = (self.template.get("Parameters") or {}).get(name) or {}
        if "Default" in parameter and not str(parameter.get("Type")).startswith("AWS::SSM"):
            return parameter["Default"]
        resource = (self.template.get("Resources") or {}).get(name) or {}
        named = (resource.get("Properties") or {}).get(_NAMES.get(str(resource.get("Type")), ""))
        return self._value(named, path) if named else self._unknown(path, name)

    def _unknown(self, path: str, what: str) -> None:
        self.notes.append(f"{path} ({what}) isn't known from the template; add it, or import the account")

    def _containers(self, family: str) -> tuple[str, ...]:
        """The essential containers of a task definition of the same template."""
        for resource in self.template["Resources"].values():
            properties = resource.get("Properties") or {}
            if resource["Type"] == "AWS::ECS::TaskDefinition" and properties.get("Family") == family:
                containers = properties.get("ContainerDefinitions") or []
                return tuple(str(each.get("Name")) for each in containers if each.get("Essential", True))
        return ()
