from datetime import UTC, datetime
from typing import Any

from cli.jobs.answers import Home
from cli.jobs.differences import api_schedule, differences, pinned_behind
from cli.jobs.job import Job, jobs_of
from tests.cli.jobs.samples import SMALLEST, parsed, with_job

HOME = Home("111122223333", "eu-west-2")


def job(*lines: str) -> Job:
    return jobs_of(parsed(with_job(*lines)))[0]


def deployed(*lines: str) -> dict[str, Any]:
    return api_schedule(job(*lines), HOME, "arn:role", "arn:queue")


def texts(live: list[dict[str, Any]], *lines: str) -> list[str]:
    return [str(each) for each in differences([job(*lines)], live, HOME)]


def test_an_unchanged_deployment_has_no_differences() -> None:
    start = "start = 2026-06-01T00:00:00Z"
    there = deployed(start) | {"StartDate": datetime(2026, 6, 1, tzinfo=UTC), "CreationDate": "any", "Description": ""}
    there["Target"]["EcsParameters"]["NetworkConfiguration"]["awsvpcConfiguration"]["Subnets"].reverse()
    assert texts([there], start) == []


def test_a_schedule_changed_in_the_console() -> None:
    moved = deployed() | {"ScheduleExpression": "cron(45 3 * * ? *)"}
    assert texts([moved]) == [
        "cronmend-jobs/publish-scheduled: ScheduleExpression: 'cron(0 * * * ? *)' in the file, "
        "'cron(45 3 * * ? *)' in the account"
    ]


def test_every_part_of_the_target_is_compared() -> None:
    live = deployed()
    live["Target"]["EcsParameters"]["TaskDefinitionArn"] += ":3"
    live["Target"]["EcsParameters"]["EnableExecuteCommand"] = True
    live["Target"]["RetryPolicy"] = {}
    live["Target"]["DeadLetterConfig"] = {}
    live["Target"]["Input"] = "not json"
    live["State"] = "DISABLED"
    parts = [each.what.partition(",")[0] for each in differences([job()], [live], HOME)]
    assert parts == [
        "State",
        "Target.RetryPolicy",
        "Target.EcsParameters.EnableExecuteCommand",
        "Target.EcsParameters.TaskDefinitionArn",
        "Target.Input",
        "has no dead-letter queue",
    ]


def test_missing_extra_and_left_over_schedules() -> None:
    assert texts([]) == ["cronmend-jobs/publish-scheduled: is not in the account; deploy the stack"]
    foreign = deployed() | {"Name": "by-hand"}
    (extra,) = texts([deployed(), foreign])
    assert "by-hand: is in the account but not in the file; Cronmend doesn't change it" in extra
    renamed = api_schedule(jobs_of(parsed(SMALLEST.replace("publish-scheduled]", "renamed]")))[0], HOME, "r", "q")
    (left,) = texts([deployed(), renamed])
    assert "renamed: is in the account but not in the file; it was built from an older file" in left


def test_a_schedule_with_a_policy_only_is_neither_compared_nor_extra() -> None:
    tables = parsed(SMALLEST + '[jobs.theirs]\nmanaged = false\nrerun = "safe"\n')
    assert list(differences(jobs_of(tables), [deployed(), deployed() | {"Name": "theirs"}], HOME)) == []


def test_a_pinned_revision_that_is_not_the_newest() -> None:
    pinned = job('task_definition = "webapp:12"')
    assert pinned_behind(pinned, 12) is None
    assert pinned_behind(job(), 14) is None
    found = pinned_behind(pinned, 14)
    assert found
    assert (found.file, found.live) == (12, 14)


def test_a_start_date_that_has_passed_is_no_difference_unless_it_sets_a_phase() -> None:
    start, now = "start = 2026-06-01T00:00:00Z", datetime(2026, 6, 2, tzinfo=UTC)
    assert list(differences([job(start)], [deployed()], HOME, now)) == []
    assert (
        list(differences([job()], [deployed(start) | {"StartDate": datetime(2026, 6, 1, tzinfo=UTC)}], HOME, now)) == []
    )
    assert len(list(differences([job(start)], [deployed()], HOME, datetime(2026, 5, 31, tzinfo=UTC)))) == 1
    rate = 'schedule = "rate(1 day)"'
    assert len(list(differences([job(rate, start)], [deployed(rate)], HOME, now))) == 1
