"""Every property that AWS's models of a schedule, a rule, its target and a task have: carried, or named in a note.

The models are botocore's, so that a property that AWS adds and botocore learns fails here until it is decided on.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.session import Session

from cli.jobs.importers.imported import Imported
from cli.jobs.importers.rules import schedule_of_rule
from tests.cli.jobs.importing import from_ecschedule, from_schedules, from_terraform
from tests.cli.jobs.terraform import resource, state

type Path = tuple[str, ...]
type Document = dict[str, Any]

_SESSION = Session()
_TOLD_OF_THE_FILE = {"RoleArn": "oles", "DeadLetterConfig": "ead-letter queue"}
"""What a note about the whole file names, in its words."""
_SAY_NOTHING = {
    "Arn", "CreationDate", "LastModificationDate", "CreatedBy", "ManagedBy", "ResponseMetadata", "Mode",
}  # fmt: skip
"""AWS's own account of the schedule, and whether its window has a length, which the length says."""


_DEFAULTS = {"ENABLED", "FARGATE", "OFF", "NONE"}
_NEEDS: dict[str, Any] = {
    "Input": '{"containerOverrides": [{"name": "web", "command": ["true"]}]}',
    "AssignPublicIp": "ENABLED",
    "assignPublicIp": "ENABLED",
}
"""Properties that no made-up value of their type fits."""


def shape(service: str, operation: str, *members: str) -> Shape:
    model = _SESSION.get_service_model(service).operation_model(operation)
    found: Any = model.output_shape
    for member in members:
        found = found.member if member == "[]" else found.members[member]
    assert isinstance(found, Shape)
    return found


def request(*members: str) -> Shape:
    found: Any = _SESSION.get_service_model("ecs").operation_model("RunTask").input_shape
    for member in members:
        found = found.members[member]
    assert isinstance(found, Shape)
    return found


def leaves(of: Shape, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """The path of each property, and a value that isn't its default."""
    if isinstance(of, StructureShape):
        for name, member in of.members.items():
            yield from leaves(member, (*path, name))
    elif isinstance(of, ListShape):
        yield from leaves(of.member, (*path, "[]"))
    elif isinstance(of, MapShape):
        yield path, {"key": "value"}
    else:
        words = [word for word in getattr(of, "enum", ()) if word not in _DEFAULTS]
        kinds = {"integer": 7, "boolean": True, "timestamp": "2030-01-01T00:00:00Z"}
        yield path, _NEEDS.get(path[-1]) or kinds.get(of.type_name, [*words, "something"][0])


def planted(document: Any, path: Path, value: Any) -> Any:
    """The document with one more value."""
    if not path:
        return value
    key, rest = path[0], path[1:]
    if key == "[]":
        items = list(document or [{}])
        return [planted(items[0], rest, value), *items[1:]]
    return {**(document or {}), key: planted((document or {}).get(key), rest, value)}


def told(imported: Imported, before: Imported, path: Path) -> bool:
    notes = " ".join(set(imported.notes) - set(before.notes))
    return any(re.search(rf"\b{re.escape(step)}\b", notes, re.IGNORECASE) for step in path if step != "[]")


def carried(imported: Imported, before: Imported) -> bool:
    own, others = ("\n".join(line for line in each.text.splitlines() if line[:1] != "#") for each in (imported, before))
    return own != others


def lost(read: Callable[[Document], Imported], base: Document, of: Shape, prefix: Path = ()) -> list[str]:
    """The properties that are neither carried nor named."""
    before, found = read(base), []
    for path, value in leaves(of):
        if path[-1] in _SAY_NOTHING and path[0] in (*_SAY_NOTHING, "FlexibleTimeWindow"):
            continue
        whole = next((said for key, said in _TOLD_OF_THE_FILE.items() if key in path), None)
        after = read(planted(base, (*prefix, *path), value))
        if (
            not (whole and whole in " ".join(after.notes))
            and not told(after, before, path)
            and not carried(after, before)
        ):
            found.append(".".join((*prefix, *path)))
    return found


TASK = "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp"
TARGET: Document = {
    "Arn": "arn:aws:ecs:eu-west-2:111122223333:cluster/app",
    "EcsParameters": {"TaskDefinitionArn": TASK},
}
SCHEDULE: Document = {"Name": "job", "ScheduleExpression": "rate(1 hour)", "GroupName": "default", "Target": TARGET}


def scheduled(schedule: Document) -> Imported:
    return from_schedules([schedule], "default")


def with_input(task: Document) -> Imported:
    return scheduled({**SCHEDULE, "Target": {**TARGET, "Input": json.dumps(task)}})


def universal(run: Document) -> Imported:
    """With the keys' first letters in upper case, as a universal target has them."""
    target = {"Arn": "arn:aws:scheduler:::aws-sdk:ecs:runTask", "Input": json.dumps(_upper(run))}
    return scheduled({**SCHEDULE, "Target": target})


def _upper(value: Any) -> Any:
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: _upper(item) for key, item in value.items()}
    return [_upper(item) for item in value] if isinstance(value, list) else value


def test_every_property_of_a_schedule() -> None:
    assert lost(scheduled, SCHEDULE, shape("scheduler", "GetSchedule")) == []


@pytest.mark.parametrize("of", ["rule", "target"])
def test_every_property_of_a_rule_and_its_target(of: str) -> None:
    base = {"rule": {"Name": "job", "ScheduleExpression": "rate(1 hour)"}, "target": {"Id": "1", **TARGET}}

    def read(both: Document) -> Imported:
        return scheduled(schedule_of_rule(both["rule"], both["target"], alone=False))

    shapes = {
        "rule": shape("events", "DescribeRule"),
        "target": shape("events", "ListTargetsByRule", "Targets", "[]"),
    }
    assert lost(read, base, shapes[of], (of,)) == []


def test_every_property_of_the_override() -> None:
    base = {"containerOverrides": [{"name": "web", "environment": [{"name": "A"}]}]}
    assert lost(with_input, base, request("overrides")) == []


def test_every_property_of_a_universal_targets_request() -> None:
    override = {"containerOverrides": [{"name": "web", "environment": [{"name": "A"}]}]}
    assert lost(universal, {"cluster": "app", "taskDefinition": "webapp", "overrides": override}, request()) == []


SNAKE = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _snake(value: Any) -> Any:
    """Terraform's names, and a list of one for each block."""
    if isinstance(value, dict):
        return {SNAKE.sub("_", key).lower(): _block(item) for key, item in value.items()}
    return [_snake(item) for item in value] if isinstance(value, list) else value


def _block(value: Any) -> Any:
    """Terraform has no block for awsvpcConfiguration, and says true or false for ENABLED and DISABLED."""
    if not isinstance(value, dict):
        return _snake(value)
    inner = value.get("awsvpcConfiguration", value)
    public = {"AssignPublicIp": inner["AssignPublicIp"] == "ENABLED"} if "AssignPublicIp" in inner else {}
    return [_snake({**inner, **public})]


def test_every_property_of_terraforms_schedule() -> None:
    def read(schedule: Document) -> Imported:
        return from_terraform(state(resource("aws_scheduler_schedule.job", _snake(schedule))))

    assert lost(read, SCHEDULE, shape("scheduler", "GetSchedule")) == []


def test_every_property_of_terraforms_target_of_a_rule() -> None:
    names = {"ecs_parameters": "ecs_target", "id": "target_id", "http_parameters": "http_target"}
    rule = resource("aws_cloudwatch_event_rule.r", {"name": "job", "schedule_expression": "rate(1 hour)"})

    def read(target: Document) -> Imported:
        values = {names.get(key, key): value for key, value in _snake(target).items()}
        return from_terraform(state(rule, resource("aws_cloudwatch_event_target.t", {"rule": "job", **values})))

    assert lost(read, TARGET, shape("events", "ListTargetsByRule", "Targets", "[]")) == ["Id"]


ECSCHEDULE_KEYS = (
    *("description", "disabled", "taskCount", "taskOverride", "group", "launch_type", "platform_version"),
    *("propagateTags", "capacityProviderStrategy", "trackingId", "timezone"),
)


@pytest.mark.parametrize("key", ECSCHEDULE_KEYS)
def test_every_key_of_ecschedules_rules(key: str) -> None:
    base: Document = {"name": "job", "scheduleExpression": "rate(1 hour)", "taskDefinition": "webapp"}
    values = {
        "taskOverride": {"cpu": "512"},
        "capacityProviderStrategy": [{"capacityProvider": "x"}],
        "taskCount": 2,
        "propagateTags": "TASK_DEFINITION",
        "launch_type": "EC2",
    }
    before = from_ecschedule(json.dumps({"rules": [base]}))
    after = from_ecschedule(json.dumps({"rules": [{**base, key: values.get(key, "something")}]}))
    assert carried(after, before) or told(after, before, (key,))


def test_the_region_of_ecschedules_file_is_told() -> None:
    base: Document = {"name": "job", "scheduleExpression": "rate(1 hour)", "taskDefinition": "webapp"}
    assert (
        "the file: region of the configuration isn't converted"
        in from_ecschedule(json.dumps({"region": "eu-west-2", "rules": [base]})).notes
    )
