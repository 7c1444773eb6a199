"""Held schedules: their rows on the fake and on DynamoDB, and the switch with every field of Scheduler."""

import io
import json
from collections.abc import Callable, Iterator
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.stub import Stubber

from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.schedule_switches import SchedulerSwitches
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.deploys.holds import HoldState, mark_of, new_hold
from cronmend.errors import NotFound, Permanent, Retryable
from local.memory.deploys import MemoryHolds
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW, later
from tests.samples import CLUSTER, JOB

NOT_THE_SCHEDULES = {"Arn", "CreationDate", "LastModificationDate"}
"""Fields that only GetSchedule returns."""
MARK = mark_of("a1")
HOLD = new_hold(JOB, CLUSTER, "webapp", "3f9c2ab", NOW, later(30))


@pytest.fixture(params=["fake", "dynamodb"])
def holds(request: pytest.FixtureRequest, aws: None) -> MemoryHolds | DynamoHolds:
    if request.param == "fake":
        return MemoryHolds()
    table()
    return DynamoHolds("ledger", boto3.client("dynamodb"))


def test_a_hold_is_read_back_unchanged_and_deleted_when_it_ends(holds: MemoryHolds | DynamoHolds) -> None:
    written = holds.put(HOLD)
    assert written == replace(HOLD, version=1)
    assert holds.get(CLUSTER, JOB) == written
    assert list(holds.of(CLUSTER)) == [written]
    holds.remove(written)
    assert holds.get(CLUSTER, JOB) is None


def test_a_stale_write_is_refused_and_a_stale_removal_does_nothing(holds: MemoryHolds | DynamoHolds) -> None:
    first = holds.put(HOLD)
    assert first is not None
    assert holds.put(HOLD) is None
    second = holds.put(replace(first, state=HoldState.HELD))
    holds.remove(first)
    assert holds.get(CLUSTER, JOB) == second


def test_a_newer_hold_is_not_written_or_removed_by_who_has_read_the_one_before(
    holds: MemoryHolds | DynamoHolds,
) -> None:
    """Both count their versions from one."""
    before = holds.put(HOLD)
    assert before is not None
    holds.remove(before)
    newer = holds.put(new_hold(JOB, CLUSTER, "webapp", "4a1d", later(40), later(70)))
    assert newer is not None
    assert newer.version == before.version
    assert holds.put(replace(before, state=HoldState.HELD)) is None
    holds.remove(before)
    assert holds.get(CLUSTER, JOB) == newer


def test_a_hold_never_expires(aws: None) -> None:
    table()
    DynamoHolds("ledger", boto3.client("dynamodb")).put(HOLD)
    (item,) = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    assert "expires_at" not in item


STARTS = datetime(2026, 5, 6, tzinfo=UTC)
"""Every date of a schedule in these tests: AWS accepts it until five minutes later."""


def client() -> Any:
    return boto3.client("scheduler", region_name="eu-west-2")


def shape_of(operation: str, direction: str) -> StructureShape:
    shape: StructureShape = getattr(client().meta.service_model.operation_model(operation), direction)
    return shape


def example(shape: Shape, name: str) -> Any:
    """A value for a shape in which every field is set."""
    if isinstance(shape, StructureShape):
        return {key: example(inner, key) for key, inner in shape.members.items()}
    if isinstance(shape, ListShape):
        return [example(shape.member, name)]
    if isinstance(shape, MapShape):
        return {"key": example(shape.value, name)}
    plain: dict[str, Any] = {
        "integer": shape.metadata.get("max", 7),
        "boolean": True,
        "timestamp": STARTS,
    }
    return plain.get(shape.type_name, f"{name} of the schedule")


def whole(state: str) -> dict[str, Any]:
    answer: dict[str, Any] = example(shape_of("GetSchedule", "output_shape"), "")
    return {**answer, "Name": "publish-scheduled", "GroupName": "cronmend-jobs", "State": state}


def updates_of(scheduler: Any) -> list[Any]:
    """The requests of UpdateSchedule that the client sends from now on."""
    sent: list[Any] = []
    scheduler.meta.events.register(
        "provide-client-params.scheduler.UpdateSchedule", lambda params, **_: sent.append(dict(params))
    )
    return sent


def hold(scheduler: Any, now: datetime = STARTS) -> None:
    SchedulerSwitches(scheduler, lambda: now).hold(JOB, MARK)


def release(scheduler: Any, now: datetime = STARTS) -> None:
    assert SchedulerSwitches(scheduler, lambda: now).release(JOB, MARK)


@pytest.mark.parametrize(
    ("before", "description", "act", "after", "described"),
    [
        ("ENABLED", "Nightly", hold, "DISABLED", f"Nightly {MARK}"),
        ("DISABLED", f"Nightly {MARK}", release, "ENABLED", "Nightly"),
        ("ENABLED", f"Nightly {MARK}", release, "ENABLED", "Nightly"),
    ],
)
def test_only_the_state_and_the_mark_of_a_schedule_change_whatever_its_fields(
    before: str, description: str, act: Callable[[Any], None], after: str, described: str
) -> None:
    scheduler, schedule = client(), {**whole(before), "Description": description}
    expected = {key: value for key, value in schedule.items() if key not in NOT_THE_SCHEDULES}
    sent = updates_of(scheduler)
    with Stubber(scheduler) as stub:
        stub.add_response("get_schedule", schedule)
        stub.add_response("update_schedule", {"ScheduleArn": schedule["Arn"]})
        stub.add_response("get_schedule", whole(after))
        act(scheduler)
        stub.assert_no_pending_responses()
    assert sent == [{**expected, "State": after, "Description": described}]


@pytest.mark.parametrize(
    ("expression", "act", "start"),
    [
        ("cron(0 * * * ? *)", hold, None),
        ("cron(0 * * * ? *)", release, None),
        ("at(2027-05-06T11:15:00)", release, None),
        ("rate(2 hours)", release, STARTS + timedelta(hours=26)),
    ],
)
def test_a_start_date_that_has_passed_is_not_written_again(
    expression: str, act: Callable[..., None], start: datetime | None
) -> None:
    """AWS refuses it. A rate that has to be enabled starts at its next time in phase."""
    before = "ENABLED" if act is hold else "DISABLED"
    scheduler, schedule = client(), {**whole(before), "ScheduleExpression": expression, "Description": MARK}
    sent = updates_of(scheduler)
    with Stubber(scheduler) as stub:
        stub.add_response("get_schedule", schedule)
        stub.add_response("update_schedule", {"ScheduleArn": schedule["Arn"]})
        stub.add_response("get_schedule", whole("DISABLED" if act is hold else "ENABLED"))
        act(scheduler, STARTS + timedelta(days=1, minutes=7))
    (request,) = sent
    assert request.get("StartDate") == start
    assert request["EndDate"] == STARTS


def test_a_rate_whose_start_date_has_passed_is_not_held() -> None:
    """It would lose its phase. ``can_be_held`` leaves it out; this holds for one that changes in between."""
    scheduler = client()
    with Stubber(scheduler) as stub:
        stub.add_response("get_schedule", {**whole("ENABLED"), "ScheduleExpression": "rate(2 hours)"})
        with pytest.raises(Permanent, match="2026-05-07T02:00:00Z, which keeps the phase"):
            hold(scheduler, STARTS + timedelta(days=1, minutes=7))
        stub.assert_no_pending_responses()


def test_a_schedule_that_had_no_description_has_none_after_the_hold(aws: None) -> None:
    scheduler = boto3.client("scheduler")
    scheduler.create_schedule_group(Name="cronmend-jobs")
    scheduler.create_schedule(
        GroupName="cronmend-jobs",
        Name="publish-scheduled",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": "arn:aws:ecs:eu-west-2:123456789012:cluster/app", "RoleArn": "arn:aws:iam::123456789012:role/r"},
    )
    hold(scheduler)
    held = scheduler.get_schedule(GroupName="cronmend-jobs", Name="publish-scheduled")
    assert (held["State"], held["Description"]) == ("DISABLED", MARK)
    release(scheduler)
    after = scheduler.get_schedule(GroupName="cronmend-jobs", Name="publish-scheduled")
    assert after["State"] == "ENABLED"
    assert not after.get("Description")


def test_a_schedule_that_is_disabled_already_is_not_written() -> None:
    scheduler = client()
    with Stubber(scheduler) as stub:
        stub.add_response("get_schedule", whole("DISABLED"))
        hold(scheduler)  # the stub refuses a call that it has no answer for
        stub.assert_no_pending_responses()


def test_a_schedule_without_the_mark_is_not_released() -> None:
    scheduler = client()
    with Stubber(scheduler) as stub:
        stub.add_response("get_schedule", whole("DISABLED"))
        assert not SchedulerSwitches(scheduler).release(JOB, MARK)
        stub.assert_no_pending_responses()


def test_a_schedule_that_a_person_has_enabled_is_not_written_for_a_hold_without_a_mark() -> None:
    scheduler = client()
    with Stubber(scheduler) as stub:
        stub.add_response("get_schedule", whole("ENABLED"))
        assert SchedulerSwitches(scheduler).release(JOB, "")
        stub.assert_no_pending_responses()


def test_a_switch_that_is_not_there_when_it_is_read_back_is_an_error() -> None:
    """Its row stays, and the switch is repeated."""
    scheduler = client()
    with Stubber(scheduler) as stub:
        stub.add_response("get_schedule", {**whole("DISABLED"), "Description": MARK})
        stub.add_response("update_schedule", {"ScheduleArn": "arn:schedule"})
        stub.add_response("get_schedule", whole("DISABLED"))
        with pytest.raises(Retryable, match="is DISABLED after it was set to ENABLED"):
            release(scheduler)


class Raw(io.BytesIO):
    """A body as urllib3 gives it to botocore."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


@pytest.mark.parametrize(
    ("added", "named"),
    [
        ({"Priority": "HIGH"}, "Priority"),
        ({"Target": {"Arn": "a", "RoleArn": "r", "Retries": {"Jitter": True}}}, "Target.Retries"),
    ],
)
def test_a_schedule_with_a_field_that_would_be_lost_is_not_written(added: dict[str, Any], named: str) -> None:
    """boto3 drops fields that AWS has added since, and UpdateSchedule would reset them."""
    scheduler = client()
    known = {"Name": "publish-scheduled", "GroupName": "cronmend-jobs", "State": "ENABLED"}
    body = json.dumps({**known, "Target": {"Arn": "a", "RoleArn": "r"}, **added}).encode()

    def answers(**_: Any) -> AWSResponse:
        return AWSResponse("https://scheduler", 200, HTTPHeaders(), Raw(body))

    scheduler.meta.events.register("before-send.scheduler.GetSchedule", answers)
    with pytest.raises(Permanent, match=f"can't write back its {named}$"):
        hold(scheduler)
    assert SchedulerSwitches(scheduler).release(JOB, "")  # nothing to write


def test_get_schedule_returns_every_field_of_update_schedule() -> None:
    """If AWS ever lets a field be written that can't be read, a held schedule would lose it."""
    answered, taken = shape_of("GetSchedule", "output_shape"), shape_of("UpdateSchedule", "input_shape")
    assert taken.members.keys() - {"ClientToken"} == answered.members.keys() - NOT_THE_SCHEDULES
    assert answered.members["Target"].name == taken.members["Target"].name


def test_a_deleted_schedule_is_reported(aws: None) -> None:
    boto3.client("scheduler").create_schedule_group(Name="cronmend-jobs")
    with pytest.raises(NotFound):
        release(boto3.client("scheduler"))


def test_every_schedule_of_an_ecs_task_can_be_listed() -> None:
    scheduler = client()
    with Stubber(scheduler) as stub:
        target = {"Arn": whole("ENABLED")["Target"]["Arn"]}
        listed: Any = {"Schedules": [{"GroupName": "cronmend-jobs", "Name": "publish-scheduled", "Target": target}]}
        stub.add_response("list_schedules", listed, {"MaxResults": 100})
        stub.add_response("get_schedule", whole("ENABLED"))
        found = SchedulerSchedules(scheduler).named("", target["Arn"])
    assert [each.job for each in found] == [JOB]  # type: ignore[union-attr] # not Missing: it was answered
