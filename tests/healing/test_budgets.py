"""The budgets for re-runs: failures of AWS are counted apart from all other causes."""

from copy import replace
from datetime import timedelta

import pytest

from cronmend.healing.budgets import Budget, charged, reruns_for, used
from cronmend.model import Category
from cronmend.model.incident import IncidentState, JobState
from tests.fakes import NOW, later
from tests.incidents import BROKEN
from tests.samples import JOB

DAY = 24 * 60
USED = JobState(JOB, rerun_times=(later(-DAY), later(-DAY + 0.1)), infra_times=(later(-DAY - 9), later(-9), later(-8)))


def test_only_the_last_24_hours_count_for_each_budget_alone() -> None:
    assert (used(USED, False, NOW), used(USED, True, NOW)) == (1, 2)


def test_a_start_is_added_to_its_own_budget_and_drops_starts_older_than_a_day() -> None:
    own = charged(USED, False, NOW)
    assert (own.rerun_times, own.infra_times) == ((later(-DAY + 0.1), NOW), USED.infra_times)
    aws = charged(USED, True, NOW)
    assert (aws.rerun_times, aws.infra_times) == (USED.rerun_times, (later(-9), later(-8), NOW))


@pytest.mark.parametrize("state", [IncidentState.HEALING, IncidentState.ALERTED])
def test_the_reruns_of_an_open_incident_count_by_cause(state: IncidentState) -> None:
    incident = replace(BROKEN, state=state, reruns=5, infra_reruns=2)
    assert reruns_for(incident, Category.INFRASTRUCTURE) == 2
    assert reruns_for(incident, Category.DEPENDENCY_UNAVAILABLE) == 3


@pytest.mark.parametrize("state", [IncidentState.HEALED, IncidentState.RECOVERED])
def test_the_reruns_of_a_closed_incident_count_for_nothing(state: IncidentState) -> None:
    over = replace(BROKEN, state=state, reruns=5, infra_reruns=2)
    assert [reruns_for(over, category) for category in (Category.INFRASTRUCTURE, Category.DEPLOY_RACE)] == [0, 0]
    assert reruns_for(None, Category.DEPLOY_RACE) == 0


def test_a_budget_is_six_a_day_thirty_an_hour_and_an_hour_of_rest() -> None:
    assert Budget() == Budget(per_day=6, per_hour=30, circuit=timedelta(hours=1))
