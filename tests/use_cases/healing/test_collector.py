"""The facts for the guards: of a job's open incident, or of a job that is not broken."""

from cronmend.model.incident import JobState
from tests.fakes import NOW
from tests.samples import JOB, schedule
from tests.use_cases.world import World


def test_of_a_job_that_is_not_broken_nothing_limits_a_run() -> None:
    found = World().situations.situation(JobState(JOB), schedule(2), NOW)
    assert (found.reruns, found.most_reruns, found.tasks, found.slot) == (0, None, 1, None)
    assert not (found.ran or found.waits_for_deploy or found.claimed_at or found.last_run)


def test_of_a_first_failure_no_rerun_was_made() -> None:
    world = World()
    world.fails()
    found = world.situations.situation(world.ledger.read(JOB), schedule(2), NOW)
    assert (found.reruns, found.most_reruns) == (0, world.limits.max_attempts)
    assert found.ran and found.waits_for_deploy
