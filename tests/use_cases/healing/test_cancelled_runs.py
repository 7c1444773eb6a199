"""A person stops a run of a job that has an open incident: that run is over, and the incident is not."""

from cronmend.model import Category, StoppedTask
from cronmend.model.incident import IncidentState, RunRecord
from cronmend.model.wakeups import ReleaseTimer
from tests.fakes import later
from tests.samples import JOB, stopped
from tests.use_cases.world import World, rerun_timer


def cancelled(task_id: str, created: float, **changes: str) -> StoppedTask:
    at = later(created + 1)
    code, reason = "UserInitiated", "Task stopped by user"
    return stopped(
        task_id, 0, 143, created_at=later(created), stopped_at=at, stop_code=code, stopped_reason=reason, **changes
    )


def stops(world: World, task: StoppedTask) -> RunRecord:
    assert task.stopped_at
    record = world.stopped.handle(task, task.stopped_at)
    assert record.category is Category.CANCELLED
    return record


def test_a_cancelled_run_opens_no_incident() -> None:
    world = World()
    assert stops(world, cancelled("c1", 0)).incident == ""
    assert world.ledger.read(JOB).incident is None


def test_a_cancelled_run_leaves_the_planned_rerun_and_the_held_alert_alone() -> None:
    world = World()
    world.fails()
    before = world.incident
    assert stops(world, cancelled("c1", 1)).incident == before.id
    assert world.incident == before
    world.finish_deploy(later(3))
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    assert len(world.tasks.started) == 1


def test_a_cancelled_rerun_is_not_repeated_and_the_alert_names_the_failure() -> None:
    world = World()
    world.fails()
    world.finish_deploy(later(3))
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (attempt,) = world.attempts()
    stops(world, cancelled("c1", 6, started_by=f"cronmend/{attempt.key}"))
    assert world.incident.state is IncidentState.HEALING
    assert (world.incident.starting, world.incident.planned, world.incident.runs) == (None, None, 1)
    release = world.timers.of(ReleaseTimer)[0]
    world.due.handle(release, release.at)
    (message,) = world.ledger.messages
    assert (message.report.kind.value, message.report.category) == ("alert", Category.DEPLOY_RACE)
    assert "run 2 was stopped on purpose" in message.report.what_happens


def test_people_who_know_of_a_rerun_are_notified_that_it_was_stopped() -> None:
    world = World()
    world.fails()
    release = world.timers.of(ReleaseTimer)[0]
    world.due.handle(release, release.at)
    world.finish_deploy(later(61))
    timer = rerun_timer(world)
    world.due.handle(timer, later(62))
    (attempt,) = world.attempts()
    stops(world, cancelled("c1", 63, started_by=f"cronmend/{attempt.key}"))
    said = [(each.report.kind.value, each.report.status) for each in world.ledger.messages[1:]]
    assert said == [("progress", "run 2 of 4 started"), ("progress", "run 2 of 4 was stopped on purpose")]


def test_a_cancelled_run_answers_no_failure() -> None:
    world = World()
    stops(world, cancelled("c1", 1))
    world.fails()
    assert world.incident.is_open
