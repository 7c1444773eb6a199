"""Service deployments with stages (blue/green, linear, canary), bake times and pauses; stopped, rolled back, early."""

from copy import replace

import botocore.session
import pytest

from cronmend.deploys import (
    Bounds,
    DeployFacts,
    Deployment,
    DeployNote,
    Pause,
    Phase,
    Release,
    Service,
    window,
)
from cronmend.deploys.release import STAGES, STATUSES
from cronmend.model import DeployWindow, Missing, Proof, Signal, TaskDefinitionRef, WindowState
from tests.fakes import NOW, later
from tests.samples import CLUSTER

BOUNDS = Bounds()
USED = TaskDefinitionRef("webapp", 2)
OPEN, STUCK, RECENT, CLOSED = WindowState.OPEN, WindowState.STUCK, WindowState.RECENT, WindowState.CLOSED
TOMORROW = later(24 * 60)


def to_2(created: float, status: str = "IN_PROGRESS", rollout: str = "", **release: object) -> Service:
    """A service that is deployed from revision 1 to 2; only a rolling deployment has a rollout state."""
    at = later(created)
    old = Deployment(TaskDefinitionRef("webapp", 1), "", later(-9000), later(-9000))
    new = Deployment(USED, rollout, at, at)
    return Service("web", new, (old,), Release(status, at, **release))  # type: ignore[arg-type] # fields of a release


def seen(service: Service, revision: int = 2, registered: float = -400, scheduled: int = 2) -> DeployWindow:
    facts = DeployFacts((service,), later(registered), TaskDefinitionRef("webapp", scheduled))
    return window(TaskDefinitionRef("webapp", revision), facts, NOW, BOUNDS)


def enum(shape: str) -> set[str]:
    return set(botocore.session.get_session().get_service_model("ecs").shape_for(shape).enum)  # type: ignore[attr-defined] # of a string


def test_every_status_of_botocores_model_has_a_meaning() -> None:
    assert enum("ServiceDeploymentStatus") == set(STATUSES)


def test_every_lifecycle_stage_of_botocores_model_has_a_meaning() -> None:
    assert enum("ServiceDeploymentLifecycleStage") | enum("DeploymentLifecycleHookStage") == set(STAGES)


def test_what_the_adapters_read_besides_is_what_botocores_model_has() -> None:
    assert enum("DeploymentRolloutState") == {"COMPLETED", "FAILED", "IN_PROGRESS"}
    assert enum("DeploymentLifecycleHookStatus") == {
        *("AWAITING_ACTION", "IN_PROGRESS", "SUCCEEDED", "FAILED", "TIMED_OUT"),
    }
    assert enum("DeploymentLifecycleHookAction") == {"ROLLBACK", "CONTINUE"}
    assert enum("DeploymentControllerType") == {"ECS", "CODE_DEPLOY", "EXTERNAL"}
    assert enum("DeploymentStrategy") == {"ROLLING", "BLUE_GREEN", "LINEAR", "CANARY"}
    assert enum("StabilityStatus") == {"STEADY_STATE", "STABILIZING"}


def test_a_status_or_stage_that_aws_has_added_since_is_said_so() -> None:
    found = seen(to_2(-5, "HALTED", stage="WARM_UP"))
    assert (found.state, found.signal) == (OPEN, Signal.SERVICE_DEPLOYMENT)
    assert "a state that this version of Cronmend doesn't know (HALTED)" in found.reason
    assert "WARM_UP: it is in a stage that this version of Cronmend doesn't know" in found.reason


@pytest.mark.parametrize(
    ("status", "created", "state"),
    [
        ("PENDING", -5, OPEN),
        ("PENDING", -46, STUCK),
        ("IN_PROGRESS", -5, OPEN),
        ("IN_PROGRESS", -46, STUCK),
        ("STOP_REQUESTED", -5, STUCK),
        ("ROLLBACK_REQUESTED", -5, STUCK),
        ("ROLLBACK_IN_PROGRESS", -5, STUCK),
    ],
)
def test_each_status_of_a_deployment_that_goes_on(status: str, created: float, state: WindowState) -> None:
    found = seen(to_2(created, status))
    assert (found.state, found.signal) == (state, Signal.SERVICE_DEPLOYMENT)


@pytest.mark.parametrize(
    ("status", "state"),
    [("SUCCESSFUL", RECENT), ("STOPPED", STUCK), ("ROLLBACK_SUCCESSFUL", STUCK), ("ROLLBACK_FAILED", STUCK)],
)
def test_each_status_of_a_deployment_that_is_over(status: str, state: WindowState) -> None:
    found = seen(to_2(-9, status, finished_at=later(-3)))
    assert (found.state, found.signal) == (state, Signal.SERVICE_DEPLOYMENT)


@pytest.mark.parametrize("stage", [name for name, each in STAGES.items() if not each.serves])
def test_until_the_new_code_serves_the_deploy_is_open(stage: str) -> None:
    found = seen(to_2(-5, stage=stage, moved_at=later(-1)))
    assert (found.state, found.since) == (OPEN, later(-5))
    assert stage in found.reason


@pytest.mark.parametrize("stage", [name for name, each in STAGES.items() if each.serves])
@pytest.mark.parametrize(("moved", "state"), [(-3, RECENT), (-46, CLOSED), (-1439, CLOSED)])
def test_when_it_serves_the_race_is_over_however_long_the_bake_time(
    stage: str, moved: float, state: WindowState
) -> None:
    found = seen(to_2(moved - 10, stage=stage, moved_at=later(moved)), registered=moved - 12)
    assert found.state is state
    assert found.proof is Proof.ASSUMED


def test_a_canary_serves_from_its_first_percent() -> None:
    shifting = to_2(-60, stage="PRODUCTION_TRAFFIC_SHIFT", moved_at=later(-2), weight=5.0)
    assert seen(shifting).state is RECENT
    assert seen(to_2(-60, stage="PRODUCTION_TRAFFIC_SHIFT", moved_at=later(-2))).state is OPEN


def test_a_deployment_with_stages_is_stuck_only_if_nothing_moves() -> None:
    assert seen(to_2(-300, stage="SCALE_UP", moved_at=later(-45))).state is OPEN
    assert seen(to_2(-300, stage="SCALE_UP", moved_at=later(-46))).state is STUCK


def test_a_pause_waits_for_an_approval_and_is_never_stuck() -> None:
    found = seen(to_2(-300, stage="POST_SCALE_UP", moved_at=later(-290), pause=Pause(TOMORROW)), registered=-310)
    assert (found.state, found.signal) == (OPEN, Signal.SERVICE_DEPLOYMENT)
    waits = "waits for approval at POST_SCALE_UP until 2026-05-07 11:01 UTC; then ECS rolls it back"
    assert found.reason == f"the deployment of web to webapp:2 {waits}"
    goes_on = seen(to_2(-300, stage="POST_SCALE_UP", pause=Pause(TOMORROW, "CONTINUE")))
    assert goes_on.reason.endswith("then ECS continues")
    assert seen(to_2(-300, pause=Pause())).reason == "the deployment of web to webapp:2 waits for approval"


def test_a_pause_after_the_traffic_has_moved_is_no_race() -> None:
    paused = to_2(-300, stage="POST_PRODUCTION_TRAFFIC_SHIFT", moved_at=later(-60), pause=Pause(TOMORROW))
    assert seen(paused).state is CLOSED


def test_a_migration_ends_the_wait_for_an_approval() -> None:
    paused = to_2(-300, stage="POST_SCALE_UP", pause=Pause(TOMORROW))
    migrated = DeployNote(CLUSTER, "webapp", Signal.MARKER, Phase.MIGRATED, later(-2), later(-2), later(40), key="v2")
    facts = DeployFacts((paused,), later(-310), USED, (migrated,))
    found = window(USED, facts, NOW, BOUNDS)
    assert (found.state, found.proof) == (RECENT, Proof.PROVED)


def test_old_code_that_still_serves_is_not_older_code() -> None:
    """While its successor waits or starts, the schedule may rightly run what the service serves."""
    assert seen(to_2(-5, stage="SCALE_UP"), revision=1).state is OPEN
    assert seen(to_2(-300, stage="POST_SCALE_UP", pause=Pause(TOMORROW)), revision=1).state is OPEN
    assert (
        seen(to_2(-30, stage="BAKE_TIME", moved_at=later(-1)), revision=1, scheduled=1).state is WindowState.OLDER_CODE
    )


def test_a_rollback_by_alarm_names_the_alarm() -> None:
    back = to_2(-9, "ROLLBACK_SUCCESSFUL", finished_at=later(-3), alarms=("errors", "latency"))
    words = "was rolled back to webapp:2 at 10:58 UTC, after the alarm errors and latency"
    assert seen(back).reason == f"the deployment of web {words}"


def test_a_deployment_that_was_stopped_is_half_done() -> None:
    found = seen(to_2(-9, "STOPPED", finished_at=later(-3)))
    assert (found.state, found.reason) == (STUCK, "the deployment of web was stopped at 10:58 UTC")


def test_after_an_early_success_old_tasks_still_run() -> None:
    early = seen(to_2(-9, "SUCCESSFUL", finished_at=later(-3)))
    assert early.reason == "the deployment of web to webapp:2, with tasks of webapp:1 still running, ended 3 min ago"
    whole = replace(to_2(-9, "SUCCESSFUL", finished_at=later(-3)), others=())
    assert seen(whole).reason == "the deployment of web to webapp:2 ended 3 min ago"


def test_without_a_rollout_state_the_history_decides() -> None:
    """``rolloutState`` is only documented of rolling deployments: its absence is no end."""
    assert seen(to_2(-46, stage="BAKE_TIME", moved_at=later(-46))).state is CLOSED
    assert seen(to_2(-3)).state is OPEN


def test_a_rollout_that_failed_is_half_done_whatever_the_history_says() -> None:
    assert seen(to_2(-5, rollout="FAILED")).state is STUCK


def test_a_deployment_that_the_history_does_not_have_yet_counts() -> None:
    newer = to_2(-1, rollout="IN_PROGRESS")
    lagging = replace(newer, release=Release("SUCCESSFUL", later(-9000), later(-8990)))
    assert lagging.latest is None
    assert seen(lagging).state is OPEN


def test_a_history_that_was_denied_leaves_the_rollout_state() -> None:
    denied = Missing("AWS denied ecs:DescribeServiceDeployments to Cronmend's role")
    found = seen(replace(to_2(-5, rollout="IN_PROGRESS"), release=denied))
    assert (found.state, found.unread) == (OPEN, (denied.reason,))
