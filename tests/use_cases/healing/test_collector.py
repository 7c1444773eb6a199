"""The facts for the guards: of a job's open incident, or of a job that is not broken."""

from copy import replace

import pytest

from cronmend.jobs.policies import JobPolicy
from cronmend.model import Policy
from cronmend.model.claims import Claim
from cronmend.model.incident import Found, JobState
from tests.fakes import NOW, later
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


def test_each_job_has_the_policy_of_its_owner() -> None:
    policies = {JOB: JobPolicy(JOB, rerun=Policy.SAFE, attempts=2)}
    situations = replace(World().situations, policy=lambda job: policies.get(job, JobPolicy(job)))
    own = situations.situation(JobState(JOB), schedule(2), NOW)
    other = situations.situation(JobState("cronmend-jobs/other"), schedule(2), NOW)
    assert (own.policy, other.policy) == (Policy.SAFE, Policy.UNSTARTED)
    assert own.limits.max_attempts == 2


@pytest.mark.parametrize(("minutes", "is_open"), [(-1, False), (0, False), (1, True)])
def test_a_circuit_blocks_until_it_closes_whenever_it_was_read(minutes: float, is_open: bool) -> None:
    until = later(minutes)
    world = World()
    world.ledger.circuit_until = until
    for found in (None, Found(circuit_until=until)):
        situation = world.situations.situation(JobState(JOB), schedule(2), NOW, found=found)
        assert situation.circuit_until() == (until if is_open else None)


def test_of_a_broken_job_each_fact_comes_from_its_state() -> None:
    world = World()
    world.fails()
    state = world.ledger.read(JOB)
    assert state.incident
    state = replace(
        state,
        incident=replace(state.incident, reruns=2),
        rerun_times=(later(-90), later(-30)),
        claim=Claim("key", later(-5)),
        last_own=later(-1),
    )
    three = replace(schedule(2), parameters={**schedule(2).parameters, "TaskCount": 3})
    found = world.situations.situation(state, three, later(1))
    assert (found.now, found.schedule, found.mode, found.limits) == (later(1), three, world.modes.now, world.limits)
    assert (found.last_rerun, found.last_run, found.claimed_at) == (later(-30), later(-1), later(-5))
    assert (found.reruns, found.reruns_today, found.most_today) == (2, 2, world.budget.per_day)
    assert (found.tasks, found.stale_after) == (3, JobPolicy(JOB).stale_after)
    assert world.situations.situation(state, three, later(1), own="key").claimed_at is None
