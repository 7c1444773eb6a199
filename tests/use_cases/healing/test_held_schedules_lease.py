"""Invocations that hold or release one schedule at once, come late, or fail: the schedule is left as it was."""

from copy import replace
from datetime import timedelta

import pytest

from cronmend.deploys.holds import LEASE, Hold, HoldState, Which
from cronmend.errors import Retryable
from cronmend.model import ScheduleState
from cronmend.model.incident import LEAD
from cronmend.model.wakeups import HealingTimer, HoldTimer
from tests.samples import CLUSTER, JOB
from tests.use_cases.healing.holding import BEGAN, ENDED, enabled, ends, starts, timer, world
from tests.use_cases.world import World


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
    it.schedules.named = lambda prefix, cluster_arn, since=None, work="": [stale]  # type: ignore[method-assign] # as it was a moment ago
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
    hold = it.switches.hold

    def late(job: str, mark: str) -> None:
        """Before the schedule is disabled, another invocation releases the hold."""
        it.switches.hold = hold  # type: ignore[method-assign] # once
        ends(it)
        it.release.handle(timer(it), ENDED + LEAD)
        hold(job, mark)

    it.switches.hold = late  # type: ignore[method-assign] # EventBridge Scheduler in this test
    assert starts(it) == ()
    assert enabled(it)
    assert it.holds.of(CLUSTER) == []


def test_a_release_that_was_not_read_back_is_repeated() -> None:
    it = world()
    starts(it)
    ends(it)
    release = it.switches.release

    def refused(job: str, mark: str) -> bool:
        raise Retryable(f"the schedule {job} is DISABLED after it was set to ENABLED")

    it.switches.release = refused  # type: ignore[method-assign] # EventBridge Scheduler in this test
    for tries in range(3):
        with pytest.raises(Retryable, match="is DISABLED after"):
            it.release.handle(timer(it), ENDED + LEAD + tries * LEASE)
    assert [hold.state for hold in it.holds.of(CLUSTER)] == [HoldState.RELEASING]
    it.switches.release = release  # type: ignore[method-assign] # it works again
    it.release.handle(timer(it), ENDED + LEAD + 3 * LEASE)
    assert enabled(it)
    assert it.holds.of(CLUSTER) == []
    assert it.incident.slot == "2026-05-06T11:00:00+00:00"


def disabled_by_a_person(it: World) -> None:
    it.schedules.schedules[JOB] = replace(it.schedules.schedules[JOB], enabled=False)


def test_a_repeated_release_leaves_what_a_person_did_in_between() -> None:
    """A call is killed after it enabled the schedule, and its timer fires again."""
    it = world()
    starts(it)
    ends(it)
    remove = it.holds.remove

    def killed(hold: Hold) -> None:
        raise KeyboardInterrupt

    it.holds.remove = killed  # type: ignore[method-assign] # the ledger in this test
    with pytest.raises(KeyboardInterrupt):
        it.release.handle(timer(it), ENDED + LEAD)
    disabled_by_a_person(it)
    it.holds.remove = remove  # type: ignore[method-assign] # the ledger again
    assert it.known_schedules.get(JOB).state is ScheduleState.DISABLED  # type: ignore[union-attr] # it exists
    it.release.handle(timer(it), ENDED + LEAD + LEASE)
    assert not enabled(it)
    assert it.holds.of(CLUSTER) == []


def test_a_schedule_that_a_person_disables_before_the_hold_does_stays_disabled() -> None:
    it = world()
    hold = it.switches.hold

    def late(job: str, mark: str) -> None:
        disabled_by_a_person(it)
        hold(job, mark)

    it.switches.hold = late  # type: ignore[method-assign] # EventBridge Scheduler in this test
    starts(it)
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD + LEASE)
    assert not enabled(it)


def test_a_hold_of_a_version_without_marks_is_released() -> None:
    it = world()
    starts(it)
    (hold,) = it.holds.of(CLUSTER)
    it.holds.put(replace(hold, mark=""))
    it.schedules.schedules[JOB] = replace(it.schedules.schedules[JOB], description="")
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD)
    assert enabled(it)


@pytest.mark.parametrize("before", ["", "Publishes what is due"])
@pytest.mark.parametrize("added", ["", "; see the wiki"])
def test_a_released_schedule_has_its_description_as_it_is_without_the_mark(before: str, added: str) -> None:
    it = world()
    it.schedules.schedules[JOB] = replace(it.schedules.schedules[JOB], description=before)
    starts(it)
    held = it.schedules.schedules[JOB]
    assert held.description.startswith(f"{before} [held by Cronmend during a deploy: ".lstrip())
    it.schedules.schedules[JOB] = replace(held, description=held.description + added)
    ends(it)
    it.release.handle(timer(it), ENDED + LEAD)
    assert it.schedules.schedules[JOB].description == before + added
