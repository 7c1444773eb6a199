"""`make deploy` in the emulated account, by a person who presses nothing but Enter."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from cronmend.adapters.ledger.followings import DynamoFollowings
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.deploys.following import Following
from cronmend.deploys.holds import new_hold
from local.account import LocalAccount
from local.aws import ACCOUNT, CLUSTER, CLUSTER_ARN, search_path
from local.pipeline import FAMILY
from tests import ROOT
from tests.samples import event
from tests.waiting import until

pytestmark = pytest.mark.emulator
LIMIT_SECONDS = 300


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAccount]:
    with LocalAccount(tmp_path_factory.mktemp("make-deploy") / "account") as made:
        yield made


def make(account: LocalAccount, target: str, own: Path, typed: str = "\n" * 40) -> subprocess.CompletedProcess[str]:
    """Without the download of libraries: the emulator runs functions with this machine's."""
    nothing = own.parent / "no-requirements.txt"
    nothing.write_text("")
    command = ["/usr/bin/make", target, f"ACCOUNT={own}", f"SAM_BUILD=--manifest {nothing}"]
    return run(account, command, own, typed)


def run(account: LocalAccount, command: list[str], own: Path, typed: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        **account.endpoints.environment(),
        "PATH": search_path(),
        "HOME": str(own.parent),
        "LANG": "C.UTF-8",
        "SAM_CLI_POLL_DELAY": "1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    return subprocess.run(  # noqa: S603
        command,
        cwd=ROOT,
        env=environment,
        input=typed,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def own(account: LocalAccount, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a stack that was deployed with nothing but Enter."""
    tracked = (ROOT / "samconfig.toml").read_bytes()
    directory = tmp_path_factory.mktemp("person") / "account"
    done = make(account, "deploy", directory)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no one gets alerts" in done.stderr
    assert (ROOT / "samconfig.toml").read_bytes() == tracked
    return directory


def stack(account: LocalAccount) -> Any:
    (found,) = account.clients.cloudformation.describe_stacks(StackName="cronmend")["Stacks"]
    return found


def outputs(account: LocalAccount) -> Mapping[str, str]:
    return {each["OutputKey"]: each["OutputValue"] for each in stack(account)["Outputs"]}


def parameters(account: LocalAccount) -> Mapping[str, str]:
    return {each["ParameterKey"]: each["ParameterValue"] for each in stack(account)["Parameters"]}


def test_nothing_but_enter_gives_a_working_stack_without_the_examples_policies(
    account: LocalAccount, own: Path
) -> None:
    assert parameters(account)["Cluster"] == CLUSTER
    assert "SlackActionUrl" not in outputs(account)
    built = own / ".aws-sam/build/TaskStateFunction/cronmend/jobs/jobs.json"
    assert json.loads(built.read_text())["jobs"] == {}
    answer = account.clients.functions.invoke(FunctionName=outputs(account)["ReconcileFunctionName"], Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


def doctor(account: LocalAccount, own: Path) -> set[str]:
    """What it finds."""
    done = run(account, ["cronmend", "doctor", "--json", "--account", str(own)], own)
    return {f"{each['check']}: {each['what']}" for each in json.loads(done.stdout) if each["state"] == "finding"}


FAULTS = (
    "rules: The rule RunStopped is disabled.",
    "rules: The rule FailureAlertFunctionAlarmChanged has no target.",
    "functions: cronmend-reconcile is throttled",
    "functions: cronmend-rerun doesn't receive",
    "alarms: ",
    "dead letters: TimerDeadLetters has 1 message",
    "holds: default/forgotten should have been released",
    "follow: default/forgotten doesn't follow its service",
)


def test_the_doctor_finds_each_of_eight_planted_faults(account: LocalAccount, own: Path) -> None:
    healthy = doctor(account, own)
    assert {each.partition(":")[0] for each in healthy} <= {"schedules", "ledger", "topic"}
    with ExitStack() as undo:
        plant(account, undo)
        found = doctor(account, own) - healthy
    assert [fault for fault in FAULTS if not any(each.startswith(fault) for each in found)] == [], found
    left = doctor(account, own) - healthy
    assert {each.partition(":")[0] for each in left} <= {"alarms"}


def plant(account: LocalAccount, undo: ExitStack) -> None:
    """All but the deleted alarm is undone at the end."""
    clients, names, now = account.clients, outputs(account), datetime.now(UTC)
    resources = clients.cloudformation.describe_stack_resources(StackName="cronmend")["StackResources"]
    physical = {each["LogicalResourceId"]: each["PhysicalResourceId"].rpartition("|")[2] for each in resources}
    stopped, changed = physical["RunStopped"], physical["FailureAlertFunctionAlarmChanged"]
    clients.events.disable_rule(Name=stopped)
    undo.callback(clients.events.enable_rule, Name=stopped)
    targets = clients.events.list_targets_by_rule(Rule=changed)["Targets"]
    clients.events.remove_targets(Rule=changed, Ids=[each["Id"] for each in targets])
    undo.callback(clients.events.put_targets, Rule=changed, Targets=targets)
    clients.functions.put_function_concurrency(FunctionName="cronmend-reconcile", ReservedConcurrentExecutions=0)
    undo.callback(clients.functions.delete_function_concurrency, FunctionName="cronmend-reconcile")
    (source,) = clients.functions.list_event_source_mappings(FunctionName="cronmend-rerun")["EventSourceMappings"]
    clients.functions.update_event_source_mapping(UUID=source["UUID"], Enabled=False)
    undo.callback(clients.functions.update_event_source_mapping, UUID=source["UUID"], Enabled=True)
    clients.of("cloudwatch").delete_alarms(AlarmNames=[physical["RerunErrorsAlarm"]])
    clients.sqs.send_message(QueueUrl=names["TimerDeadLettersUrl"], MessageBody="{}")
    undo.callback(clients.sqs.purge_queue, QueueUrl=names["TimerDeadLettersUrl"])
    holds = DynamoHolds(names["LedgerTable"], clients.dynamodb)
    kept = holds.put(new_hold("default/forgotten", CLUSTER_ARN, FAMILY, "", now, now - timedelta(days=1)))
    assert kept
    undo.callback(holds.remove, kept)
    followings, why = DynamoFollowings(names["LedgerTable"], clients.dynamodb), "nothing proves its migration"
    left = followings.put(Following("default/forgotten", CLUSTER_ARN, FAMILY, waits=why, told=why))
    assert left
    undo.callback(followings.remove, left)


def test_what_the_settings_say_is_deployed_and_nothing_is_asked_again(account: LocalAccount, own: Path) -> None:
    signing = account.clients.secrets.create_secret(Name="signing", SecretString="s")["ARN"]
    given = {
        "HoldSchedules": "all",
        "DeploySchedules": "true",
        "JobLogGroups": "/ecs/webapp-*,/ecs/api",
        "PermissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/boundary",
        "SlackKeyArn": f"arn:aws:kms:eu-west-2:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "MigrationCommands": "m" * 1000,
        "RedactPatterns": "r" * 1000,
        "CanarySchedule": "cron(0 9 ? * MON *)",
        "SlackSecretArn": account.slack_secret(),
        "SlackSigningSecretArn": signing,
        "SlackAllowed": "U012AB3CD, S045EF6GH",
    }
    write(own / "samconfig.toml", {**given, "tags": "team=web service=cronmend"})
    done = make(account, "deploy", own, typed="")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name: parameters(account)[name] for name in given} == given
    assert {"Key": "team", "Value": "web"} in stack(account)["Tags"]
    assert outputs(account)["SlackActionUrl"].startswith("http")
    policy = account.clients.functions.get_policy(FunctionName=outputs(account)["SlackActionFunctionName"])["Policy"]
    public = {each["Action"] for each in json.loads(policy)["Statement"] if each["Principal"] == "*"}
    assert public == {"lambda:InvokeFunctionUrl", "lambda:InvokeFunction"}


def write(settings: Path, given: Mapping[str, str]) -> None:
    """As a person would: remove the # and change the value."""
    text = settings.read_text()
    for name, value in given.items():
        text, changed = re.subn(rf'^# {name} = ".*"$', f'{name} = "{value}"', text, flags=re.MULTILINE)
        assert changed == 1
    settings.write_text(text)


def test_an_alarm_of_the_stack_reaches_slack(account: LocalAccount, own: Path) -> None:
    alarm = event("failure_alert/alarm.json")
    for _ in range(2):
        account.bus.publish(alarm)
    assert until(lambda: bool(alarms(account)))
    assert account.bus.idle(LIMIT_SECONDS)
    assert len(alarms(account)) == 1


def alarms(account: LocalAccount) -> list[str]:
    return [each.text for each in account.slack.messages() if "couldn't process a stopped run" in each.text]


def test_a_second_stack_has_schedules_of_its_own(account: LocalAccount, own: Path, tmp_path: Path) -> None:
    second = tmp_path / "account-test"
    command = ["cronmend", "init", str(second), "--stack-name", "cronmend-test", "--cluster", "app-test"]
    done = run(account, [*command, "--email", "", "--slack-secret", ""], own)
    assert done.returncode == 0, done.stderr
    write(second / "samconfig.toml", {"DeploySchedules": "true"})
    done = make(account, "deploy", second, typed="")
    assert done.returncode == 0, done.stdout + done.stderr
    groups = {each["Name"] for each in account.clients.scheduler.list_schedule_groups()["ScheduleGroups"]}
    assert {"cronmend-jobs", "cronmend-test-jobs", "cronmend-timers", "cronmend-test-timers"} <= groups


def test_a_stack_that_is_removed_during_a_deploy_leaves_the_schedules_as_they_were(
    account: LocalAccount, own: Path
) -> None:
    names = ("hourly", "nightly")
    revision = account.pipeline.register_release(1)
    before = {name: created(account, name, revision) for name in names}
    account.pipeline.mark("started", family=FAMILY, release="v2")
    held = until(lambda: {each: schedule(account, each)["State"] for each in names} == dict.fromkeys(names, "DISABLED"))
    assert held
    refused = make(account, "remove", own, typed="\n")
    assert refused.returncode != 0
    assert "Nothing was deleted." in refused.stderr
    assert schedule(account, "hourly")["State"] == "DISABLED"

    done = make(account, "remove", own, typed="y\n")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {name: schedule(account, name) for name in names} == before
    with pytest.raises(ClientError, match="does not exist"):
        stack(account)


def created(account: LocalAccount, name: str, revision: str) -> Mapping[str, Any]:
    """A schedule of theirs, as Terraform would make it."""
    account.clients.scheduler.create_schedule(
        Name=name,
        ScheduleExpression="cron(0 0 1 1 ? *)",
        ScheduleExpressionTimezone="Europe/London",
        FlexibleTimeWindow={"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 5},
        Description="theirs",
        Target={
            "Arn": CLUSTER_ARN,
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler",
            "Input": '{"containerOverrides": [{"name": "web", "command": ["a", "b"]}]}',
            "EcsParameters": {
                "TaskDefinitionArn": revision,
                "LaunchType": "FARGATE",
                "NetworkConfiguration": {"awsvpcConfiguration": {"Subnets": ["subnet-0d0eab1bb38d5ca64"]}},
            },
            "RetryPolicy": {"MaximumRetryAttempts": 3},
        },
    )
    return schedule(account, name)


def schedule(account: LocalAccount, name: str) -> Mapping[str, Any]:
    found = account.clients.scheduler.get_schedule(Name=name)
    return {key: value for key, value in found.items() if key not in {"ResponseMetadata", "LastModificationDate"}}
