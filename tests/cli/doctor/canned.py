"""A stack whose AWS is a table of answers; an operation that isn't in it is denied."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from cli.on_call.stack import Stack

ACCOUNT, REGION = "111122223333", "eu-west-2"
STACK_ID = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/cronmend/1"
CLUSTER = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/app-prod"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:cronmend-TaskStateQueue"
STREAM = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/ledger/stream/2026"


def _resource(kind: str, logical: str, physical: str) -> dict[str, str]:
    return {"ResourceType": kind, "LogicalResourceId": logical, "PhysicalResourceId": physical}


def target(**changes: Any) -> dict[str, Any]:
    environment = [{"name": "CRONMEND_JOB", "value": "default/report"}]
    given = json.dumps({"containerOverrides": [{"name": "web", "environment": environment}]})
    return {"Id": "run", "Arn": CLUSTER, "EcsParameters": {}, "Input": given, **changes}


def described() -> dict[str, Any]:
    outputs = {
        "Version": "1.2.3",
        "LedgerTable": "ledger",
        "ModeParameter": "/cronmend/mode",
        "AlertTopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts",
        "TimerDeadLettersUrl": "https://sqs/timer-dead-letters",
        "TaskStateFunctionName": "cronmend-task-state",
        "FailureAlertFunctionName": "cronmend-failure-alert",
    }
    parameters = {"Cluster": "app-prod", "SlackSecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:slack"}
    return {
        "StackId": STACK_ID,
        "StackStatus": "CREATE_COMPLETE",
        "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()],
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    }


def answers() -> dict[str, Any]:
    """``<service>.<operation>`` → AWS's answer, or an error to raise."""
    resources = [
        _resource("AWS::Events::Rule", "RunStopped", "cronmend-RunStopped"),
        _resource("AWS::Events::Rule", "ReconcileFunctionEveryFiveMinutes", "cronmend-Every"),
        *(_resource("AWS::Lambda::Function", f"{name}Function", f"cronmend-{name}") for name in FUNCTIONS),
        _resource("AWS::CloudWatch::Alarm", "RerunErrorsAlarm", "errors"),
        _resource("AWS::CloudWatch::Alarm", "RerunAgeAlarm", "age"),
    ]
    summary = {"GroupName": "default", "Target": {"Arn": CLUSTER}}
    timer = {"GroupName": "cronmend-timers", "Name": "t", "Target": {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:rerun"}}
    return {
        "cloudformation.list_stack_resources": {"StackResourceSummaries": resources},
        "events.describe_rule": {"State": "ENABLED", "EventPattern": '{"source": ["aws.ecs"]}'},
        "events.test_event_pattern": {"Result": True},
        "events.list_targets_by_rule": {"Targets": [target()]},
        "events.list_event_buses": {"EventBuses": [{"Name": "default"}]},
        "events.list_rules": {"Rules": [{"Name": "nightly", "EventBusName": "default"}]},
        "lambda.get_function": {"Configuration": {"State": "Active", "LastUpdateStatus": "Successful"}},
        "lambda.get_function_configuration": {"Role": f"arn:aws:iam::{ACCOUNT}:role/cronmend"},
        "lambda.list_event_source_mappings": {
            "EventSourceMappings": [
                {"EventSourceArn": QUEUE, "State": "Enabled"},
                {"EventSourceArn": STREAM, "State": "Disabled"},
            ]
        },
        "iam.simulate_principal_policy": {
            "EvaluationResults": [{"EvalActionName": "dynamodb:GetItem", "EvalDecision": "allowed"}]
        },
        "dynamodb.describe_table": {
            "Table": {
                "TableStatus": "ACTIVE",
                "StreamSpecification": {"StreamEnabled": True},
                "GlobalSecondaryIndexes": [{"IndexName": "Promises"}],
            }
        },
        "dynamodb.describe_time_to_live": {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED"}},
        "dynamodb.query": {"Items": []},
        "dynamodb.get_item": {},
        "cloudwatch.describe_alarms": {
            "MetricAlarms": [
                {"AlarmName": "errors", "StateValue": "OK", "ActionsEnabled": True, "AlarmActions": ["arn:topic"]}
            ]
        },
        "sns.list_subscriptions_by_topic": {
            "Subscriptions": [
                {"Endpoint": "ann@example.org", "SubscriptionArn": "PendingConfirmation"},
                {"Endpoint": "bob@example.org", "SubscriptionArn": "arn:s"},
            ]
        },
        "secretsmanager.get_secret_value": {"SecretString": "https://hooks.slack.com/services/T/B/x"},
        "ecs.describe_clusters": {"clusters": [{"clusterArn": CLUSTER, "status": "ACTIVE"}]},
        "ecs.list_services": {"serviceArns": ["a", "b"]},
        "scheduler.list_schedules": {"Schedules": [{**summary, "Name": "report"}, {**summary, "Name": "copy"}, timer]},
        "scheduler.get_schedule": {"Name": "report", "GroupName": "default", "Target": target()},
        "sqs.get_queue_attributes": {"Attributes": {"ApproximateNumberOfMessages": "3"}},
        "ssm.get_parameter": {"Parameter": {"Value": "heal"}},
    }


FUNCTIONS = ("TaskState", "DeployState", "Rerun", "FailureAlert")


@dataclass
class _Client:
    service: str
    answers: Mapping[str, Any]

    def __getattr__(self, operation: str) -> Any:
        return lambda **_: self._answer(operation)

    def get_paginator(self, operation: str) -> "_Pages":
        return _Pages(self, operation)

    def _answer(self, operation: str) -> Any:
        found = self.answers.get(f"{self.service}.{operation}")
        if found is None:
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": f"{self.service}.{operation}"}}, operation)
        if isinstance(found, Exception):
            raise found
        return found


@dataclass
class _Pages:
    client: _Client
    operation: str

    def paginate(self, **_: Any) -> Iterator[Any]:
        yield self.client._answer(self.operation)


@dataclass(frozen=True)
class CannedStack(Stack):
    name: str = "cronmend"
    profile: str | None = None
    region: str | None = None
    known: dict[str, Any] = field(default_factory=answers)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    """Functions and their payloads; they answer what ``known`` has by their output's name."""

    @property
    def _described(self) -> Mapping[str, Any]:
        return described()

    def client(self, service: str) -> Any:
        return _Client(service, self.known)

    @property
    def dynamodb(self) -> Any:
        return self.client("dynamodb")

    def ask(self, function: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked.append((function, payload))
        answer = self.known[function].pop(0)
        if isinstance(answer, Exception):
            raise answer
        found: Mapping[str, Any] = answer
        return found
