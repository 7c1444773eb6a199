"""Each signal alone, and which one decides if two disagree."""

from copy import replace
from datetime import timedelta

import pytest

from cronmend.deploys import Bounds, DeployFacts, DeployNote, Image, Phase, Release, Run, Service, window
from cronmend.model import DeployWindow, History, Missing, Proof, Signal, TaskDefinitionRef, WindowState
from tests.fakes import NOW, later
from tests.samples import CLUSTER, service

BOUNDS = Bounds()
USED = TaskDefinitionRef("webapp", 2)
OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64


def note(
    phase: Phase,
    at: float,
    signal: Signal = Signal.MARKER,
    since: float | None = None,
    limit: float = 45,
    key: str = "v2",
) -> DeployNote:
    began = later(at if since is None else since)
    until = began + timedelta(minutes=limit)
    return DeployNote(CLUSTER, "webapp", signal, phase, later(at), began, until, key=key)


def facts(
    *services: Service, notes: tuple[DeployNote, ...] = (), registered: float = -10, **changes: object
) -> DeployFacts:
    seen = DeployFacts(services, later(registered), USED, notes)
    return replace(seen, **changes)  # type: ignore[arg-type] # any field of the facts


def seen(*notes: DeployNote, services: tuple[Service, ...] = (service(2),), **changes: object) -> DeployWindow:
    return window(USED, facts(*services, notes=notes, **changes), NOW, BOUNDS)  # type: ignore[arg-type] # as above


def decided(what: DeployWindow) -> tuple[WindowState, Signal]:
    return what.state, what.signal


@pytest.mark.parametrize("signal", [Signal.MARKER, Signal.PIPELINE, Signal.MIGRATION_TASK])
@pytest.mark.parametrize(
    ("phase", "at", "state"),
    [
        (Phase.STARTED, -5, WindowState.OPEN),
        (Phase.MIGRATED, -5, WindowState.RECENT),
        (Phase.MIGRATED, -15, WindowState.CLOSED),
        (Phase.FINISHED, -5, WindowState.RECENT),
        (Phase.FINISHED, -15, WindowState.CLOSED),
        (Phase.FAILED, -5, WindowState.STUCK),
    ],
)
def test_an_event_decides_and_is_named(signal: Signal, phase: Phase, at: float, state: WindowState) -> None:
    assert decided(seen(note(phase, at, signal))) == (state, signal)


def test_a_pipeline_that_never_sends_finished_counts_until_its_limit() -> None:
    assert seen(note(Phase.STARTED, -29, limit=30)).state is WindowState.OPEN
    assert decided(seen(note(Phase.STARTED, -31, limit=30))) == (WindowState.CLOSED, Signal.NONE)


def test_then_weaker_signals_decide() -> None:
    killed = note(Phase.STARTED, -46)
    assert decided(seen(killed, services=(service(1),), registered=-46)) == (WindowState.STUCK, Signal.REVISION)


def test_after_a_cancelled_pipeline_weaker_signals_decide() -> None:
    stopped = note(Phase.CANCELLED, -1, Signal.PIPELINE)
    assert decided(seen(stopped, services=(service(1),))) == (WindowState.OPEN, Signal.REVISION)


def test_a_marker_counts_before_a_migration_task_before_a_pipeline_before_the_revision() -> None:
    kinds = (Signal.MARKER, Signal.MIGRATION_TASK, Signal.PIPELINE)
    notes = [note(Phase.STARTED, -5, signal) for signal in kinds]
    for number, signal in enumerate(kinds):
        assert seen(*reversed(notes[number:]), services=(service(1),)).signal is signal


def test_the_end_of_a_deploy_covers_the_revision_that_it_deployed() -> None:
    migrated = note(Phase.MIGRATED, -2, since=-12)
    assert decided(seen(migrated, services=(service(1),), registered=-10)) == (WindowState.RECENT, Signal.MARKER)


def test_but_not_a_revision_that_came_after_it() -> None:
    finished = note(Phase.FINISHED, -30, since=-40)
    assert decided(seen(finished, services=(service(1),), registered=-3)) == (WindowState.OPEN, Signal.REVISION)


def test_a_successful_migration_ends_a_marker_that_is_still_open() -> None:
    open_marker = note(Phase.STARTED, -9)
    done = note(Phase.FINISHED, -1, Signal.MIGRATION_TASK, since=-2, key="t1")
    assert decided(seen(open_marker, done)) == (WindowState.RECENT, Signal.MIGRATION_TASK)


def test_a_migration_before_the_marker_ends_nothing() -> None:
    open_marker = note(Phase.STARTED, -3)
    done = note(Phase.FINISHED, -5, Signal.MIGRATION_TASK, since=-6, key="t1")
    assert decided(seen(open_marker, done)) == (WindowState.OPEN, Signal.MARKER)


def test_a_failed_deploy_is_over_when_a_later_one_has_completed() -> None:
    failed = note(Phase.FAILED, -100, since=-110)
    mended = service(2, created=later(-60), updated=later(-58))
    assert decided(seen(failed, services=(mended,))) == (WindowState.CLOSED, Signal.NONE)
    assert seen(failed, services=(service(2, created=later(-300)),)).state is WindowState.STUCK


def test_an_event_does_not_count_forever() -> None:
    assert seen(note(Phase.FAILED, -24 * 60)).state is WindowState.STUCK
    assert seen(note(Phase.FAILED, -24 * 60 - 1)).state is WindowState.CLOSED


def test_a_family_that_no_service_runs_depends_on_events() -> None:
    assert decided(seen(note(Phase.STARTED, -1), services=())) == (WindowState.OPEN, Signal.MARKER)
    alone = seen(services=())
    assert (alone.state, alone.reason) == (WindowState.UNKNOWN, "no ECS service runs webapp")


def test_a_marker_counts_even_if_the_services_cannot_be_read() -> None:
    denied = facts(notes=(note(Phase.STARTED, -1),), services=Missing("denied"))
    assert window(USED, denied, NOW, BOUNDS).state is WindowState.OPEN


def test_older_code_is_reported_even_right_after_a_deploy() -> None:
    assert seen(note(Phase.FINISHED, -1), services=(service(3),)).state is WindowState.OLDER_CODE


# Proofs --------------------------------------------------------------------------------------------------------

MIGRATED = note(Phase.FINISHED, -5, Signal.MIGRATION_TASK, since=-6, key="t1")
ROLLED_OUT = service(2, created=later(-4), updated=later(-2))


@pytest.mark.parametrize(
    ("found", "proof"),
    [
        pytest.param(seen(MIGRATED), Proof.PROVED, id="the migration task"),
        pytest.param(seen(note(Phase.MIGRATED, -5)), Proof.PROVED, id="the marker migrated"),
        pytest.param(seen(note(Phase.FINISHED, -5)), Proof.ASSUMED, id="the marker finished alone"),
        pytest.param(
            seen(replace(note(Phase.FINISHED, -5), migrated_at=later(-6))), Proof.PROVED, id="finished after migrated"
        ),
        pytest.param(seen(note(Phase.FINISHED, -5, Signal.PIPELINE)), Proof.ASSUMED, id="a pipeline"),
        pytest.param(seen(services=(ROLLED_OUT,)), Proof.ASSUMED, id="a rollout"),
        pytest.param(seen(), Proof.ASSUMED, id="equal revisions"),
        pytest.param(seen(services=(service(1),)), None, id="an open deploy"),
        pytest.param(seen(note(Phase.FAILED, -5)), None, id="a failed deploy"),
    ],
)
def test_only_a_migration_proves_the_end(found: DeployWindow, proof: Proof | None) -> None:
    assert found.proof is proof


def test_the_end_of_a_deploy_is_dated() -> None:
    assert seen(services=(ROLLED_OUT,)).ended_at == later(-2)
    assert seen(services=(service(1),)).ended_at is None


@pytest.mark.parametrize(
    ("registered", "migrated", "proof"),
    [(-10, -5, Proof.PROVED), (-4.5, -5, Proof.ASSUMED), (-9000, -5, Proof.PROVED), (-9000, -60, Proof.ASSUMED)],
)
def test_a_migration_with_the_code_of_the_rollout_proves_its_end(
    registered: float, migrated: float, proof: Proof
) -> None:
    ran = note(Phase.FINISHED, migrated, Signal.MIGRATION_TASK, since=migrated - 1, key="t1")
    found = seen(ran, services=(ROLLED_OUT,), registered=registered)
    assert (found.signal, found.proof) == (Signal.SERVICE_DEPLOYMENT, proof)
    assert ("the migration task t1 succeeded" in found.reason) is (proof is Proof.PROVED)


# Service deployments -------------------------------------------------------------------------------------------


def rolled_back(status: str, revision: int = 1, finished: float | None = -3) -> Service:
    release = Release(status, later(-8), None if finished is None else later(finished))
    return replace(service(revision, created=later(-4), updated=later(-3)), release=release)


@pytest.mark.parametrize(
    "status", ["ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"]
)
def test_a_rollback_is_a_half_done_deploy_and_not_a_new_release(status: str) -> None:
    found = seen(services=(rolled_back(status, finished=None if status.endswith(("ED", "ESS")) else -3),))
    assert decided(found) == (WindowState.STUCK, Signal.SERVICE_DEPLOYMENT)
    assert "rolled back to webapp:1" in found.reason


@pytest.mark.parametrize("status", ["SUCCESSFUL", "IN_PROGRESS", "PENDING"])
def test_with_any_other_status_the_revisions_decide(status: str) -> None:
    assert decided(seen(services=(rolled_back(status),))) == (WindowState.OPEN, Signal.REVISION)


def test_a_revision_that_came_after_the_rollback_is_the_next_deploy() -> None:
    found = seen(services=(rolled_back("ROLLBACK_SUCCESSFUL"),), registered=-1)
    assert decided(found) == (WindowState.OPEN, Signal.REVISION)


def test_after_a_rollback_the_old_code_runs_on_a_migrated_database() -> None:
    found = seen(services=(rolled_back("ROLLBACK_SUCCESSFUL", revision=2),), registered=-600)
    assert decided(found) == (WindowState.STUCK, Signal.SERVICE_DEPLOYMENT)


def test_of_several_deployments_the_primary_one_counts() -> None:
    primary = service(2, "IN_PROGRESS", created=later(-3), updated=later(-1))
    both = replace(primary, others=(service(1).primary,))
    assert decided(seen(services=(both,))) == (WindowState.OPEN, Signal.SERVICE_DEPLOYMENT)


def test_of_several_services_of_one_family_the_last_deployed_counts() -> None:
    web, worker = service(1, created=later(-600)), replace(service(2, created=later(-30)), name="worker")
    assert seen(services=(web, worker)).state is WindowState.CLOSED


# Image digests -------------------------------------------------------------------------------------------------


def with_image(run: str, serving: str, last_success: str = "", created: float = -1.5) -> DeployWindow:
    history = History(later(-60), 2, last_success)
    run_of = Run(later(created), NOW, "site:prod", run, "web")
    return seen(run=run_of, serving=(Image("web", "", serving),), history=history, registered=-6000)


def test_one_revision_with_a_newer_image_than_the_service_is_an_open_window() -> None:
    found = with_image(NEW, OLD, last_success=OLD)
    assert decided(found) == (WindowState.OPEN, Signal.REVISION)
    assert found.reason == "the run used image 222222222222, service web runs 111111111111"


def test_an_image_that_the_service_has_replaced_since_gets_another_run() -> None:
    assert decided(with_image(OLD, NEW, last_success=OLD)) == (WindowState.RECENT, Signal.REVISION)


def test_the_same_image_is_no_signal() -> None:
    assert decided(with_image(OLD, OLD, last_success=OLD)) == (WindowState.CLOSED, Signal.NONE)


def test_an_image_that_differs_for_too_long_is_stuck() -> None:
    assert with_image(NEW, OLD, created=-46).state is WindowState.STUCK


# First run -----------------------------------------------------------------------------------------------------


def first(
    registered: float, revision: int = 1, success: float | None = -60, services: tuple[Service, ...] = ()
) -> DeployWindow:
    history = History(None if success is None else later(success), revision)
    return seen(services=services, registered=registered, history=history, run=Run(later(-1), NOW))


def test_the_first_run_on_new_code_is_a_weak_signal() -> None:
    assert decided(first(-5)) == (WindowState.OPEN, Signal.FIRST_RUN)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(first(-11), id="the code is not new any more"),
        pytest.param(first(-5, revision=2), id="a run has succeeded on it"),
        pytest.param(first(-5, success=None), id="no run ever succeeded"),
    ],
)
def test_it_is_bounded(found: DeployWindow) -> None:
    assert found.state is WindowState.UNKNOWN


def test_a_moved_tag_is_dated_by_the_run() -> None:
    history = History(later(-60), 2, OLD)
    fresh = seen(services=(), registered=-9000, history=history, run=Run(later(-1), NOW, "site:prod", NEW, "web"))
    assert decided(fresh) == (WindowState.OPEN, Signal.FIRST_RUN)


# During the run ------------------------------------------------------------------------------------------------


def test_a_deploy_that_started_during_the_run_is_reported() -> None:
    run = Run(later(-20), later(-1))
    during = seen(note(Phase.STARTED, -5), run=run).during
    assert during == "the deploy of v2 started at 10:56 UTC, while the job was running"
    assert seen(note(Phase.STARTED, -21), run=run).during == ""
    deploying = service(2, "IN_PROGRESS", created=later(-3))
    assert "the deployment of web started at 10:58" in seen(services=(deploying,), run=run).during
