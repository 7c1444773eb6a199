"""The invented past as AWS answers it: boto3's own clients, with a hook in place of the network.

It says no more than AWS does: no exit code, no migration outside ECS, no earlier target of a schedule.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import boto3
from botocore import xform_name
from botocore.model import OperationModel

from tests.cli.what_if.invented import ACCOUNT, CLUSTER, FAMILY, JOBS, REGION, TOOK, Deploy, Job, Truth

GROUP: Final = "/ecs/app-prod"
_FORM: Final = "%Y-%m-%dT%H:%M:%SZ"
_PAGE: Final = 50
_ARN: Final = f"arn:aws:ecs:{REGION}:{ACCOUNT}"

type Request = Mapping[str, Any]


@dataclass(frozen=True)
class _Answered:
    status_code: int = 200
    raw: None = None


@dataclass
class InventedAccount:
    truth: Truth = field(default_factory=Truth)
    denied: frozenset[str] = frozenset()
    """Operations that the credentials may not call."""
    calls: Counter[str] = field(default_factory=Counter)
    """By IAM's action."""

    def session(self) -> boto3.Session:
        session = boto3.Session(region_name=REGION)
        session.events.register("before-parameter-build", self._sees)
        session.events.register("before-call", self._answers)
        return session

    def _sees(self, params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["params"] = params

    def _answers(self, model: OperationModel, context: Mapping[str, Any], **_: Any) -> Any:
        self.calls[f"{model.service_model.signing_name}:{model.name}"] += 1
        if model.name in self.denied:
            return _Answered(400), {"Error": {"Code": "AccessDeniedException", "Message": f"no {model.name}"}}
        answer: Callable[[Request], dict[str, Any]] = getattr(self, f"_{xform_name(model.name)}")
        found = answer(context["params"])
        return _Answered(400 if "Error" in found else 200), found

    def __post_init__(self) -> None:
        self.runs = sorted(self.truth.runs(), key=lambda each: each.at)
        self._by_task = {each.task_id: each for each in self.runs}
        self._migrations = {f"{each.revision:x}".rjust(32, "f"): each for each in self.truth.deploys if each.by_task}

    def _list_schedules(self, request: Request) -> dict[str, Any]:
        return {"Schedules": [{"GroupName": "default", "Name": job.name, "Target": {"Arn": CLUSTER}} for job in JOBS]}

    def _get_schedule(self, request: Request) -> dict[str, Any]:
        job = next(each for each in JOBS if each.name == request["Name"])
        arn = _definition_arn(self.truth.serving(self.truth.end).revision)
        target = {"Arn": CLUSTER, "RoleArn": "arn:aws:iam::111122223333:role/scheduler", "Input": _input(job)}
        return {
            "Arn": f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule/{request['GroupName']}/{job.name}",
            "State": "ENABLED",
            "ScheduleExpression": job.expression,
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "Target": {**target, "EcsParameters": {"TaskDefinitionArn": arn, "LaunchType": "FARGATE"}},
        }

    def _list_rules(self, request: Request) -> dict[str, Any]:
        return {"Rules": []}

    def _lookup_events(self, request: Request) -> dict[str, Any]:
        records = sorted(self._records(), key=lambda each: each["eventTime"], reverse=True)
        first, last = (request[name].strftime(_FORM) for name in ("StartTime", "EndTime"))
        kept = [each for each in records if first <= each["eventTime"] <= last]
        start = int(request.get("NextToken", "0"))
        page = kept[start : start + _PAGE]
        events = [
            {"EventTime": datetime.fromisoformat(each["eventTime"]), "CloudTrailEvent": json.dumps(each)}
            for each in page
        ]
        return {"Events": events, **({"NextToken": str(start + _PAGE)} if start + _PAGE < len(kept) else {})}

    def _records(self) -> Iterator[dict[str, Any]]:
        for run in self.runs:
            command = ["python", "manage.py", run.job.name]
            yield _record(run.at, run.revision, run.task_id, command, f"chronos-schedule/{run.job.name}"[:36])
        for task, each in self._migrations.items():
            command = ["python", "manage.py", "migrate", "--noinput"]
            yield _record(_migrates_at(each), each.revision, task, command, "ci")

    def _describe_task_definition(self, request: Request) -> dict[str, Any]:
        revision = int(request["taskDefinition"].rpartition(":")[2])
        registered = next(each.registered for each in self.truth.deploys if each.revision == revision)
        options = {"awslogs-group": GROUP, "awslogs-stream-prefix": "web", "awslogs-region": REGION}
        container = {
            "name": "web",
            "image": f"111122223333.dkr.ecr.{REGION}.amazonaws.com/shop:{revision}",
            "command": ["gunicorn"],
            "logConfiguration": {"logDriver": "awslogs", "options": options},
        }
        found = {"family": FAMILY, "revision": revision, "registeredAt": registered}
        return {"taskDefinition": {**found, "containerDefinitions": [container]}}

    def _get_log_events(self, request: Request) -> dict[str, Any]:
        task = request["logStreamName"].rpartition("/")[2]
        if run := self._by_task.get(task):
            lines, began = self.truth.of_run(run).log, run.at
        else:
            lines, began = (
                ("Applying shop.0007_channel... OK", "INFO exited with status 0"),
                _migrates_at(self._migrations[task]),
            )
        step = TOOK / len(lines)
        stamps = [int((began + step * (number + 1)).timestamp() * 1000) for number in range(len(lines))]
        events = [{"timestamp": at, "message": line} for at, line in zip(stamps, lines, strict=True)]
        return {
            "events": [] if request.get("nextToken") else events,
            "nextBackwardToken": "b/0",
            "nextForwardToken": "f/0",
        }

    def _list_services(self, request: Request) -> dict[str, Any]:
        return {"serviceArns": [_service_arn()]}

    def _describe_services(self, request: Request) -> dict[str, Any]:
        last = self._deploys()[-1]
        deployment = {
            "status": "PRIMARY",
            "taskDefinition": _definition_arn(last.revision),
            "createdAt": last.started,
            "updatedAt": last.ended,
            "rolloutState": "COMPLETED",
        }
        service = {"serviceName": "web", "status": "ACTIVE", "deployments": [deployment]}
        return {"services": [{**service, "currentServiceRevisions": [{"arn": _revision_arn(last.revision)}]}]}

    def _deploys(self) -> list[Deploy]:
        return sorted(self.truth.deploys, key=lambda each: each.started)

    def _list_service_deployments(self, request: Request) -> dict[str, Any]:
        kept = [each for each in self._deploys() if each.started >= request["createdAt"]["after"]]
        found = [
            {
                "serviceDeploymentArn": f"{_ARN}:service-deployment/app-prod/web/{each.revision}",
                "status": each.status,
                "createdAt": each.started,
                "finishedAt": each.ended,
                "targetServiceRevisionArn": _revision_arn(each.revision),
            }
            for each in reversed(kept)
        ]
        return {"serviceDeployments": found}

    def _describe_service_deployments(self, request: Request) -> dict[str, Any]:
        number = int(request["serviceDeploymentArns"][0].rpartition("/")[2])
        before = [each.revision for each in self._deploys() if each.revision < number and each.status == "SUCCESSFUL"]
        sources = [{"arn": _revision_arn(before[-1])}] if before else []
        return {"serviceDeployments": [{"sourceServiceRevisions": sources}]}

    def _describe_service_revisions(self, request: Request) -> dict[str, Any]:
        found = [
            {"serviceRevisionArn": arn, "taskDefinition": _definition_arn(int(arn.rpartition("/")[2]))}
            for arn in request["serviceRevisionArns"]
        ]
        return {"serviceRevisions": found}


def _migrates_at(each: Deploy) -> datetime:
    """Its task ends when the database has its schema."""
    return (each.migrated or each.ended) - TOOK


def _record(at: datetime, revision: int, task: str, command: list[str], started_by: str) -> dict[str, Any]:
    definition = _definition_arn(revision)
    override = {
        "containerOverrides": [{"name": "web", "command": command, "environment": "HIDDEN_DUE_TO_SECURITY_REASONS"}]
    }
    answered = {
        "taskArn": f"{_ARN}:task/app-prod/{task}",
        "clusterArn": CLUSTER,
        "taskDefinitionArn": definition,
        "startedBy": started_by,
        "launchType": "FARGATE",
    }
    request = {"cluster": CLUSTER, "taskDefinition": definition, "startedBy": started_by, "overrides": override}
    return {
        "eventVersion": "1.11",
        "eventTime": at.strftime(_FORM),
        "eventSource": "ecs.amazonaws.com",
        "eventName": "RunTask",
        "eventID": task,
        "requestParameters": request,
        "responseElements": {"tasks": [answered], "failures": []},
    }


def _input(job: Job) -> str:
    return json.dumps({"containerOverrides": [{"name": "web", "command": ["python", "manage.py", job.name]}]})


def _definition_arn(revision: int) -> str:
    return f"{_ARN}:task-definition/{FAMILY}:{revision}"


def _revision_arn(revision: int) -> str:
    return f"{_ARN}:service-revision/app-prod/web/{revision}"


def _service_arn() -> str:
    return f"{_ARN}:service/app-prod/web"
