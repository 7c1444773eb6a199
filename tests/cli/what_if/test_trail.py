"""CloudTrail's events in all their forms."""

import json
from datetime import UTC, datetime
from typing import Any

from cli.what_if.past import TaskStart
from cli.what_if.trail import PACE, CloudTrailReader, starts_of
from cronmend.model.start_failures import RefusedStart

AT = datetime(2026, 8, 1, 11, tzinfo=UTC)
CLUSTER = "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod"
TASKS = "arn:aws:ecs:eu-west-2:111122223333:task/app-prod/"
DEFINITION = "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:4"


def record(**changes: Any) -> dict[str, Any]:
    task = {
        "taskArn": f"{TASKS}a1",
        "clusterArn": CLUSTER,
        "taskDefinitionArn": DEFINITION,
    }
    override = {"containerOverrides": [{"name": "web", "command": ["run", "it"], "environment": []}]}
    request = {"cluster": CLUSTER, "taskDefinition": DEFINITION, "startedBy": "chronos-schedule/it"}
    return {
        "eventTime": "2026-08-01T11:00:00Z",
        "requestParameters": {**request, "overrides": override},
        "responseElements": {"tasks": [task], "failures": []},
        **changes,
    }


def records(count: int) -> list[dict[str, Any]]:
    """Each with a task of its own."""
    task = record()["responseElements"]["tasks"][0]
    return [record(responseElements={"tasks": [{**task, "taskArn": f"{TASKS}{each}"}]}) for each in range(count)]


def test_each_task_of_a_call_is_a_start() -> None:
    task = record()["responseElements"]["tasks"][0]
    two = record(responseElements={"tasks": [task, {**task, "taskArn": f"{TASKS}b2"}], "failures": []})
    found = [each for each in starts_of(two) if isinstance(each, TaskStart)]
    assert [each.task_id for each in found] == ["a1", "b2"]
    assert {(each.started_by, each.at) for each in found} == {("chronos-schedule/it", AT)}
    assert found[0].overrides
    assert found[0].overrides[0].command == ("run", "it")


def test_hidden_parts_are_not_taken_for_empty_ones() -> None:
    hidden = "HIDDEN_DUE_TO_SECURITY_REASONS"
    request = record()["requestParameters"]
    for override in (
        hidden,
        {"containerOverrides": hidden},
        {"containerOverrides": [{"name": "web", "command": hidden}]},
    ):
        (found,) = starts_of(record(requestParameters={**request, "overrides": override}))
        assert isinstance(found, TaskStart)
        assert found.overrides is None
    readable = {"containerOverrides": [{"name": "web", "command": ["run"], "environment": hidden}]}
    (found,) = starts_of(record(requestParameters={**request, "overrides": readable}))
    assert isinstance(found, TaskStart)
    assert found.overrides
    assert found.overrides[0].command == ("run",)


def test_a_call_that_started_no_task_was_refused() -> None:
    answers = (
        record(responseElements={"tasks": [], "failures": [{"reason": "RESOURCE:MEMORY"}]}),
        record(responseElements=None, errorCode="AccessDenied", errorMessage="not authorized to perform: iam:PassRole"),
    )
    found = [one for each in answers for one in starts_of(each)]
    assert all(isinstance(each, RefusedStart) for each in found)
    assert [each.reasons for each in found if isinstance(each, RefusedStart)] == [
        ("RESOURCE:MEMORY",),
        ("not authorized to perform: iam:PassRole",),
    ]


class Pages:
    """LookupEvents with two events a page, the newest first."""

    def __init__(self, *records: Any) -> None:
        self.records = records

    def lookup_events(self, **request: Any) -> dict[str, Any]:
        start = int(request.get("NextToken", "0"))
        page = self.records[start : start + 2]
        events = [{"EventTime": AT, "CloudTrailEvent": json.dumps(each)} for each in page]
        return {"Events": events, **({"NextToken": str(start + 2)} if start + 2 < len(self.records) else {})}


def test_pages_are_read_at_the_pace_that_cloudtrail_allows() -> None:
    slept: list[float] = []
    trail = CloudTrailReader(Pages(*records(5)), 100, slept.append).read(AT, AT, lambda _: None)
    assert len(trail.starts) == 5
    assert slept == [PACE, PACE]
    assert trail.since is None


def test_a_task_that_is_listed_twice_is_one_run() -> None:
    trail = CloudTrailReader(Pages(*records(2), *records(3)), 100, lambda _: None).read(AT, AT, lambda _: None)
    assert sorted(each.task_id for each in trail.starts) == ["0", "1", "2"]


def test_reading_stops_at_the_most_and_says_so() -> None:
    trail = CloudTrailReader(Pages(*records(5)), 3, lambda _: None).read(AT, AT, lambda _: None)
    assert len(trail.starts) == 3
    assert trail.since == AT


def test_an_event_in_a_wrong_form_is_counted_and_hides_no_other() -> None:
    wrong: list[Any] = [{"requestParameters": "x", "responseElements": {"tasks": [{}]}}, [], {}]
    trail = CloudTrailReader(Pages(record(), *wrong), 100, lambda _: None).read(AT, AT, lambda _: None)
    assert len(trail.starts) == 1
    assert trail.unreadable == 2


def test_an_arn_of_another_kind_is_a_wrong_form() -> None:
    task = record()["responseElements"]["tasks"][0]
    wrong = [
        record(responseElements={"tasks": [{**task, key: value}]})
        for key in ("taskArn", "clusterArn", "taskDefinitionArn")
        for value in ("", "app-prod", "arn:aws:iam::111122223333:role/app", CLUSTER[:-9], f"{DEFINITION}:x")
    ]
    trail = CloudTrailReader(Pages(record(), *wrong), 100, lambda _: None).read(AT, AT, lambda _: None)
    assert len(trail.starts) == 1
    assert trail.unreadable == len(wrong)
