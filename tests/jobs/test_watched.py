"""Which scheduled ways of running tasks Cronmend watches, and that the others are named with a remedy."""

import json
from typing import Any

import pytest
from botocore.session import get_session

from cronmend.jobs.watched import STARTERS, Starter, Watch, of_rule, of_schedule, of_started_by
from tests import ROOT
from tests.cloudformation import Template
from tests.samples import CLUSTER

OTHER_CLUSTER = CLUSTER.replace("app-prod", "app-test")
CLUSTERS = (CLUSTER,)
UNIVERSAL = "arn:aws:scheduler:::aws-sdk:ecs:runTask"
ACCOUNT = "eu-west-2:111122223333"
MACHINE = f"arn:aws:states:{ACCOUNT}:stateMachine:app-prod-nightly"
RULE = {"Name": "nightly", "EventBusName": "default"}
ECS_TARGET = {"Id": "run", "Arn": CLUSTER, "EcsParameters": {"TaskDefinitionArn": "webapp"}, "Input": "{}"}


def schedule_of(arn: str, **request: Any) -> dict[str, Any]:
    return {"Name": "nightly", "Target": {"Arn": arn, "Input": json.dumps(request)}}


def test_the_starters_are_those_of_the_event_rule() -> None:
    """What the rule passes on is what Cronmend watches."""
    patterns = [each["EventPattern"] for each in Template.read().of_type("AWS::Events::Rule").values()]
    accepted = [pattern["detail"]["startedBy"] for pattern in patterns if "startedBy" in pattern.get("detail", {})]
    assert accepted == [[{"prefix": each} for each in STARTERS]]


@pytest.mark.parametrize(
    ("schedule", "starter", "watch", "said"),
    [
        (schedule_of(CLUSTER), Starter.SCHEDULE, Watch.FULLY, "which Cronmend watches"),
        (schedule_of(OTHER_CLUSTER), Starter.SCHEDULE, Watch.NO, "app-test"),
        (schedule_of(UNIVERSAL, Cluster=CLUSTER), Starter.UNIVERSAL, Watch.NO, "jobs import"),
        (schedule_of(UNIVERSAL, Cluster="app-prod"), Starter.UNIVERSAL, Watch.NO, "jobs import"),
        (schedule_of(UNIVERSAL, Cluster="app-test"), Starter.UNIVERSAL, Watch.NO, "names app-prod"),
        (schedule_of(UNIVERSAL), Starter.UNIVERSAL, Watch.NO, "in the cluster default"),
        (
            schedule_of(UNIVERSAL, Cluster="app-prod", StartedBy="chronos-schedule/nightly"),
            Starter.UNIVERSAL,
            Watch.ALERTS_ONLY,
            "re-runs none",
        ),
        (
            schedule_of("arn:aws:scheduler:::aws-sdk:sfn:startExecution"),
            Starter.STATE_MACHINE,
            Watch.NO,
            "AWS Step Functions",
        ),
        (schedule_of(MACHINE), Starter.STATE_MACHINE, Watch.NO, "Copilot"),
        (schedule_of("arn:aws:scheduler:::aws-sdk:batch:submitJob"), Starter.BATCH, Watch.NO, "AWS Batch"),
        (schedule_of("arn:aws:scheduler:::aws-sdk:mwaa:invokeRestApi"), Starter.AIRFLOW, Watch.NO, "Airflow"),
        (schedule_of(f"arn:aws:lambda:{ACCOUNT}:function:x"), Starter.OTHER, Watch.NO_TASK, "no ECS task"),
        (schedule_of(f"arn:aws:sqs:{ACCOUNT}:x"), Starter.OTHER, Watch.NO_TASK, "no ECS task"),
    ],
)
def test_a_schedule_is_watched_or_named_with_the_reason(
    schedule: dict[str, Any], starter: Starter, watch: Watch, said: str
) -> None:
    verdict = of_schedule(schedule, CLUSTERS)
    assert (verdict.starter, verdict.watch) == (starter, watch)
    assert said in verdict.reason


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "[" * 100_000])
def test_an_unreadable_universal_target_is_not_watched(text: str) -> None:
    verdict = of_schedule({"Name": "nightly", "Target": {"Arn": UNIVERSAL, "Input": text}}, CLUSTERS)
    assert verdict.watch is Watch.NO


def test_universal_targets_are_named_as_their_service_is_in_botocore() -> None:
    """Scheduler's user guide: the service's ID in lower case without spaces, and the operation in camel case."""
    operations = {"ecs": "RunTask", "stepfunctions": "StartExecution", "batch": "SubmitJob", "mwaa": "InvokeRestApi"}
    for name, operation in operations.items():
        model = get_session().get_service_model(name)
        assert operation in model.operation_names
        service = str(model.service_id).lower().replace(" ", "")
        arn = f"arn:aws:scheduler:::aws-sdk:{service}:{operation[:1].lower()}{operation[1:]}"
        assert of_schedule(schedule_of(arn), CLUSTERS).starter is not Starter.OTHER, arn


@pytest.mark.parametrize(
    ("rule", "target", "starter", "watch", "said"),
    [
        (RULE, ECS_TARGET, Starter.RULE, Watch.FULLY, "which Cronmend watches"),
        (RULE, {**ECS_TARGET, "Arn": OTHER_CLUSTER}, Starter.RULE, Watch.NO, "app-test"),
        (RULE, {**ECS_TARGET, "InputPath": "$.detail"}, Starter.RULE, Watch.ALERTS_ONLY, "InputPath"),
        (RULE, {**ECS_TARGET, "InputTransformer": {}}, Starter.RULE, Watch.ALERTS_ONLY, "InputTransformer"),
        ({**RULE, "EventBusName": "orders"}, ECS_TARGET, Starter.RULE, Watch.ALERTS_ONLY, "event bus orders"),
        (
            {**RULE, "EventBusName": f"arn:aws:events:{ACCOUNT}:event-bus/orders"},
            ECS_TARGET,
            Starter.RULE,
            Watch.ALERTS_ONLY,
            "event bus orders",
        ),
        (RULE, {"Id": "run", "Arn": MACHINE}, Starter.STATE_MACHINE, Watch.NO, "Copilot"),
        (RULE, {"Id": "run", "Arn": f"arn:aws:batch:{ACCOUNT}:job-queue/q"}, Starter.BATCH, Watch.NO, "AWS Batch"),
        (RULE, {"Id": "run", "Arn": f"arn:aws:sns:{ACCOUNT}:x"}, Starter.OTHER, Watch.NO_TASK, "no ECS task"),
    ],
)
def test_a_rules_target_is_watched_or_named_with_the_reason(
    rule: dict[str, Any], target: dict[str, Any], starter: Starter, watch: Watch, said: str
) -> None:
    verdict = of_rule(rule, target, CLUSTERS)
    assert (verdict.starter, verdict.watch) == (starter, watch)
    assert said in verdict.reason


@pytest.mark.parametrize(
    ("started_by", "cluster", "starter", "watch"),
    [
        ("chronos-schedule/publish-scheduled", CLUSTER, Starter.SCHEDULE, Watch.FULLY),
        ("chronos-schedule/publish-scheduled", OTHER_CLUSTER, Starter.SCHEDULE, Watch.NO),
        ("events-rule/nightly", CLUSTER, Starter.RULE, Watch.FULLY),
        ("cronmend/0123", CLUSTER, Starter.CRONMEND, Watch.FULLY),
        ("ecs-svc/1234567890123456789", CLUSTER, Starter.SERVICE, Watch.NO),
        ("AWS Step Functions", CLUSTER, Starter.STATE_MACHINE, Watch.NO),
        ("airflow", CLUSTER, Starter.AIRFLOW, Watch.NO),
        ("", CLUSTER.replace("app-prod", "AWSBatch-jobs-0123"), Starter.BATCH, Watch.NO),
        ("", CLUSTER.replace("app-prod", "jobs_Batch_0123"), Starter.BATCH, Watch.NO),
        ("deploy-pipeline", CLUSTER, Starter.OTHER, Watch.NO),
        ("", CLUSTER, Starter.OTHER, Watch.NO),
    ],
)
def test_a_task_is_watched_or_named_by_its_starter(
    started_by: str, cluster: str, starter: Starter, watch: Watch
) -> None:
    verdict = of_started_by(started_by, cluster, CLUSTERS)
    assert (verdict.starter, verdict.watch) == (starter, watch)
    assert verdict.reason.endswith(".")


def test_the_guide_names_every_starter_and_prefix() -> None:
    guide = (ROOT / "docs/watched.md").read_text(encoding="utf-8")
    names = [each.value for each in Starter if each is not Starter.CRONMEND]
    assert [each for each in (*names, *STARTERS, *Watch) if each not in guide and each is not Watch.NO_TASK] == []
