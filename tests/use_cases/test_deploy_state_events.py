"""Every deploy event, as AWS sends it: the stored notes, and the re-runs that are brought forward."""

from copy import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from cronmend.deploys import DeployNote, Phase
from cronmend.errors import Retryable
from cronmend.incoming.deploy_events import (
    DeployEvent,
    Marker,
    OneOffTask,
    PipelineChange,
    ServiceDeployment,
    deploy_event,
)
from cronmend.model import Signal, TaskDefinitionRef, WindowState
from cronmend.model.incident import LEAD
from cronmend.model.runs import TaskDefinition
from cronmend.use_cases.deploy_state import DeployResult
from tests.fakes import NOW, later
from tests.samples import CLUSTER, definition, deployed, event, service, stopped
from tests.use_cases.world import World

IMAGE = "111122223333.dkr.ecr.eu-west-2.amazonaws.com/site:3f9c2ab"
HEARD = datetime(2026, 5, 6, 11, 2, tzinfo=UTC)


def handle(world: World, *names: str, at: datetime = HEARD) -> DeployResult:
    heard = [world.deploy.handle(of_one_site(name), at) for name in names]
    return heard[-1]


def of_one_site(sample: str) -> DeployEvent:
    """What a sample tells, as if all of them told of one deploy: each of the files is of a site of its own."""
    found = deploy_event(event(f"deploy_state/{sample}.json"))
    match found:
        case Marker():
            return replace(found, family=found.family and "webapp", service=found.service and "web")
        case PipelineChange():
            return replace(found, name="site-prod")
        case ServiceDeployment():
            return deployed("web", name=found.name, reason=found.reason, at=found.at)
        case OneOffTask():
            ran = tuple(replace(each, image=IMAGE) for each in found.containers)
            used = TaskDefinitionRef("webapp", 2)
            return replace(found, task_id="m1", containers=ran, task_definition=used, task_definition_arn=str(used))


def told(sample: str, **changes: Any) -> Any:
    """The deploy event in a sample, with some fields changed."""
    return replace(cast(Any, of_one_site(sample)), **changes)


def known(world: World) -> DeployNote:
    (note,) = world.notes.of(CLUSTER)
    return note


@pytest.mark.parametrize(
    ("names", "signal", "phase"),
    [
        (("marker_started",), Signal.MARKER, Phase.STARTED),
        (("marker_started", "marker_migrated"), Signal.MARKER, Phase.MIGRATED),
        (("marker_started", "marker_migrated", "marker_finished"), Signal.MARKER, Phase.FINISHED),
        (("marker_started", "marker_failed"), Signal.MARKER, Phase.FAILED),
        (("migration_running",), Signal.MIGRATION_TASK, Phase.STARTED),
        (("migration_running", "migration_succeeded"), Signal.MIGRATION_TASK, Phase.FINISHED),
        (("migration_succeeded", "migration_running"), Signal.MIGRATION_TASK, Phase.FINISHED),
        (("migration_running", "migration_failed"), Signal.MIGRATION_TASK, Phase.FAILED),
        (("pipeline_started",), Signal.PIPELINE, Phase.STARTED),
        (("pipeline_started", "pipeline_succeeded"), Signal.PIPELINE, Phase.FINISHED),
        (("pipeline_started", "pipeline_failed"), Signal.PIPELINE, Phase.FAILED),
        (("pipeline_started", "pipeline_superseded"), Signal.PIPELINE, Phase.CANCELLED),
        (("codedeploy_start",), Signal.PIPELINE, Phase.STARTED),
        (("codedeploy_start", "codedeploy_success"), Signal.PIPELINE, Phase.FINISHED),
        (("codedeploy_start", "codedeploy_failure"), Signal.PIPELINE, Phase.FAILED),
    ],
)
def test_the_stored_notes_after_these_events(names: tuple[str, ...], signal: Signal, phase: Phase) -> None:
    world = World()
    handle(world, *names)
    note = known(world)
    assert (note.family, note.signal, note.phase) == ("webapp", signal, phase)
    handle(world, *names)
    assert known(world) == note


def test_a_marker_keeps_its_release_and_its_limit() -> None:
    world = World()
    handle(world, "marker_started")
    note = known(world)
    assert note.key == "3f9c2ab"
    assert note.until - note.since == later(30) - NOW


def test_a_migration_keeps_its_revision() -> None:
    world = World()
    handle(world, "migration_running", "migration_succeeded")
    assert known(world).revision == 2


def test_a_marker_without_a_scope_is_about_every_family() -> None:
    world = World()
    handle(world, "marker_for_all_jobs")
    assert known(world).family == "*"


def test_a_marker_of_an_unknown_service_is_reported() -> None:
    world = World()
    world.services.services = ()
    assert "no service web" in handle(world, "marker_failed").done
    assert world.notes.of(CLUSTER) == []


def test_a_note_that_others_change_again_and_again_is_handled_later() -> None:
    world = World()
    world.notes.write = lambda note, now: False  # type: ignore[method-assign] # another was first
    with pytest.raises(Retryable, match="while it was being updated"):
        handle(world, "marker_failed")


@pytest.mark.parametrize("name", ["one_off_shell", "in_progress"])
def test_an_event_without_a_deploy_stores_nothing(name: str) -> None:
    world = World()
    handle(world, name)
    assert world.notes.of(CLUSTER) == []


def test_a_pipeline_that_is_not_configured_stores_nothing() -> None:
    world = World()
    another = told("pipeline_started", name="tools")
    assert "not one of the configured pipelines" in world.deploy.handle(another, HEARD).done
    assert world.notes.of(CLUSTER) == []


def test_a_migration_whose_command_is_in_the_task_definition_is_found() -> None:
    world = World()
    silent = told("migration_running", commands={})
    assert "is not a migration" in world.deploy.handle(silent, HEARD).done
    migrating: TaskDefinition = replace(definition(2), commands={"web": ("rails", "db:migrate")})
    care = replace(world.deploy, definitions=type(world.definitions)({"webapp:2": migrating}))
    care.handle(silent, HEARD)
    assert known(world).signal is Signal.MIGRATION_TASK


def test_the_list_of_migrations_is_extended_by_a_setting() -> None:
    world = World()
    own = told("migration_running", commands={"web": ("bin/upgrade-schema",)})
    world.deploy.handle(own, HEARD)
    assert known(world).phase is Phase.STARTED


# What waits ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ("marker_started", "marker_migrated"),
        ("marker_started", "marker_finished"),
        ("marker_started", "marker_failed"),
        ("migration_running", "migration_succeeded"),
        ("migration_running", "migration_failed"),
        ("pipeline_started", "pipeline_succeeded"),
        ("codedeploy_start", "codedeploy_success"),
        ("rollback",),
        ("failed",),
    ],
)
def test_a_phase_that_changes_the_window_brings_the_waiting_rerun_forward(names: tuple[str, ...]) -> None:
    world = World()
    world.fails()
    heard = handle(world, *names)
    assert [timer.at for timer in heard.brought_forward] == [HEARD + LEAD]


@pytest.mark.parametrize("name", ["marker_started", "migration_running", "pipeline_started", "in_progress"])
def test_the_start_of_a_deploy_brings_nothing_forward(name: str) -> None:
    world = World()
    world.fails()
    assert handle(world, name).brought_forward == ()


@pytest.mark.parametrize(
    ("names", "at"),
    [(("marker_started", "marker_migrated"), 0), (("migration_running", "migration_succeeded"), 0)],
)
def test_a_finished_migration_lets_the_waiting_rerun_run(names: tuple[str, ...], at: float) -> None:
    world = World()
    world.fails()
    (brought_forward,) = handle(world, *names).brought_forward
    world.due.handle(brought_forward, brought_forward.at)
    assert len(world.tasks.started) == 1
    assert world.told == []


@pytest.mark.parametrize("names", [("marker_started", "marker_failed"), ("migration_running", "migration_failed")])
def test_a_failed_deploy_ends_healing_with_one_alert(names: tuple[str, ...]) -> None:
    world = World()
    world.fails()
    (brought_forward,) = handle(world, *names).brought_forward
    world.due.handle(brought_forward, brought_forward.at)
    assert world.tasks.started == {}
    assert [kind for kind, _ in world.told] == ["half_done"]
    assert handle(world, *names).brought_forward == ()


def test_a_deploy_of_another_family_brings_nothing_forward_and_explains_nothing() -> None:
    world = World()
    world.fails()
    foreign = told("marker_finished", family="api")
    assert world.deploy.handle(foreign, HEARD).brought_forward == ()
    world.services.services = (service(2),)
    assert world.fails(stopped("a2")).window.state is WindowState.CLOSED


def test_the_end_of_a_replaced_deploy_brings_nothing_forward() -> None:
    world = World()
    world.fails()
    handle(world, "marker_started")
    next_deploy = told("marker_started", release="next", at=later(-1))
    world.deploy.handle(next_deploy, HEARD)
    assert handle(world, "marker_finished").brought_forward == ()
    assert known(world).key == "next"


def test_a_marker_decides_a_diagnosis_and_its_record_says_when_the_deploy_began() -> None:
    world = World()
    handle(world, "marker_started")
    world.services.services = (service(2),)
    record = world.fails(stopped(created_at=later(-15), started_at=later(-14)))
    assert (record.window.state, record.window.signal) == (WindowState.OPEN, Signal.MARKER)
    assert record.window.during == "the deploy of 3f9c2ab started at 10:52 UTC, while the job was running"
    assert world.incident.diagnosis.window.during == record.window.during


def test_a_run_that_exited_with_0_and_failed_says_too_that_a_deploy_began_during_it() -> None:
    world = World()
    handle(world, "marker_started")
    failed = stopped("b2", exit_code=0, created_at=later(-15), stop_code="UserInitiated")
    assert "started at 10:52" in world.stopped.handle(failed, NOW).window.during
    assert world.stopped.handle(stopped("b3", exit_code=0, created_at=later(-15)), NOW).window.during == ""


def test_a_marker_for_a_cluster_that_is_not_watched_says_so() -> None:
    result = handle(World(), "marker_of_other_cluster")
    assert (result.done, result.notes) == ("the cluster app-staging isn't watched", ())


def test_a_migration_that_stopped_without_its_container_has_failed() -> None:
    """ECS lists no container of a task that never started."""
    world = World()
    world.deploy.handle(told("migration_succeeded", containers=()), HEARD)
    assert (known(world).phase, known(world).image) == (Phase.FAILED, "")


@pytest.mark.parametrize("name", ["migration_running", "pipeline_started"])
def test_a_deploy_that_is_told_without_a_limit_has_the_stacks(name: str) -> None:
    world = World()
    event = told(name)
    world.deploy.handle(event, HEARD)
    assert known(world).until == event.since + world.deploy.watch.bounds.deploy_limit


def test_each_execution_of_a_pipeline_is_a_deploy_of_its_own() -> None:
    world = World()
    world.deploy.handle(told("pipeline_started", execution="first"), HEARD)
    assert (known(world).source, known(world).key) == ("site-prod", "first")
    later_one = told("pipeline_started", execution="second")
    world.deploy.handle(replace(later_one, at=later_one.at + LEAD, since=later_one.since + LEAD), HEARD)
    assert known(world).key == "second"
