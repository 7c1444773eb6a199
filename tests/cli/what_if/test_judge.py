"""Pasts that the invented account doesn't have."""

import json
from copy import replace
from datetime import timedelta

import pytest

from cli.what_if.document import document
from cli.what_if.gaps import gaps
from cli.what_if.judge import Result, what_if
from cli.what_if.past import DatedLog, Past, TaskStart, Trail
from cli.what_if.rollouts import ServicePast
from cli.what_if.text import sentences
from cronmend.deploys import Deployment, Service
from cronmend.model import Category, ContainerOverride, LiveSchedule, LogPlace, Missing, Policy, TaskDefinitionRef
from cronmend.model.runs import TaskDefinition
from cronmend.model.start_failures import RefusedStart
from tests.cli.schemas import problems
from tests.fakes import NOW

CLUSTER = "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod"
ARN = "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:4"
REF = TaskDefinitionRef("webapp", 4)
BY = "chronos-schedule/it"
SCHEDULE = LiveSchedule(
    job="default/it",
    arn="arn:aws:scheduler:eu-west-2:111122223333:schedule/default/it",
    enabled=True,
    expression="cron(0 3 * * ? *)",
    timezone="UTC",
    cluster_arn=CLUSTER,
    parameters={"TaskDefinitionArn": ARN},
    target_input='{"containerOverrides": [{"name": "web", "command": ["it"]}]}',
)
OVERRIDES = (ContainerOverride("web", ("it",)),)
DEFINITION = TaskDefinition(
    REF, NOW - timedelta(days=9), {"web": LogPlace("/ecs", "web", "eu-west-2")}, {}, {"web": "shop:4"}
)
SERVICE = Service("web", Deployment(REF, "COMPLETED", NOW - timedelta(days=9), NOW - timedelta(days=9)))
BUG = ("Traceback (most recent call last):", '  File "/srv/a.py", line 3, in <module>', "    a()", "KeyError: 'x'")


def start(day: int, **changes: object) -> TaskStart:
    at = NOW.replace(hour=3, minute=0, second=0) + timedelta(days=day)
    arn = f"arn:aws:ecs:eu-west-2:111122223333:task/app-prod/{day:032x}"
    return replace(TaskStart(arn, CLUSTER, ARN, BY, at, OVERRIDES), **changes)  # type: ignore[arg-type] # its fields


def past(*runs: tuple[TaskStart, tuple[str, ...] | Missing], refused: tuple[RefusedStart, ...] = ()) -> Past:
    logs = {
        each.task_arn: log
        if isinstance(log, Missing)
        else DatedLog(log, each.at + timedelta(seconds=30), each.at + timedelta(seconds=90))
        for each, log in runs
    }
    return Past(
        NOW - timedelta(days=1),
        NOW + timedelta(days=9),
        {SCHEDULE.job: SCHEDULE},
        Trail(tuple(each for each, _ in runs), refused),
        dict.fromkeys(logs, SCHEDULE.job),
        {ARN: DEFINITION},
        logs=logs,
        services=(ServicePast(SERVICE),),
    )


def refusal(code: str, *reasons: str) -> RefusedStart:
    return RefusedStart(BY, CLUSTER, REF, OVERRIDES, start(1).at, reasons, code)


def test_a_start_that_was_refused_is_a_failure_without_a_task() -> None:
    found = what_if(past(refused=(refusal("AccessDeniedException", "not authorized to perform"),)), Policy.SAFE, False)
    (case,) = found.cases
    assert (case.category, case.result, case.task_id) == (Category.NEVER_STARTED, Result.ALERT, "")
    assert (found.runs, found.alerts) == (1, (1, 1))


def test_a_start_without_capacity_may_heal() -> None:
    before = (start(-1), ("INFO exited with status 0",))
    found = what_if(past(before, refused=(refusal("", "RESOURCE:MEMORY"),)), Policy.UNSTARTED, False)
    (case,) = found.cases
    assert case.result is Result.MAY_HEAL
    assert case.reruns
    assert found.alerts[0] < found.alerts[1]


def test_a_start_that_eventbridge_tries_again_is_none() -> None:
    assert what_if(past(refused=(refusal("ThrottlingException", "slow down"),)), Policy.SAFE, False).cases == ()


def test_a_refused_start_of_someone_else_is_no_jobs() -> None:
    elsewhere = replace(refusal("AccessDeniedException", "no"), cluster="other")
    assert what_if(past(refused=(elsewhere,)), Policy.SAFE, False).cases == ()


def test_failures_of_one_cause_are_one_alert_until_a_run_succeeds() -> None:
    fine = ("INFO exited with status 0",)
    found = what_if(past((start(1), BUG), (start(2), BUG), (start(3), fine), (start(4), BUG)), Policy.SAFE, False)
    assert [each.result for each in found.cases] == [Result.ALERT, Result.REPEATED, Result.ALERT]
    assert found.alerts == (2, 2)


def test_a_run_whose_log_says_nothing_closes_no_incident() -> None:
    silent = ("INFO page 1",)
    found = what_if(past((start(1), BUG), (start(2), silent), (start(3), BUG)), Policy.SAFE, False)
    assert [each.result for each in found.cases] == [Result.ALERT, Result.REPEATED]
    assert found.not_known == {"its log doesn't say how it ended": 1}


def test_a_run_whose_command_cloudtrail_hides_has_its_only_schedules_command() -> None:
    found = what_if(past((start(1, overrides=None), BUG)), Policy.SAFE, False)
    assert [each.job for each in found.cases] == ["default/it"]


def test_secrets_in_a_log_are_redacted() -> None:
    log = ("connecting to postgres://app:hunter2@db/shop", *BUG)
    (case,) = what_if(past((start(1), log)), Policy.SAFE, False).cases
    assert "hunter2" not in "".join(case.log)
    assert case.log[-1] == "KeyError: 'x'"


def test_a_line_of_a_million_characters_is_cut_after_it_is_redacted() -> None:
    log = (f"postgres://app:{'hunter2' * 100_000}@db/shop", "x" * 1_000_000, *BUG)
    (case,) = what_if(past((start(1), log)), Policy.SAFE, False).cases
    assert max(map(len, case.log)) <= 2_000
    assert "hunter2" not in "".join(case.log)


def test_half_a_character_in_a_log_hides_no_run() -> None:
    (case,) = what_if(past((start(1), ("\ud800", *BUG))), Policy.SAFE, False).cases
    assert case.log[0] == "?"


@pytest.mark.parametrize("days", [-400, 30])
def test_a_log_with_wrong_times_hides_no_run(days: int) -> None:
    """The writer of a log sets the times of its lines."""
    whole, off = past((start(1), BUG)), timedelta(days=days)
    (arn,), (log,) = whole.logs, whole.logs.values()
    assert isinstance(log, DatedLog)
    dated = replace(log, first_at=log.first_at + off, last_at=log.last_at + off)
    (case,) = what_if(replace(whole, logs={arn: dated}), Policy.SAFE, False).cases
    assert case.job == "default/it"


def test_what_was_left_out_is_a_gap() -> None:
    whole = past()
    trail = Trail(since=NOW, unreadable=2)
    told = gaps(replace(whole, trail=trail, unread=("denied",), services=Missing("denied")))
    assert len(told) == 4
    assert "Raise --most" in told[0]
    assert gaps(whole) == ()


def test_a_re_run_that_nothing_decides_fails_like_the_run_and_not_for_lack_of_capacity() -> None:
    refused = (*BUG[:-1], "ConnectionRefusedError: [Errno 111] Connection refused")
    (case,) = what_if(past((start(1), refused)), Policy.SAFE, False).cases
    assert case.category is Category.DEPENDENCY_UNAVAILABLE
    assert (case.result, len(case.reruns)) == (Result.MAY_HEAL, 3)


def test_an_account_without_runs_is_answered_in_one_sentence() -> None:
    found = document(what_if(past(), Policy.SAFE, False), Policy.SAFE, ())
    assert list(problems("what-if", json.dumps(found))) == []
    assert list(sentences(found)) == [
        "Since 2026-05-05, no schedule or rule of EventBridge has started an ECS task in this account and Region."
    ]


def test_counts_of_an_account_whose_jobs_never_say_how_they_end() -> None:
    found = document(what_if(past((start(1), ("INFO page 1",))), Policy.SAFE, False), Policy.SAFE, ())
    assert list(problems("what-if", json.dumps(found))) == []
    assert len(list(sentences(found))) == 1
