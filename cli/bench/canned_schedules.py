"""What EventBridge Scheduler answers in :mod:`cli.bench.canned_aws`. Every group but that of the jobs holds timers."""

import json
from collections.abc import Mapping
from typing import Any, Final

from cli.bench.canned_account import ECS, GROUP, LONG_AGO, Account, command, page
from cronmend.jobs.identity import JOB_VARIABLE
from local.aws import ACCOUNT, CLUSTER_ARN, REGION


def _list_schedules(account: Account, params: Mapping[str, Any]) -> Any:
    named = [name for name in account.schedules if name.startswith(params.get("NamePrefix", ""))]
    found, more = page(named, params, "MaxResults", "NextToken", 100)
    return {"Schedules": [_summary(name) for name in found], **more}


def _summary(name: str) -> Any:
    return {"GroupName": GROUP, "Name": name, "Target": {"Arn": CLUSTER_ARN}, "LastModificationDate": LONG_AGO}


def _get_schedule(account: Account, params: Mapping[str, Any]) -> Any:
    name = params["Name"]
    variable = {"name": JOB_VARIABLE, "value": f"{GROUP}/{name}"}
    override = {"name": "web", "command": list(command(name)), "environment": [variable]}
    schedule = {
        **_summary(name),
        "Arn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{GROUP}/{name}",
        "State": "ENABLED",
        "ScheduleExpression": account.expression,
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {
            "Arn": CLUSTER_ARN,
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler",
            "EcsParameters": {"TaskDefinitionArn": f"{ECS}:task-definition/webapp:2"},
            "Input": json.dumps({"containerOverrides": [override]}),
        },
    }
    return schedule | account.updated.get(name, {})


def _update_schedule(account: Account, params: Mapping[str, Any]) -> Any:
    name = params["Name"]
    if params["GroupName"] == GROUP:
        account.updated[name] = params
        return {}
    if name not in account.timers:
        return {"Error": {"Code": "ResourceNotFoundException", "Message": f"Schedule {name} does not exist."}}
    account.timers[name] = json.loads(params["Target"]["Input"])
    return {}


def _create_schedule(account: Account, params: Mapping[str, Any]) -> Any:
    name = params["Name"]
    if name in account.timers:
        return {"Error": {"Code": "ConflictException", "Message": f"Schedule {name} already exists."}}
    account.timers[name] = json.loads(params["Target"]["Input"])
    return {"ScheduleArn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{params['GroupName']}/{name}"}


ANSWERS: Final = {
    "ListSchedules": _list_schedules,
    "GetSchedule": _get_schedule,
    "UpdateSchedule": _update_schedule,
    "CreateSchedule": _create_schedule,
}
