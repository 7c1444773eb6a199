"""Restore what the emulator's CloudFormation loses of a schedule.

It stores the template's properties under their CloudFormation names and drops those it doesn't know. The API's
``awsvpcConfiguration`` is ``AwsvpcConfiguration`` there, so GetSchedule shows no network. The time zone, the start and
end dates and the action after completion are lost.
"""

import json
import urllib.request
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import yaml

from cronmend.jobs.start_dates import with_next_start
from local.aws import ACCOUNT, REGION, Clients, Endpoints
from local.patience import PATIENCE

if TYPE_CHECKING:
    from types_boto3_cloudformation.type_defs import StackTypeDef
    from types_boto3_scheduler.type_defs import UpdateScheduleInputTypeDef

_RENAMED = {
    "AwsvpcConfiguration": "awsvpcConfiguration",
    "CapacityProvider": "capacityProvider",
    "Weight": "weight",
    "Base": "base",
    "Type": "type",
    "Field": "field",
    "Expression": "expression",
}
"""CloudFormation's names inside EcsParameters → the API's."""
_LOST = ("ScheduleExpressionTimezone", "StartDate", "EndDate", "ActionAfterCompletion")
_KEPT = ("ScheduleExpression", "ScheduleExpressionTimezone", "FlexibleTimeWindow", "State", "Description", "KmsKeyArn")
_DATES = ("StartDate", "EndDate")
PROPOSED = "REVIEW_IN_PROGRESS"
"""A stack that has only a change set: it has no template and no resources."""


class Repairs:
    """Repairs the schedules after each deploy that someone makes while the account runs."""

    def __init__(self, endpoints: Endpoints, clients: Clients) -> None:
        self._endpoints, self._clients = endpoints, clients
        self._repaired: object = None

    def are_done(self) -> bool:
        """Repair what a deploy has lost; False while a stack changes."""
        stacks = [
            (each["StackName"], each["StackStatus"], each.get("LastUpdatedTime")) for each in _stacks(self._clients)
        ]
        if any(status.endswith("_IN_PROGRESS") and status != PROPOSED for _, status, _ in stacks):
            return False
        if stacks != self._repaired:
            repair(self._endpoints, self._clients)
            self._repaired = stacks
        return True


def repair(endpoints: Endpoints, clients: Clients) -> int:
    """Restore the values of the deployed templates; returns how many schedules changed."""
    declared = dict(_declared(clients))
    changed = 0
    for page in clients.scheduler.get_paginator("list_schedules").paginate():
        for entry in page["Schedules"]:
            stored = _stored(endpoints, entry["GroupName"], entry["Name"])
            correct = _correct(stored, declared.get(entry["Name"], {}))
            if correct != stored:
                clients.scheduler.update_schedule(**update_request(correct))
                changed += 1
    return changed


def update_request(schedule: Mapping[str, Any]) -> "UpdateScheduleInputTypeDef":
    """All of a schedule: UpdateSchedule resets fields that are left out.

    But for a start date that has passed, which AWS refuses: a rate gets its next time in phase instead.
    """
    start = schedule.get("StartDate")
    dated = {**schedule, "StartDate": datetime.fromisoformat(start) if isinstance(start, str) and start else start}
    schedule = with_next_start(dated, datetime.now(UTC))
    names = ("Name", "GroupName", "Target", "ActionAfterCompletion", *_KEPT, *_DATES)
    given: Any = {name: schedule[name] for name in names if schedule.get(name) not in (None, "")}
    request: UpdateScheduleInputTypeDef = given
    return request


def _stored(endpoints: Endpoints, group: str, name: str) -> dict[str, Any]:
    """The schedule as stored in the emulator. boto3 would drop the names that the API doesn't have."""
    scope = f"{ACCOUNT}/20260101/{REGION}/scheduler/aws4_request"
    request = urllib.request.Request(  # noqa: S310 - always the emulator on the loopback
        f"{endpoints.aws}/schedules/{quote(name)}?groupName={quote(group)}",
        headers={"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - as above
        schedule: dict[str, Any] = json.loads(answer.read())
    return schedule


def _correct(stored: Mapping[str, Any], declared: Mapping[str, Any]) -> dict[str, Any]:
    target = dict(stored["Target"])
    if "EcsParameters" in target:
        target["EcsParameters"] = with_api_names(target["EcsParameters"])
    given = {name: declared[name] for name in _LOST if isinstance(declared.get(name), str)}
    return {**stored, **given, "Target": target}


def with_api_names(value: Any) -> Any:
    """EcsParameters of a template as the API has them."""
    if isinstance(value, Mapping):
        return {_RENAMED.get(name, name): with_api_names(inner) for name, inner in value.items()}
    return [with_api_names(inner) for inner in value] if isinstance(value, list) else value


def _declared(clients: Clients) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The name and the template properties of every schedule that a stack created."""
    for name in (each["StackName"] for each in _stacks(clients) if each["StackStatus"] != PROPOSED):
        template = clients.cloudformation.get_template(StackName=name)["TemplateBody"]
        written = yaml.load(str(template), Loader=_TemplateLoader).get("Resources") or {}  # noqa: S506 - a SafeLoader
        for made in clients.cloudformation.describe_stack_resources(StackName=name)["StackResources"]:
            if made["ResourceType"] == "AWS::Scheduler::Schedule":
                yield made["PhysicalResourceId"], written[made["LogicalResourceId"]]["Properties"]


def _stacks(clients: Clients) -> Iterator["StackTypeDef"]:
    for page in clients.cloudformation.get_paginator("describe_stacks").paginate():
        yield from page["Stacks"]


class _TemplateLoader(yaml.SafeLoader):
    """Reads CloudFormation's YAML. ``!Ref`` and other functions become None: only plain values are needed here."""


_TemplateLoader.add_multi_constructor("!", lambda loader, suffix, node: None)
