"""How often EventBridge Scheduler is asked: each schedule once until it changes, and a list once a minute."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cronmend.adapters.schedules import LIST_AGE, SchedulerSchedules
from cronmend.model import Missing
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


def create(name: str, cluster: str = CLUSTER) -> None:
    target: Any = {"Arn": cluster, "RoleArn": "arn:aws:iam::111122223333:role/r"}
    boto3.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target | {"EcsParameters": {"TaskDefinitionArn": "arn:td:2"}},
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
