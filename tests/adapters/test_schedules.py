"""How often EventBridge Scheduler is asked: each schedule once until it changes, and a list once a minute."""

import json
from collections.abc import Iterator
from copy import replace
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cronmend.adapters.schedules import LIST_AGE, SchedulerSchedules, version_of
from cronmend.jobs.timetables import of_schedule
from cronmend.model import Missing
from cronmend.model.timetables import Listed, Timetable
from tests.samples import CLUSTER

STARTED = datetime(2026, 5, 6, 11, 0, tzinfo=UTC)
"""When the run of every test here was created."""


@dataclass
class Account:
    """``now`` is the time of the adapter's clock, and ``calls`` the operations that AWS was asked for."""

    now: datetime = STARTED + timedelta(seconds=30)
    calls: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client = boto3.client("scheduler")
        self.client.meta.events.register("before-call", lambda model, **_: self.calls.append(model.name))
        self.schedules = SchedulerSchedules(self.client, lambda: self.now)

    def named(self, since: datetime | None = STARTED) -> list[str]:
        """The names of the schedules found; what was asked before is forgotten."""
        self.calls.clear()
        found = self.schedules.named("nightly", CLUSTER, since)
        assert not isinstance(found, Missing)
        return sorted(each.name for each in found)


@pytest.fixture
def account(aws: None) -> Iterator[Account]:
    it = Account()
    create("nightly-1")
    create("nightly-2")
    yield it


def create(name: str, cluster: str = CLUSTER, command: str = "") -> None:
    overrides = [{"name": "web", "command": [command]}] if command else []
    target: Any = {"Arn": cluster, "RoleArn": "arn:aws:iam::111122223333:role/r"}
    target["Input"] = json.dumps({"containerOverrides": overrides})
    boto3.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target | {"EcsParameters": {"TaskDefinitionArn": "webapp:2"}},
    )


def test_a_list_that_was_read_after_the_run_was_created_is_used_again(account: Account) -> None:
    assert account.named() == ["nightly-1", "nightly-2"]
    assert account.calls == ["ListSchedules", "GetSchedule", "GetSchedule"]
    account.now += LIST_AGE
    assert account.named() == ["nightly-1", "nightly-2"]
    assert account.calls == []


def later_run(account: Account) -> datetime:
    return account.now + timedelta(milliseconds=1)


def older_list(account: Account) -> datetime:
    account.now += LIST_AGE + timedelta(milliseconds=1)
    return STARTED


def asked_for_now(account: Account) -> None:
    return None


@pytest.mark.parametrize("why", [later_run, older_list, asked_for_now])
def test_otherwise_it_is_read_again_but_no_schedule_that_is_unchanged(account: Account, why: object) -> None:
    account.named()
    since = why(account)  # type: ignore[operator] # one of the three above
    account.now += timedelta(seconds=1)
    create("nightly-3")
    assert account.named(since) == ["nightly-1", "nightly-2", "nightly-3"]
    assert account.calls == ["ListSchedules", "GetSchedule"]


def test_a_schedule_that_has_changed_is_read_again(account: Account) -> None:
    account.named()
    boto3.client("scheduler").delete_schedule(Name="nightly-1")
    create("nightly-1")
    account.named(None)
    assert account.calls == ["ListSchedules", "GetSchedule"]


def test_a_schedule_of_another_cluster_or_service_is_not_read(account: Account) -> None:
    create("nightly-else", f"{CLUSTER}-staging")
    assert account.named() == ["nightly-1", "nightly-2"]
    assert account.calls == ["ListSchedules", "GetSchedule", "GetSchedule"]


MANY = [f"nightly-{letter}" for letter in "abcdefgh"]


def kept(account: Account) -> dict[str, Timetable]:
    """The timetables that ``reconcile`` keeps of the schedules, by name."""
    found = account.schedules.named("nightly", CLUSTER)
    assert not isinstance(found, Missing)
    listed = boto3.client("scheduler").list_schedules(NamePrefix="nightly")["Schedules"]
    versions = {each["Name"]: version_of(each["LastModificationDate"]) for each in listed}
    return {each.name: of_schedule(each, Listed(each.job, versions[each.name]), STARTED) for each in found}


def runs(timetable: Timetable) -> str:
    assert timetable.target is not None
    return timetable.target.runs


def in_a_new_container(account: Account, known: dict[str, Timetable], work: str) -> tuple[list[str], list[str]]:
    """The schedules that are found for a run that does this work, and the calls."""
    asked = list[str]()

    def timetables(start: str) -> dict[str, Timetable]:
        asked.append(start)
        return {each.job: each for each in known.values()}

    account.schedules = SchedulerSchedules(account.client, lambda: account.now, timetables)
    account.calls.clear()
    found = account.schedules.named("nightly", CLUSTER, STARTED, work)
    assert not isinstance(found, Missing)
    assert asked == ["default/nightly"]
    return sorted(each.name for each in found), account.calls


def test_of_many_schedules_only_those_are_read_that_may_do_the_runs_work(account: Account) -> None:
    for name in MANY:
        create(name, command=name)
    known = kept(account)
    work = runs(known["nightly-c"])
    assert in_a_new_container(account, known, work) == (["nightly-c"], ["ListSchedules", "GetSchedule"])


def test_one_without_a_timetable_is_read_too_and_so_is_one_that_has_changed(account: Account) -> None:
    for name in MANY:
        create(name, command=name)
    known = kept(account)
    work = runs(known["nightly-c"])
    del known["nightly-a"]
    known["nightly-b"] = replace(known["nightly-b"], version="as it was before")
    assert in_a_new_container(account, known, work)[0] == ["nightly-a", "nightly-b", "nightly-c"]


def test_one_whose_command_holds_what_scheduler_fills_in_is_read_for_every_run(account: Account) -> None:
    for name in MANY:
        create(name, command="<aws.scheduler.scheduled-time>" if name == "nightly-b" else name)
    known = kept(account)
    work = runs(known["nightly-c"])
    assert in_a_new_container(account, known, work)[0] == ["nightly-b", "nightly-c"]
