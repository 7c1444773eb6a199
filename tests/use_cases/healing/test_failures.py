"""A failure that no stopped task reports has the same record, incident, plan and alert as any failed run."""

from copy import replace
from datetime import datetime, timedelta

import pytest

from cronmend.adapters.ledger.items import from_item, to_item
from cronmend.healing.plan import plan
from cronmend.model import Alert, Category, Diagnosis, Identity, Plan, Policy, TaskDefinitionRef, UnreportedRun
from cronmend.model.incident import Incident, IncidentState, RunRecord
from cronmend.model.report import FactKey, MessageKind
from cronmend.model.wakeups import RerunTimer
from cronmend.use_cases.healing.failures import Failures, RecordUnreported
from tests.fakes import NOW, later
from tests.samples import CLUSTER, JOB, schedule, stopped
from tests.use_cases.world import World, rerun_timer

SLOT = datetime.fromisoformat("2026-05-06T11:00:00Z")
THROTTLED = Diagnosis(Category.NEVER_STARTED, "start.throttled", "ECS started no task.", line="Rate exceeded")
INACTIVE = replace(
    THROTTLED,
    rule="start.inactive",
    sentence="The schedule names an inactive revision.",
    cause="its schedule names webapp:41, which is deregistered",
    advice="Point the schedule at webapp:42.",
    lasts=True,
)
LATE = Diagnosis(Category.OVERDUE, "overdue", "It has been running for 3 h.", cause="it has been running for 3 h")
STARTED_BY = "chronos-schedule/publish-scheduled"


def refused(key: str = "never-started-1", slot: datetime = SLOT) -> UnreportedRun:
    return UnreportedRun(key, CLUSTER, TaskDefinitionRef("webapp", 41), slot, slot=f"{slot:%Y-%m-%dT%H:%M:%SZ}")


def running(task_id: str = "a1") -> UnreportedRun:
    task = stopped(task_id)
    assert task.created_at
    return UnreportedRun(
        f"overdue-{task_id}",
        CLUSTER,
        task.task_definition,
        task.created_at,
        task_arn=task.task_arn,
        started_by=STARTED_BY,
        started_at=task.started_at,
        overrides=task.overrides,
    )


def records(
    world: World, run: UnreportedRun, diagnosis: Diagnosis = THROTTLED, at: datetime = NOW, alert: str = ""
) -> RunRecord:
    use_case = RecordUnreported(Failures(world.ledger, world.ledger, world.situations), world.timers)
    who = Identity(JOB, certain=True, reason="", schedule=world.schedules.schedules[JOB])
    return use_case.handle(run, who, diagnosis, at, (lambda _, __: Plan((Alert(alert),))) if alert else plan)


def test_a_start_that_was_refused_for_a_cause_that_passes_is_made_now_for_its_slot_with_all_its_tasks() -> None:
    world = World(policy=Policy.UNSTARTED)
    world.schedules.schedules[JOB] = schedule(2, parameters={**schedule(2).parameters, "TaskCount": 2})
    record = records(world, refused())
    assert (record.task_id, record.category, record.action, record.ran) == (
        "never-started-1",
        Category.NEVER_STARTED,
        "rerun",
        False,
    )
    assert world.ledger.messages == []
    assert rerun_timer(world).at == NOW
    world.due.handle(rerun_timer(world), NOW)
    ((key, request),) = world.tasks.started.items()
    assert request["count"] == 2
    environment = {p["name"]: p["value"] for p in request["overrides"]["containerOverrides"][0]["environment"]}
    assert environment["CRONMEND_SLOT"] == "2026-05-06T11:00:00Z"
    attempt = world.ledger.attempt(key)
    assert attempt and attempt.whole_slot


def test_its_first_re_run_heals_it_and_a_second_is_delayed_as_always() -> None:
    world = World()
    records(world, refused())
    world.due.handle(rerun_timer(world), NOW)
    (attempt,) = world.attempts()
    marks = f"cronmend/{attempt.key}"
    world.stopped.handle(
        stopped("c3", exit_code=None, started_by=marks, created_at=later(1), stopped_at=later(3)), later(3)
    )
    assert rerun_timer(world).at > later(3)
    world.stopped.handle(
        stopped("d4", exit_code=0, started_by=marks, created_at=later(8), stopped_at=later(9)), later(9)
    )
    assert world.incident.state is IncidentState.HEALED


def test_a_cause_that_lasts_is_an_alert_with_its_remedy_and_no_link_to_a_task() -> None:
    world = World()
    records(world, refused(), INACTIVE)
    ((kind, happens),) = world.told
    assert kind == MessageKind.ALERT
    assert happens == (
        "No code ran. Cronmend won't re-run it: the task can't start until this is fixed. The schedule continues."
    )
    report = world.ledger.messages[0].report
    assert report.headline == ("publish-scheduled never started: its schedule names webapp:41, which is deregistered")
    assert (report.status, report.advice) == ("never started", "Point the schedule at webapp:42.")
    assert report.command == "cronmend why never-started-1"
    assert [label for label, _ in report.links] == ["Schedule"]
    assert not any(each.key is FactKey.TASK for each in report.facts)
    assert world.timers.of(RerunTimer) == []


def test_a_failure_that_is_found_twice_is_recorded_once() -> None:
    world = World()
    first = records(world, refused(), INACTIVE)
    assert records(world, refused(), INACTIVE, later(5)) == first
    assert (world.incident.runs, len(world.ledger.messages)) == (1, 1)


@pytest.mark.parametrize(
    ("created", "is_over"), [(SLOT - timedelta(seconds=20), True), (SLOT, True), (later(-90), False)]
)
def test_a_success_for_the_slot_ends_it(created: datetime, is_over: bool) -> None:
    world = World()
    records(world, refused(), INACTIVE)
    by_hand = stopped("hand", exit_code=0, created_at=created, stopped_at=later(1), started_by=STARTED_BY)
    if is_over:
        container = replace(by_hand.overrides[0], environment={"CRONMEND_JOB": JOB, "CRONMEND_SLOT": f"{SLOT:%FT%TZ}"})
        by_hand = replace(by_hand, overrides=(container,))
    world.stopped.handle(by_hand, later(2))
    assert world.incident.is_open is not is_over


def test_a_slot_that_a_run_has_already_covered_changes_nothing() -> None:
    world = World()
    world.succeeds(stopped("b2", exit_code=0, created_at=SLOT + timedelta(seconds=9), stopped_at=NOW), NOW)
    assert records(world, refused(), INACTIVE).reasons == ("a later run has already succeeded",)
    assert world.ledger.messages == []


def test_a_later_failure_with_a_task_takes_the_incident_over() -> None:
    world = World()
    records(world, refused(), INACTIVE)
    world.fails(stopped("c3", created_at=later(60), stopped_at=later(61)), at=later(61))
    assert (world.incident.id, world.incident.has_task, world.incident.runs) == ("never-started-1", True, 2)
    links = [label for message in world.ledger.messages for label, _ in message.report.links]
    assert "First failed task" not in links


def overdue() -> World:
    world = World()
    records(world, running(), LATE, alert="it is still running")
    return world


def test_an_overdue_run_is_an_alert_with_its_task() -> None:
    report = overdue().ledger.messages[0].report
    assert report.headline == "publish-scheduled is overdue: it has been running for 3 h"
    assert report.what_happens == "Cronmend won't re-run it: it is still running. The schedule continues."
    assert [label for label, _ in report.links] == ["Task", "Schedule"]


def test_an_overdue_run_that_succeeds_ends_its_incident() -> None:
    world = overdue()
    world.stopped.handle(stopped("a1", exit_code=0), later(9))
    assert world.incident.state is IncidentState.RECOVERED
    report = world.ledger.messages[-1].report
    assert report.headline == "publish-scheduled recovered: the overdue run has succeeded"
    assert report.what_happens == "The run ended at 11:01 UTC, on webapp:2. The schedule continues."


def test_an_overdue_run_that_fails_is_counted_once_and_decided_by_its_end() -> None:
    world = overdue()
    record = world.fails(stopped("a1"), at=later(9))
    assert (record.category, record.incident) == (Category.DEPLOY_RACE, "overdue-a1")
    assert (world.incident.runs, world.incident.category) == (1, Category.DEPLOY_RACE)
    assert world.incident.broken and world.incident.broken.tasks == 1
    assert len(world.timers.of(RerunTimer)) == 1


def test_an_overdue_run_of_another_runs_incident_is_counted_once() -> None:
    world = World()
    world.fails(stopped("b2", created_at=later(5), stopped_at=later(6)), at=later(6))
    records(world, running(), LATE, later(7), alert="it is still running")
    assert (world.incident.failed and world.incident.failed.task_id, world.incident.runs) == ("b2", 2)
    world.fails(stopped("a1", stopped_at=later(9)), at=later(9))
    assert (world.incident.runs, world.incident.overdue) == (2, ())


def test_an_overdue_run_whose_incident_another_run_took_over_is_counted_once() -> None:
    world = overdue()
    world.fails(stopped("b2", created_at=later(5), stopped_at=later(6)), at=later(6))
    assert (world.incident.runs, world.incident.overdue) == (2, ("a1",))
    world.fails(stopped("a1", stopped_at=later(9)), at=later(9))
    assert (world.incident.runs, world.incident.overdue) == (2, ())


def test_an_overdue_task_of_several_that_start_at_once_is_counted_once() -> None:
    world = World(policy=Policy.NEVER)
    live = world.schedules.schedules[JOB]
    world.schedules.schedules[JOB] = replace(live, parameters={**live.parameters, "TaskCount": 3})
    world.finish_deploy(later(-60))
    world.fails(stopped("b2"))
    records(world, running(), LATE, alert="it is still running")
    world.fails(stopped("a1", stopped_at=later(9)), at=later(9))
    assert world.incident.runs == 2
    assert world.incident.broken and world.incident.broken.tasks == 2


def test_the_incident_is_stored_whole() -> None:
    for diagnosis, run in ((INACTIVE, refused()), (LATE, running())):
        world = World()
        records(world, run, diagnosis)
        assert from_item(Incident, to_item(world.incident)) == world.incident
