"""The main example: a site with one family, one service and one hourly job."""

import json
from copy import replace
from datetime import datetime
from typing import Any

from cronmend.deploys import Deployment, Service
from cronmend.incoming.deploy_events import ServiceDeployment
from cronmend.model import Container, ContainerOverride, LiveSchedule, LogPlace, StoppedTask, TaskDefinitionRef
from cronmend.model.runs import TaskDefinition
from tests import ROOT
from tests.fakes import NOW, later

EVENTS = ROOT / "events"
CLUSTER = "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod"
JOB = "cronmend-jobs/publish-scheduled"
COMMAND = ("python", "manage.py", "publish_scheduled")
RACE_LOG = (
    "publishing scheduled pages",
    "Traceback (most recent call last):",
    '  File "/app/.venv/lib/python3.13/site-packages/django/db/backends/utils.py", line 105, in _execute',
    "    return self.cursor.execute(sql, params)",
    "psycopg.errors.UndefinedColumn: column home_homepage.summary does not exist",
    "LINE 1: ...",
    "",
    "The above exception was the direct cause of the following exception:",
    "",
    "Traceback (most recent call last):",
    '  File "/app/manage.py", line 22, in <module>',
    "    main()",
    "django.db.utils.ProgrammingError: column home_homepage.summary does not exist",
    "LINE 1: ...",
)
REFUSED_LOG = ("psycopg.OperationalError: connection to server failed: Connection refused",)


def event(path: str) -> dict[str, Any]:
    """A sample event, by its path below ``events/``."""
    content: dict[str, Any] = json.loads((EVENTS / path).read_text(encoding="utf-8"))
    return content


def stopped(task_id: str = "a1", revision: int = 2, exit_code: int | None = 1, **changes: Any) -> StoppedTask:
    """A stopped run of the hourly job; without an exit code, it never started."""
    ran = exit_code is not None
    task = StoppedTask(
        task_arn=f"arn:aws:ecs:eu-west-2:111122223333:task/app-prod/{task_id}",
        cluster_arn=CLUSTER,
        task_definition=TaskDefinitionRef("webapp", revision),
        task_definition_arn=f"arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:{revision}",
        containers=(Container("web", exit_code, image_digest=f"sha256:{revision}"),),
        overrides=(ContainerOverride("web", COMMAND, {"CRONMEND_JOB": JOB}),),
        job_container="web",
        started_by="chronos-schedule/publish-scheduled",
        stop_code="EssentialContainerExited" if ran else "TaskFailedToStart",
        stopped_reason="Essential container in task exited" if ran else PULL_TIMED_OUT,
        created_at=later(-1.3),
        started_at=later(-1) if ran else None,
        stopped_at=NOW,
    )
    return replace(task, **changes)


PULL_TIMED_OUT = (
    "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref "
    "registry.example/site:2: dial tcp 10.0.0.1:443: i/o timeout"
)


def schedule(revision: int | None = 2, **changes: Any) -> LiveSchedule:
    target = "webapp" if revision is None else f"webapp:{revision}"
    live = LiveSchedule(
        job=JOB,
        arn="arn:aws:scheduler:eu-west-2:111122223333:schedule/cronmend-jobs/publish-scheduled",
        enabled=True,
        expression="cron(0 * * * ? *)",
        timezone="Europe/London",
        cluster_arn=CLUSTER,
        parameters={
            "TaskDefinitionArn": f"arn:aws:ecs:eu-west-2:111122223333:task-definition/{target}",
            "LaunchType": "FARGATE",
            "NetworkConfiguration": {
                "awsvpcConfiguration": {
                    "Subnets": ["subnet-1"],
                    "SecurityGroups": ["sg-1"],
                    "AssignPublicIp": "DISABLED",
                }
            },
        },
        target_input=json.dumps(
            {
                "containerOverrides": [
                    {
                        "name": "web",
                        "command": list(COMMAND),
                        "environment": [
                            {"name": "CRONMEND_JOB", "value": JOB},
                            {"name": "CRONMEND_SLOT", "value": "<aws.scheduler.scheduled-time>"},
                        ],
                    }
                ]
            }
        ),
    )
    return replace(live, **changes)


def service(revision: int, rollout: str = "COMPLETED", created: datetime | None = None, **changes: Any) -> Service:
    at = created or later(-60 * 24)
    deployment = Deployment(TaskDefinitionRef("webapp", revision), rollout, at, changes.get("updated", at))
    return Service("web", deployment)


def deployed(service_name: str, cluster: str = "app-prod", **changes: Any) -> ServiceDeployment:
    """A service's deployment has ended."""
    ended = ServiceDeployment(
        event_id="deployed",
        name="SERVICE_DEPLOYMENT_COMPLETED",
        service_arn=f"arn:aws:ecs:eu-west-2:111122223333:service/{cluster}/{service_name}",
        reason="ECS deployment ecs-svc/1234567890123456789 completed.",
        at=NOW,
    )
    return replace(ended, **changes)


def definition(revision: int, registered: datetime | None = None) -> TaskDefinition:
    logs = {"web": LogPlace("/ecs/app-prod", "web", "eu-west-2")}
    return TaskDefinition(TaskDefinitionRef("webapp", revision), registered or later(-10), logs)
