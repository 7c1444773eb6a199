"""Schedules that follow a service: their rows on the fake and on DynamoDB, and a move with every field of Scheduler."""

from copy import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from cronmend.adapters.ledger.followings import DynamoFollowings, DynamoMoveLeases, DynamoMoveReports
from cronmend.adapters.schedule_switches import SchedulerSwitches
from cronmend.adapters.task_definition_lists import EcsRevisions
from cronmend.alerting import followed_schedules
from cronmend.deploys.following import Following, FollowState, Moved, moved
from cronmend.deploys.holds import LEASE
from cronmend.errors import Denied, Retryable
from cronmend.model import TaskDefinitionRef
from local.memory.deploys import MemoryFollowings
from tests.adapters.ledger.test_holds import NOT_THE_SCHEDULES, STARTS, client, updates_of, whole
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW
from tests.samples import CLUSTER, JOB

BEFORE, AFTER = (
    "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:1",
    "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:2",
)
ROW = Following(
    JOB,
    CLUSTER,
    BEFORE,
    FollowState.MOVING,
    (Moved(BEFORE, AFTER, NOW, "the migration succeeded", "web"),),
    leased_until=NOW + LEASE,
)


@pytest.fixture(params=["fake", "dynamodb"])
def rows(request: pytest.FixtureRequest, aws: None) -> MemoryFollowings | DynamoFollowings:
    if request.param == "fake":
        return MemoryFollowings()
    table()
    return DynamoFollowings("ledger")


def test_a_row_is_read_back_unchanged_and_removed(rows: MemoryFollowings | DynamoFollowings) -> None:
    written = rows.put(ROW)
    assert written == replace(ROW, version=1)
    assert list(rows.all()) == [written]
    rows.remove(written)
    assert list(rows.all()) == []


def test_a_stale_write_is_refused_and_a_stale_removal_does_nothing(rows: MemoryFollowings | DynamoFollowings) -> None:
    first = rows.put(ROW)
    assert first is not None
    assert rows.put(ROW) is None
    second = rows.put(replace(first, state=FollowState.MOVED))
    rows.remove(first)
    assert list(rows.all()) == [second]


def test_moves_are_told_together_with_their_message_or_not_at_all(aws: None) -> None:
    table()
    dynamo, memory = DynamoFollowings("ledger"), MemoryFollowings()
    for rows, reports in ((dynamo, DynamoMoveReports("ledger", timedelta(days=7))), (memory, memory)):
        one, other = (rows.put(moved(replace(ROW, job=job))) for job in (JOB, "site/other"))
        assert one is not None
        assert other is not None
        again = rows.put(replace(other, waits="it is another one now"))
        assert not reports.tell([one, other], followed_schedules.moved([one, other]), NOW)
        assert [each.state for each in rows.all()] == [FollowState.MOVED] * 2
        assert again is not None
        message = followed_schedules.moved([one, again])
        assert reports.tell([one, again], message, NOW)
        assert [(each.state, each.version) for each in sorted(rows.all(), key=lambda each: each.version)] == [
            *[(FollowState.SETTLED, 2), (FollowState.SETTLED, 3)]
        ]
        assert not reports.tell([one, again], message, NOW)
    stored: list[Any] = boto3.resource("dynamodb", region_name="eu-west-2").Table("ledger").scan()["Items"]
    assert [each["message"]["report"]["status"] for each in stored if each["kind"] == "message"] == ["moved"]


def test_a_lease_is_seen_until_it_ends(rows: MemoryFollowings | DynamoFollowings) -> None:
    leases = rows if isinstance(rows, MemoryFollowings) else DynamoMoveLeases("ledger")
    assert leases.leased_until(JOB, NOW) is None
    rows.put(ROW)
    assert leases.leased_until(JOB, NOW) == NOW + LEASE
    assert leases.leased_until(JOB, NOW + LEASE) is None


def schedule(task_definition: str) -> dict[str, Any]:
    answer = whole("DISABLED")
    parameters = {**answer["Target"]["EcsParameters"], "TaskDefinitionArn": task_definition}
    return {**answer, "Target": {**answer["Target"], "EcsParameters": parameters}}


def test_only_the_task_definition_of_a_schedule_changes_whatever_its_fields() -> None:
    scheduler = client()
    sent = updates_of(scheduler)
    with Stubber(scheduler) as stub:
        stub.add_response("get_schedule", schedule(BEFORE))
        stub.add_response("update_schedule", {"ScheduleArn": "arn:schedule"})
        stub.add_response("get_schedule", schedule(AFTER))
        assert SchedulerSwitches(scheduler, lambda: STARTS).move(JOB, BEFORE, AFTER)
    assert sent == [{key: value for key, value in schedule(AFTER).items() if key not in NOT_THE_SCHEDULES}]


def test_a_rate_that_is_moved_keeps_its_phase() -> None:
    """AWS refuses to write its start date again, which has passed."""
    scheduler, rate = client(), {**schedule(BEFORE), "ScheduleExpression": "rate(2 hours)"}
    sent = updates_of(scheduler)
    with Stubber(scheduler) as stub:
        stub.add_response("get_schedule", rate)
        stub.add_response("update_schedule", {"ScheduleArn": "arn:schedule"})
        stub.add_response("get_schedule", schedule(AFTER))
        SchedulerSwitches(scheduler, lambda: STARTS + timedelta(hours=25)).move(JOB, BEFORE, AFTER)
    assert sent[0]["StartDate"] == STARTS + timedelta(hours=26)


def test_a_schedule_that_names_another_task_definition_by_now_is_not_written() -> None:
    scheduler = client()
    with Stubber(scheduler) as stub:
        stub.add_response("get_schedule", schedule("arn:td/webapp:9"))
        assert not SchedulerSwitches(scheduler, lambda: STARTS).move(JOB, BEFORE, AFTER)
        stub.assert_no_pending_responses()


def test_a_move_that_is_not_there_when_it_is_read_back_is_an_error() -> None:
    scheduler = client()
    with Stubber(scheduler) as stub:
        stub.add_response("get_schedule", schedule(BEFORE))
        stub.add_response("update_schedule", {"ScheduleArn": "arn:schedule"})
        stub.add_response("get_schedule", schedule(BEFORE))
        with pytest.raises(Retryable, match="webapp:1 after it was moved to"):
            SchedulerSwitches(scheduler, lambda: STARTS).move(JOB, BEFORE, AFTER)


def test_the_active_revisions_of_a_family_are_listed_newest_first() -> None:
    ecs = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(ecs) as stub:
        asked = {"familyPrefix": "webapp", "status": "ACTIVE", "sort": "DESC", "maxResults": 20}
        stub.add_response("list_task_definitions", {"taskDefinitionArns": [AFTER.replace(":2", ":7"), BEFORE]}, asked)
        assert EcsRevisions(ecs).active("webapp") == [TaskDefinitionRef("webapp", 7), TaskDefinitionRef("webapp", 1)]
        stub.add_client_error("list_task_definitions", "AccessDeniedException", http_status_code=400)
        with pytest.raises(Denied):
            EcsRevisions(ecs).active("webapp")
