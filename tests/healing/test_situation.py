"""The bounds of healing."""

from datetime import timedelta

import pytest

from cronmend.healing.budgets import Budget
from cronmend.healing.situation import Limits
from cronmend.model import Category
from tests.cloudformation import Template

LIMITS = Limits(max_attempts=4, max_infra_attempts=5, alert_deadline=timedelta(hours=2))


def test_the_defaults_are_the_templates() -> None:
    values = {name: each["Default"] for name, each in Template.read().parameters.items() if "Default" in each}
    assert Limits() == Limits(
        recheck_after=timedelta(seconds=values["RecheckSeconds"]),
        alert_deadline=timedelta(seconds=values["AlertDeadlineSeconds"]),
        max_attempts=values["MaxAttempts"],
        max_infra_attempts=values["MaxInfrastructureAttempts"],
        max_memory=values["MaxMemoryMiB"],
    )
    assert Budget() == Budget(per_day=values["MaxRerunsPerDay"], per_hour=values["MaxRerunsPerHour"])


@pytest.mark.parametrize(("attempts", "own", "of_aws"), [(0, 0, 0), (1, 1, 5), (4, 4, 5), (9, 4, 5)])
def test_an_owner_only_tightens_the_bounds_and_zero_means_no_rerun_at_all(attempts: int, own: int, of_aws: int) -> None:
    limits = LIMITS.of(attempts, timedelta(hours=1))
    assert (limits.max_attempts, limits.max_infra_attempts) == (own, of_aws)
    assert (limits.attempts(Category.DEPLOY_RACE), limits.attempts(Category.INFRASTRUCTURE)) == (own, of_aws)


@pytest.mark.parametrize(("hours", "expected"), [(1, 1), (2, 2), (3, 2)])
def test_an_owner_may_only_bring_the_alerts_deadline_forward(hours: int, expected: int) -> None:
    assert LIMITS.of(4, timedelta(hours=hours)).alert_deadline == timedelta(hours=expected)
