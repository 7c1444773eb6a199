"""A stopped run: its diagnosis, the stored changes and the timers."""

from copy import replace
from datetime import timedelta

import pytest

from cronmend.errors import Retryable
from cronmend.model import Category, ContainerOverride, LiveSchedule, Mode, Policy, Signal, WindowState
from cronmend.model.incident import Change, Commit, IncidentState
from cronmend.model.wakeups import ReleaseTimer, RerunTimer
from tests.fakes import NOW, FakeModes, FakeSchedules, later
from tests.samples import COMMAND, JOB, schedule, service, stopped
from tests.use_cases.world import World, killed, out_of_capacity

BUG_LOG = (
    "Traceback (most recent call last):",
    '  File "/app/manage.py", line 22, in <module>',
    "    main()",
    '  File "/app/reports/totals.py", line 9, in total',
    "    return prices[name]",
    "KeyError: 'premium'",
    "cleaning up temporary files",
    "bye",
)


def test_a_success_sends_nothing() -> None:
    world = World()
    record = world.succeeds()
    assert (record.category, record.action) == (Category.SUCCESS, "none")
    assert world.told == []
    assert world.timers.due() == []
    assert world.ledger.read(JOB).history.last_success_revision == 2


def test_a_deploy_race_holds_the_alert_and_plans_a_rerun() -> None:
    world = World()
    record = world.fails()
    assert (record.category, record.action) == (Category.DEPLOY_RACE, "rerun")
    assert record.window.signal is Signal.REVISION
    assert world.told == []
    assert world.incident.state is IncidentState.HEALING
    assert [(type(t), t.at) for t in world.timers.due()] == [
        (RerunTimer, NOW + world.limits.recheck_after),
        (ReleaseTimer, NOW + world.limits.alert_deadline),
    ]


def test_the_same_traceback_without_a_deploy_alerts_at_once() -> None:
    world = World()
    world.services.services = (service(2),)
    record = world.fails()
    assert (record.category, record.action) == (Category.SCHEMA_MISMATCH, "alert")
    assert [kind for kind, _ in world.told] == ["alert"]
    assert world.timers.due() == []


def test_a_half_done_deploy_alerts_once_however_often_the_job_fails() -> None:
    world = World()
    late = later(60)
    world.fails(at=late)
    world.fails(stopped("a2", stopped_at=later(120)), at=later(120))
    assert [kind for kind, _ in world.told] == ["half_done", "reminder"]  # counted; a route says when it is sent
    assert world.incident.runs == 2


def test_a_half_done_deploy_is_not_blamed_for_a_bug_that_it_does_not_explain() -> None:
    world = World()
    world.fails(log=BUG_LOG, at=later(120))
    assert world.incident.diagnosis.window.state is WindowState.STUCK
    assert [kind for kind, _ in world.told] == ["alert"]


def test_a_plain_bug_alerts_with_the_excerpt_around_the_fatal_error() -> None:
    world = World()
    record = world.fails(log=BUG_LOG)
    assert record.category is Category.APPLICATION_ERROR
    (message,) = world.ledger.messages
    assert any("KeyError: 'premium'" in line for line in message.report.excerpt)


def test_a_task_that_never_started_is_re_run_under_the_default_policy() -> None:
    world = World(policy=Policy.UNSTARTED)
    record = world.stopped.handle(out_of_capacity(), NOW)
    assert (record.category, record.action) == (Category.INFRASTRUCTURE, "rerun")


@pytest.mark.parametrize("memory_step", [False, True])
def test_out_of_memory_alerts_people(memory_step: bool) -> None:
    """A step up needs a size of the task to start from."""
    world = World(memory_step=memory_step)
    record = world.fails(killed(), log=())
    assert (record.category, record.action) == (Category.OUT_OF_MEMORY, "alert")


def test_the_same_event_twice_changes_nothing() -> None:
    world = World()
    first = world.fails()
    before = (world.ledger.read(JOB), list(world.ledger.messages), world.timers.due())
    assert world.fails(at=later(30)) == first
    assert (world.ledger.read(JOB), list(world.ledger.messages), world.timers.due()) == before


@pytest.mark.parametrize("names_job", [True, False])
def test_a_success_that_only_its_jobs_list_has_is_found_again(*, names_job: bool) -> None:
    world, variables = World(), {"CRONMEND_JOB": JOB} if names_job else {}
    overrides = (ContainerOverride("web", COMMAND, variables),)
    task = stopped("b2", exit_code=0, created_at=later(4), stopped_at=later(5), overrides=overrides)
    first, before = world.succeeds(task, later(6)), world.ledger.read(JOB)
    assert (first.is_listed_only, world.ledger.run("b2")) == (True, None)
    assert world.succeeds(task, later(30)) == first
    assert world.ledger.read(JOB) == before


def test_a_success_whose_stop_has_no_time_has_a_record_of_its_own() -> None:
    world = World()
    task = stopped("b2", exit_code=0, stopped_at=None)
    record = world.succeeds(task)
    assert world.succeeds(task, later(30)) == record == world.ledger.run("b2")


def test_another_event_of_the_same_stop_changes_nothing() -> None:
    world = World()
    world.fails()
    before = world.ledger.read(JOB)
    world.fails(stopped(stopped_reason="Essential container in task exited, once more"))
    assert world.ledger.read(JOB) == before


@pytest.mark.parametrize(("revision", "signal"), [(1, Signal.FIRST_RUN), (2, Signal.NONE)])
def test_without_a_service_the_jobs_own_last_success_shows_whether_its_code_is_new(
    revision: int, signal: Signal
) -> None:
    world = World()
    world.services.services = ()
    world.succeeds(stopped("b0", revision, 0, created_at=later(-61), stopped_at=later(-60)), at=later(-60))
    assert world.fails().window.signal is signal


def test_a_failure_followed_by_a_success_opens_nothing() -> None:
    world = World()
    world.succeeds(at=later(6))
    record = world.fails(at=later(7))
    assert record.reasons == ("a later run has already succeeded",)
    assert world.ledger.read(JOB).incident is None
    assert world.told == []


def test_a_success_that_was_created_before_the_failure_closes_nothing() -> None:
    world = World()
    world.fails()
    world.succeeds(stopped("old", exit_code=0, created_at=later(-50), stopped_at=later(1)), at=later(1))
    assert world.incident.state is IncidentState.HEALING


def test_a_success_that_cronmend_did_not_start_is_a_recovery() -> None:
    world = World()
    world.fails()
    world.succeeds()
    assert world.incident.state is IncidentState.RECOVERED
    assert [kind for kind, _ in world.told] == ["recovered"]


def test_a_bug_in_the_next_slot_is_not_hidden_by_the_race_before_it() -> None:
    world = World()
    world.fails()
    world.fails(stopped("a2"), log=BUG_LOG)
    assert [kind for kind, _ in world.told] == ["alert"]
    assert world.incident.state is IncidentState.ALERTED


@pytest.mark.parametrize(
    ("schedules", "why"),
    [
        ({}, "no schedule with an ECS target matches 'chronos-schedule/publish-scheduled': it was deleted or changed"),
        ({JOB: schedule(2, enabled=False)}, f"the schedule {JOB} is disabled"),
        ({JOB: schedule(2, start=later(60))}, f"the schedule {JOB} doesn't start before 2026-05-06"),
    ],
)
def test_without_a_schedule_to_follow_nothing_is_run(schedules: dict[str, LiveSchedule], why: str) -> None:
    world = World(schedules=FakeSchedules(schedules))
    record = world.stopped.handle(out_of_capacity(), NOW)
    assert (record.action, record.reasons) == ("alert", (f"no re-run: {why}",))


def test_a_slot_whose_own_run_may_still_start_blocks_a_planned_rerun() -> None:
    flexible = schedule(2, timezone="UTC", flexible=timedelta(minutes=30))
    world = World(schedules=FakeSchedules({JOB: flexible}))
    record = world.stopped.handle(replace(out_of_capacity(), created_at=later(-2)), NOW)
    assert record.reasons == ("no re-run: the job's scheduled run of 11:00 UTC may start at any moment",)
    assert [type(timer) for timer in world.timers.due()] == [ReleaseTimer]


def test_missing_evidence_is_reported_and_never_guessed() -> None:
    world = World()
    record = world.stopped.handle(stopped(), NOW)
    assert (record.category, record.action) == (Category.UNKNOWN, "alert")
    assert record.sentence == "The cause is unknown (exit code 1; there is no log stream web/web/a1)."


def test_shadow_decides_and_runs_nothing() -> None:
    world = World(modes=FakeModes(Mode.SHADOW))
    record = world.fails()
    assert (record.category, record.action) == (Category.DEPLOY_RACE, "rerun")
    world.finish_deploy(later(2))
    world.due.handle(world.timers.of(RerunTimer)[0], later(5))
    assert world.tasks.started == {}
    assert world.ledger.attempts == {}
    assert [kind for kind, _ in world.told] == ["alert"]
    assert (
        "Cronmend would have run webapp:2 now, as run 2 of 4. Cronmend won't re-run it: the mode is shadow."
        in world.told[0][1]
    )


def test_a_job_state_that_changes_in_between_is_read_again() -> None:
    world = World()
    honest = world.ledger.commit
    refusals = iter((Commit.AGAIN, Commit.AGAIN))
    world.ledger.commit = lambda change, now: next(refusals, None) or honest(change, now)  # type: ignore[method-assign] # two collisions
    assert world.fails().action == "rerun"


def test_endless_collisions_are_left_to_a_retry() -> None:
    world = World()

    def collide(change: Change, now: object) -> Commit:
        return Commit.AGAIN

    world.ledger.commit = collide  # type: ignore[method-assign] # never succeeds
    with pytest.raises(Retryable, match="changed 5 times"):
        world.fails()


def test_a_run_keeps_the_slot_it_received() -> None:
    world = World()
    told = replace(stopped().overrides[0], environment={"CRONMEND_JOB": JOB, "CRONMEND_SLOT": "2026-05-06T11:00:00Z"})
    world.fails(stopped(overrides=(told,)))
    assert world.incident.slot == "2026-05-06T11:00:00Z"
