"""Invocations that hold or release one schedule at once, come late, or fail: the schedule is left as it was."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cronmend.deploys.holds import LEASE, Hold, HoldState, Which
from cronmend.errors import Retryable
from cronmend.model.incident import LEAD
from cronmend.model.wakeups import HealingTimer, HoldTimer
from tests.samples import CLUSTER, JOB
from tests.use_cases.healing.holding import BEGAN, ENDED, enabled, ends, starts, timer, world


def test_the_end_of_a_hold_is_stored_though_another_invocation_writes_it_at_once() -> None:
    it = world()
    starts(it)
    get = it.holds.get
    (held,) = it.holds.of(CLUSTER)

    def get_and_change(cluster: str, job: str) -> Hold | None:
        """The hold as read; then another invocation writes it."""
        found = get(cluster, job)
        if found and found.version == held.version:
            it.holds.put(found)
        return found

    it.holds.get = get_and_change  # type: ignore[method-assign, assignment] # the ledger in this test
    assert ends(it) == (JOB,)
    assert it.holds.of(CLUSTER)[0].until == ENDED


def test_a_release_that_fails_for_one_schedule_is_done_for_the_others() -> None:
    it = world(which=Which.ALL)
    other = "cronmend-jobs/purge"
    it.schedules.schedules[other] = replace(it.schedules.schedules[JOB], job=other)
    starts(it)
    bring_forward = it.timers.bring_forward

    def throttled(due: HealingTimer) -> None:
        if due.job == JOB:
            raise Retryable("TooManyRequestsException")
        bring_forward(due)

    it.timers.bring_forward = throttled  # type: ignore[method-assign, assignment] # EventBridge Scheduler in this test
    with pytest.raises(Retryable, match="TooManyRequests"):
        ends(it)
    assert {hold.until for hold in it.holds.of(CLUSTER)} == {ENDED}
    assert [due.at for due in it.timers.of(HoldTimer) if due.job == other] == [ENDED + LEAD]


def test_a_schedule_that_was_released_after_the_schedules_were_listed_is_held() -> None:
    it = world(which=Which.ALL)
    stale = replace(it.schedules.schedules[JOB], enabled=False)
    it.schedules.named = lambda prefix, cluster_arn, since=None: [stale]  # type: ignore[method-assign] # as it was a moment ago
    assert starts(it) == (JOB,)
    assert not enabled(it)


@pytest.mark.parametrize(("minutes", "held"), [(-11, (JOB,)), (-9, ()), (0, ()), (30, ()), (31, (JOB,))])
def test_a_schedule_that_starts_during_the_deploy_is_not_held(minutes: int, held: tuple[str, ...]) -> None:
    """EventBridge Scheduler wouldn't take its start date again when the schedule is enabled."""
    it = world()
    it.schedules.schedules[JOB] = replace(it.schedules.schedules[JOB], start=BEGAN + timedelta(minutes=minutes))
    assert starts(it) == held


def test_a_schedule_that_is_disabled_after_its_release_is_enabled_again() -> None:
    """An invocation that outlived its lease, as if a clock were wrong."""
    it = world()
    switch = it.switches.switch

    def late(job: str, *, enabled: bool) -> None:
        """Before the schedule is disabled, another invocation releases the hold."""
        it.switches.switch = switch  # type: ignore[method-assign] # once
        ends(it)
        it.release.handle(timer(it), ENDED + LEAD)
        switch(job, enabled=enabled)

    it.switches.switch = late  # type: ignore[method-assign] # EventBridge Scheduler in this test
    assert starts(it) == ()
    assert enabled(it)
    assert it.holds.of(CLUSTER) == []


def test_a_release_that_was_not_read_back_is_repeated() -> None:
    it = world()
    starts(it)
    ends(it)
    switch = it.switches.switch

    def refused(job: str, *, enabled: bool) -> None:
        raise Retryable(f"the schedule {job} is DISABLED after it was set to ENABLED")

    it.switches.switch = refused  # type: ignore[method-assign] # EventBridge Scheduler in this test
    for tries in range(3):
        with pytest.raises(Retryable, match="is DISABLED after"):
            it.release.handle(timer(it), ENDED + LEAD + tries * LEASE)
    assert [hold.state for hold in it.holds.of(CLUSTER)] == [HoldState.RELEASING]
    it.switches.switch = switch  # type: ignore[method-assign] # it works again
    it.release.handle(timer(it), ENDED + LEAD + 3 * LEASE)
    assert enabled(it)
    assert it.holds.of(CLUSTER) == []
    assert it.incident.slot == "2026-05-06T11:00:00+00:00"
