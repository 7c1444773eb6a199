"""Is a deploy window open? From revisions and deployments alone, with no hook in any pipeline."""

from copy import replace
from datetime import timedelta

import pytest

from cronmend.deploys import Bounds, DeployFacts, Service, window
from cronmend.model import Missing, Signal, TaskDefinitionRef, WindowState
from tests.fakes import NOW, later
from tests.samples import service

BOUNDS = Bounds()
USED = TaskDefinitionRef("webapp", 2)


def facts(*services: Service, registered: float = -10, scheduled: int | None = 2) -> DeployFacts:
    return DeployFacts(services, later(registered), TaskDefinitionRef("webapp", scheduled))


def test_new_code_in_the_job_and_old_code_serving_is_an_open_window() -> None:
    seen = window(USED, facts(service(1)), NOW, BOUNDS)
    assert (seen.state, seen.signal) == (WindowState.OPEN, Signal.REVISION)
    assert seen.reason == "the run used webapp:2, service web still runs webapp:1"
    assert seen.since == later(-10)


def test_past_its_bound_it_is_stuck() -> None:
    seen = window(USED, facts(service(1), registered=-46), NOW, BOUNDS)
    assert (seen.state, seen.signal) == (WindowState.STUCK, Signal.REVISION)
    assert "over the 45 min limit" in seen.reason
    assert window(USED, facts(service(1), registered=-45), NOW, BOUNDS).state is WindowState.OPEN


def test_a_deploy_of_unknown_age_is_open_and_the_reason_says_so() -> None:
    undated = DeployFacts((service(1),), Missing("webapp:2 can't be described"), USED)
    seen = window(USED, undated, NOW, BOUNDS)
    assert seen.state is WindowState.OPEN
    assert "webapp:2 can't be described" in seen.reason


def test_code_older_than_the_services_is_not_a_window() -> None:
    seen = window(USED, facts(service(3)), NOW, BOUNDS)
    assert (seen.state, seen.signal) == (WindowState.OLDER_CODE, Signal.REVISION)


@pytest.mark.parametrize("scheduled", [3, 4, None])
def test_unless_the_schedule_was_updated_since_the_run_started(scheduled: int | None) -> None:
    seen = window(USED, facts(service(3), scheduled=scheduled), NOW, BOUNDS)
    assert seen.state is WindowState.RECENT


@pytest.mark.parametrize(
    ("rollout", "created", "updated", "state"),
    [
        ("IN_PROGRESS", -3, -1, WindowState.OPEN),
        ("IN_PROGRESS", -46, -1, WindowState.STUCK),
        ("FAILED", -3, -1, WindowState.STUCK),
        ("COMPLETED", -8, -5, WindowState.RECENT),
        ("COMPLETED", -30, -11, WindowState.CLOSED),
        ("COMPLETED", -600, -1, WindowState.CLOSED),  # an old deployment whose counts changed just now
        ("", -600, -600, WindowState.CLOSED),
    ],
)
def test_the_services_own_deployment(rollout: str, created: float, updated: float, state: WindowState) -> None:
    running = service(2, rollout, created=later(created), updated=later(updated))
    seen = window(USED, facts(running), NOW, BOUNDS)
    assert seen.state is state
    assert seen.signal is (Signal.NONE if state is WindowState.CLOSED else Signal.SERVICE_DEPLOYMENT)


def test_a_state_that_cannot_be_read_is_unknown_with_its_reason() -> None:
    denied = DeployFacts(Missing("not allowed to list the services"), later(-1), USED)
    assert window(USED, denied, NOW, BOUNDS).reason == "not allowed to list the services"
    alone = window(USED, facts(), NOW, BOUNDS)
    assert (alone.state, alone.reason) == (WindowState.UNKNOWN, "no ECS service runs webapp")


def test_the_bounds_are_settings() -> None:
    short = Bounds(deploy_limit=timedelta(minutes=5))
    assert window(USED, facts(service(1)), NOW, short).state is WindowState.STUCK


DENIED = Missing("AWS denied ecs:DescribeServiceRevisions to Cronmend's role")


@pytest.mark.parametrize(
    "partly",
    [
        pytest.param(replace(facts(service(2)), serving=DENIED), id="the images"),
        pytest.param(facts(replace(service(2), release=DENIED)), id="the deployments"),
        pytest.param(replace(facts(service(2)), registered_at=DENIED), id="the revision"),
        pytest.param(replace(facts(), services=DENIED), id="the services"),
    ],
)
def test_what_could_not_be_read_is_never_no_deploy(partly: DeployFacts) -> None:
    seen = window(USED, partly, NOW, BOUNDS)
    assert (seen.state, seen.reason, seen.unread) == (WindowState.UNKNOWN, DENIED.reason, (DENIED.reason,))


def test_a_deploy_that_another_signal_shows_is_open_and_lists_what_was_not_read() -> None:
    seen = window(USED, replace(facts(service(1)), serving=DENIED), NOW, BOUNDS)
    assert (seen.state, seen.unread) == (WindowState.OPEN, (DENIED.reason,))
