"""When a schedule may be moved: what Cronmend can know of the migrations of several deploys."""

from copy import replace
from math import inf

import pytest

from cronmend.model import Follow
from simulation.account import EXPECTED, Account, rolled_out, rolling
from simulation.chance import Chance
from simulation.jobs import jobs
from simulation.witness import Witness


@pytest.mark.parametrize(
    ("revision", "newest", "at", "early"),
    [
        pytest.param(3, 0, 10, "", id="its own migration, even if nothing reports it"),
        pytest.param(2, inf, 30, "", id="a marker after its registration may be its own"),
        pytest.param(2, inf, 10, "isn't migrated", id="a marker before its registration"),
        pytest.param(2, 2, 30, "isn't migrated", id="a task of an earlier revision"),
        pytest.param(4, 4, 30, "", id="a task of a later revision"),
        pytest.param(2, 0, 30, "isn't migrated", id="another one that nothing reports"),
    ],
)
def test_a_migration_allows_the_move_only_to_code_that_it_may_be_of(
    revision: int, newest: float, at: float, early: str
) -> None:
    now, job = 0.0, jobs(Chance(1), 0.0, 1)[0]
    job = replace(job, policy=replace(job.policy, follow=Follow.SERVICE))
    account = Account(0.0, {job.name: job}, Witness(lambda: now))
    account.registered["webapp", 3] = 20.0
    account.served[3] = inf
    now = at
    account.migrate(revision, newest)
    assert account.too_early(job.name, 1, 3) == early


def test_a_schedule_whose_revision_was_deregistered_needs_no_proof_when_none_is_expected_any_more() -> None:
    now, job = 0.0, jobs(Chance(1), 0.0, 1)[0]
    job = replace(job, policy=replace(job.policy, follow=Follow.SERVICE))
    account = Account(0.0, {job.name: job}, Witness(lambda: now))
    account.registered["webapp", 2] = 0.0
    account.serve(rolled_out(rolling(account.service, 2, now), now))
    now = EXPECTED
    assert account.too_early(job.name, 1, 2) == "isn't migrated"
    account.deregister("webapp", 1)
    assert account.too_early(job.name, 1, 2) == ""
    now = EXPECTED - 1
    assert account.too_early(job.name, 1, 2) == "isn't migrated"
