"""An account in which every function finds what it reads: moto's, with recorded answers of ECS and Lambda."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cronmend.adapters.ledger import published
from tests.adapters.ledger.test_ledger import table
from tests.adapters.slack_api import SlackApi
from tests.clicks import SIGNING
from tests.iam.needs import ACCOUNT
from tests.iam.recorder import Recorder
from tests.iam.roles import TEMPLATE
from tests.samples import CLUSTER, COMMAND, JOB, RACE_LOG

ECS = f"arn:aws:ecs:eu-west-2:{ACCOUNT}"
RULE = "nightly"
DIGEST = "sha256:2"
"""Of the image that every run uses."""
OTHER_JOB = "arn:aws:ecs:eu-west-2:111122223333:task/app-prod/other"
_ONCE = "cron(0 11 6 5 ? 2026)"
"""Its only slot is over, so no next run is ever near."""


@dataclass
class Account:
    recorder: Recorder
    slack: SlackApi
    signing: str
    """The parameter of the signing secret."""

    def serves(self, revision: int) -> None:
        """The service runs this revision; the job's runs use revision 2."""
        hours_ago = datetime.now(UTC) - timedelta(hours=3)
        deployment = {
            "status": "PRIMARY",
            "taskDefinition": f"{ECS}:task-definition/webapp:{revision}",
            "rolloutState": "COMPLETED",
            "createdAt": hours_ago,
            "updatedAt": hours_ago,
        }
        services = [{"serviceName": "web", "status": "ACTIVE", "deployments": [deployment]}]
        self.recorder.answers["ecs:DescribeServices"] = {"services": services}

    def deploys(self, status: str, **times: datetime) -> None:
        """The service's latest deployment has this status, and these times."""
        answer = self.recorder.answers["ecs:ListServiceDeployments"]
        (deployment,) = answer["serviceDeployments"]
        self.recorder.answers["ecs:ListServiceDeployments"] = {
            "serviceDeployments": [{**deployment, "status": status, **times}]
        }

    def serves_image(self, image: str = "site:3", served_image: str = "site:3") -> None:
        """A service of another family runs the image of the job's revision 3, in a cluster with many services."""
        answers = self.recorder.answers
        (task,) = answers["ecs:DescribeTasks"]["tasks"]
        (service,) = answers["ecs:DescribeServices"]["services"]
        (deployment,) = service["deployments"]
        (revision,) = answers["ecs:DescribeServiceRevisions"]["serviceRevisions"]
        definition = answers["ecs:DescribeTaskDefinition"]["taskDefinition"]
        containers = [{**each, "image": image} for each in definition["containerDefinitions"]]
        own = {**deployment, "taskDefinition": f"{ECS}:task-definition/site:7"}
        arn = {"arn": revision["serviceRevisionArn"], "runningTaskCount": 1}
        served = [{"containerName": "web", "image": served_image}]
        answers |= {
            "ecs:ListServices": {"serviceArns": [f"{ECS}:service/app-prod/{number}" for number in range(21)]},
            "ecs:DescribeTasks": {"tasks": [{**task, "group": "service:web", "containers": [{"image": image}]}]},
            "ecs:DescribeServices": {"services": [{**service, "deployments": [own], "currentServiceRevisions": [arn]}]},
            "ecs:DescribeServiceRevisions": {"serviceRevisions": [{**revision, "containerImages": served}]},
            "ecs:DescribeTaskDefinition": {"taskDefinition": {**definition, "containerDefinitions": containers}},
            "ecs:ListTaskDefinitions": {"taskDefinitionArns": [f"{ECS}:task-definition/webapp:3"]},
        }

    def serves_another_image(self) -> None:
        """The same with an earlier image of the job's repository."""
        repository = f"{ACCOUNT}.dkr.ecr.eu-west-2.amazonaws.com/team/site"
        self.serves_image(f"{repository}:43", f"{repository}:42")
        self.recorder.answers["ecr:DescribeImages"] = {"imageDetails": [{"imagePushedAt": datetime.now(UTC)}]}

    def rule(self) -> None:
        """A job that an EventBridge rule starts. moto can't put events beside one."""
        events = boto3.client("events")
        events.put_rule(Name=RULE, ScheduleExpression=_ONCE)
        events.put_targets(Rule=RULE, Targets=[target() | {"Id": "run"}])

    def logs(self, task_id: str) -> None:
        client, stream = boto3.client("logs"), f"web/web/{task_id}"
        client.create_log_stream(logGroupName="/ecs/app-prod", logStreamName=stream)
        at = int(datetime.now(UTC).timestamp() * 1000)
        events = [{"timestamp": at, "message": line} for line in RACE_LOG if line]
        client.put_log_events(logGroupName="/ecs/app-prod", logStreamName=stream, logEvents=events)  # type: ignore[arg-type] # built above

    def messages(self) -> list[Mapping[str, Any]]:
        items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
        return [item for item in items if item["sk"]["S"].startswith("MESSAGE#")]


def account(recorder: Recorder, slack: SlackApi, patch: pytest.MonkeyPatch) -> Account:
    table()
    secrets, ssm = boto3.client("secretsmanager"), boto3.client("ssm")
    ssm.put_parameter(Name="/cronmend/mode", Value="heal", Type="String")
    ssm.put_parameter(Name="/slack/signing", Value=SIGNING, Type="SecureString")
    boto3.client("scheduler").create_schedule_group(Name="timers")
    boto3.client("logs").create_log_group(logGroupName="/ecs/app-prod")
    signing = f"arn:aws:ssm:eu-west-2:{ACCOUNT}:parameter/slack/signing"
    variables = {
        **{name: value for name in TEMPLATE.environment if isinstance(value := _rendered(name), str)},
        "LEDGER_TABLE": "ledger",
        "TIMER_GROUP": "timers",
        "TIMER_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/timers",
        "TIMER_DLQ_ARN": f"arn:aws:sqs:eu-west-2:{ACCOUNT}:timers-dlq",
        "RERUN_QUEUE_ARN": f"arn:aws:sqs:eu-west-2:{ACCOUNT}:rerun",
        "QUEUE_URL": boto3.client("sqs").create_queue(QueueName="events")["QueueUrl"],
        "ALERT_DLQ_URL": boto3.client("sqs").create_queue(QueueName="alert-dlq")["QueueUrl"],
        "TOPIC_ARN": boto3.client("sns").create_topic(Name="alerts")["TopicArn"],
        "SLACK_SECRET_ARN": secrets.create_secret(Name="slack", SecretString=slack.secret(""))["ARN"],
        "SLACK_SIGNING_SECRET_ARN": signing,
        "SLACK_ALLOWED": "U1",
        "POLICY_SOURCE": "published",
        "DEFAULT_RERUN_POLICY": "safe",
        "HOLD_SCHEDULES": "all",
        "FOLLOW": "all",
        "FORESEE": "roles,secrets,memory",
        "IMAGE_REPOSITORIES": "team/*",
        "READ_PUSH_TIMES": "true",
        "DEPLOY_STATE_FUNCTION_ARN": f"arn:aws:lambda:eu-west-2:{ACCOUNT}:function:cronmend-deploy-state",
        "STALE_AFTER_SECONDS": "315360000",
        "AWS_LAMBDA_FUNCTION_NAME": "cronmend-slack-action",
    }
    for name, value in variables.items():
        patch.setenv(name, value)
    # In a process of its own, each function would read the published files itself.
    patch.setattr(published, "AGE", timedelta(0))
    _schedule()
    recorder.answers |= _answers()
    made = Account(recorder, slack, signing)
    made.serves(1)
    return made


def _rendered(variable: str) -> Any:
    return TEMPLATE.resolved(TEMPLATE.environment[variable], Cluster="app-prod")


def target() -> Any:
    override = json.dumps({"containerOverrides": [{"name": "web", "command": list(COMMAND)}]})
    role = f"arn:aws:iam::{ACCOUNT}:role/scheduler"
    definition = {"TaskDefinitionArn": f"{ECS}:task-definition/webapp:2", "LaunchType": "FARGATE"}
    return {"Arn": CLUSTER, "RoleArn": role, "Input": override, "EcsParameters": definition}


def _schedule() -> None:
    group, name = JOB.split("/")
    scheduler = boto3.client("scheduler")
    scheduler.create_schedule_group(Name=group)
    scheduler.create_schedule(
        GroupName=group,
        Name=name,
        ScheduleExpression=_ONCE,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target(),
    )


def _secrets() -> Any:
    """What the job's container needs of each kind that can be foreseen."""
    arn = f"arn:aws:{{}}:eu-west-2:{ACCOUNT}:{{}}"
    secrets = [
        {"name": "KEY", "valueFrom": arn.format("secretsmanager", "secret:key-abcdef")},
        {"name": "URL", "valueFrom": "/app/url"},
    ]
    certificate = {"name": "CERTIFICATE", "value": arn.format("acm", "certificate/1")}
    return {"secrets": secrets, "environment": [certificate]}


def _answers() -> dict[str, Any]:
    hours_ago = datetime.now(UTC) - timedelta(hours=3)
    revision = f"{ECS}:service-revision/app-prod/web/1"
    log = {"awslogs-group": "/ecs/app-prod", "awslogs-stream-prefix": "web", "awslogs-region": "eu-west-2"}
    container = {"name": "web", "logConfiguration": {"logDriver": "awslogs", "options": log}, **_secrets()}
    roles = {"taskRoleArn": f"arn:aws:iam::{ACCOUNT}:role/webapp"}
    revision_2 = {"family": "webapp", "revision": 2, "registeredAt": datetime.now(UTC), **roles}
    other = {"taskArn": OTHER_JOB, "clusterArn": CLUSTER, "taskDefinitionArn": f"{ECS}:task-definition/webapp:2"}
    deployment = f"{ECS}:service-deployment/app-prod/web/1"
    release = {
        "serviceDeploymentArn": deployment,
        "status": "SUCCESSFUL",
        "createdAt": hours_ago,
        "targetServiceRevisionArn": revision,
    }
    images = [{"containerName": "web", "imageDigest": DIGEST}]
    started = {"job": JOB, "done": "the run has started", "task_arn": "arn:t", "blockers": []}
    return {
        "ecs:DescribeTaskDefinition": {"taskDefinition": {**revision_2, "containerDefinitions": [container]}},
        "ecs:ListServices": {"serviceArns": [f"{ECS}:service/app-prod/web"]},
        "ecs:ListServiceDeployments": {"serviceDeployments": [release]},
        "ecs:DescribeServiceDeployments": {"serviceDeployments": []},
        "ecs:DescribeServiceRevisions": {
            "serviceRevisions": [{"serviceRevisionArn": revision, "containerImages": images}]
        },
        "ecs:ListTasks": {"taskArns": [OTHER_JOB]},
        "ecs:DescribeTasks": {"tasks": [other]},
        "ecs:RunTask": {"tasks": [{"taskArn": f"{ECS}:task/app-prod/again"}], "failures": []},
        "lambda:Invoke": {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(started).encode())},
    }
