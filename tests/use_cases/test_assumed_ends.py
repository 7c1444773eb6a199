"""After a deploy's end the job is re-run once, and people are told what showed the end."""

import pytest

from cronmend.deploys import Phase
from cronmend.model import Category, Proof, Signal, WindowState
from cronmend.model.incident import IncidentState
from cronmend.model.wakeups import RerunTimer
from tests.fakes import later
from tests.samples import stopped
from tests.use_cases.healing.holding import marker
from tests.use_cases.world import World, rerun_timer, unstarted


def rerun_fails(world: World, at: float) -> None:
    """The re-run that waited for the deploy is made now, and fails the same way two minutes later."""
    (timer,) = world.timers.of(RerunTimer)[-1:]
    world.due.handle(timer, later(at))
    (attempt,) = world.attempts()
    world.fails(world.rerun_of(attempt, 1, later(at + 2)), at=later(at + 2))


def test_after_a_rollout_the_job_is_re_run_once_and_the_alert_says_that_its_end_was_assumed() -> None:
    world = World()
    world.fails()
    world.finish_deploy(later(5))
    rerun_fails(world, 5.5)
    ((kind, what_happens),) = world.told
    assert kind == "gave_up"
    assert "nothing shows that its migration ran (the deployment of web to webapp:2 ended" in what_happens
    assert world.incident.diagnosis.window.proof is Proof.ASSUMED


def test_a_run_of_the_schedule_that_fails_after_it_is_not_re_run_either() -> None:
    world = World()
    world.fails()
    world.finish_deploy(later(5))
    rerun_fails(world, 5.5)
    own = stopped("a2", created_at=later(8), started_at=later(8), stopped_at=later(9))
    assert world.fails(own, at=later(9)).action != "rerun"
    assert world.incident.planned is None


def test_after_a_migration_the_alert_says_that_it_succeeded() -> None:
    world = World()
    world.fails()
    world.finish_deploy(later(4))
    world.deploy.handle(marker(Phase.MIGRATED, later(5)), later(5))
    rerun_fails(world, 5.5)
    ((_, what_happens),) = world.told
    assert "although its migration succeeded (the deploy" in what_happens
    window = world.incident.diagnosis.window
    assert (window.proof, window.signal) == (Proof.PROVED, Signal.MARKER)


@pytest.mark.parametrize(("migrates", "proof"), [(True, Proof.PROVED), (False, Proof.ASSUMED)])
def test_a_healed_race_keeps_how_sure_the_end_was_that_it_waited_for(migrates: bool, proof: Proof) -> None:
    world = World()
    world.fails()
    world.finish_deploy(later(4))
    if migrates:
        world.deploy.handle(marker(Phase.MIGRATED, later(5)), later(5))
    world.due.handle(rerun_timer(world), later(5.5))
    (attempt,) = world.attempts()
    world.succeeds(world.rerun_of(attempt, 0, later(7)), later(7))
    assert world.incident.state is IncidentState.HEALED
    assert attempt.window is not None
    assert (attempt.window.state, attempt.window.proof) == (WindowState.RECENT, proof)


def test_a_rerun_that_waits_for_no_deploy_keeps_none() -> None:
    world = unstarted()
    world.due.handle(rerun_timer(world), later(5.5))
    (attempt,) = world.attempts()
    assert attempt.window is None


def test_a_rerun_for_another_cause_is_not_the_one_after_the_deploy() -> None:
    """AWS refused the first run. Only the second met the old schema, and that may be gone by now."""
    world = unstarted()
    world.finish_deploy(later(4))
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (attempt,) = world.attempts()
    met = world.fails(world.rerun_of(attempt, 1, later(5)), at=later(5))
    assert (met.category, met.action) == (Category.DEPLOY_RACE, "rerun")
