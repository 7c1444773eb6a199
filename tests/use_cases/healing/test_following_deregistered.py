"""A schedule that follows its service, and whose own revision was deregistered: no run can start on it."""

from cronmend.deploys import Phase
from tests.samples import JOB
from tests.use_cases.healing.followed import Followers


def test_a_schedule_whose_revision_was_deregistered_is_moved_when_no_proof_is_expected_any_more() -> None:
    """CloudFormation and Terraform deregister a revision that they replace: no run could start on it."""
    it = Followers()
    it.check()
    it.deploys(2)
    it.deregisters(1)
    it.check(1)
    assert (it.target(), it.told) == ("webapp:1", [])
    assert it.check(20).moved == [(JOB, "webapp:2")]
    assert it.told == ["publish-scheduled now runs webapp:2, as service web does"]
    reason = "no run could start on webapp:1, which was deregistered, and nothing proves that the migration of webapp:2"
    assert it.rows.messages[0].report.what_happens == f"Cronmend moved the schedule: {reason} succeeded."


def test_one_that_is_deregistered_later_is_moved_then() -> None:
    it = Followers()
    it.check()
    it.deploys(2)
    it.check(20)
    it.deregisters(1)
    assert it.check(5).moved == [(JOB, "webapp:2")]


def test_a_deregistered_revision_moves_nothing_ahead_of_its_service() -> None:
    """Its deploy is in progress, half done, or was given up: only code that no service has served could start."""
    it = Followers()
    it.check()
    it.deregisters(1)
    it.deploys(2, "IN_PROGRESS")
    it.check(1)
    it.migrates(Phase.FAILED)
    it.deploys(2)
    it.check(20)
    it.rolls_back(1)
    it.check(5)
    assert (it.target(), it.row().moves) == ("webapp:1", ())
