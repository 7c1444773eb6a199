"""Cronmend's own code fails on an event: people hear of the job, with the place of the error."""

import re
import traceback
from typing import Any

import pytest

from cronmend.errors import NewerForm, Permanent, Retryable
from cronmend.healing import after_run, transitions
from cronmend.model import Category, ContainerOverride
from cronmend.model.incident import IncidentState, JobState
from cronmend.model.report import MessageKind
from cronmend.model.wakeups import HealingTimer, ReleaseTimer, RerunTimer
from cronmend.use_cases import task_state
from cronmend.use_cases.reads import PATIENCE
from cronmend.use_cases.unforeseen import alert_of, change_of, is_undiagnosed, place_of
from tests.fakes import NOW, FakeSchedules, later
from tests.samples import COMMAND, JOB, schedule, stopped
from tests.use_cases.world import World, behaving, rerun_timer, unstarted

SECRET = "password=hunter2"  # of nobody


def broken(*_: object, **__: object) -> Any:
    raise KeyError(SECRET)


def in_gathering(world: World, patch: pytest.MonkeyPatch) -> None:
    behaving(world.logs, tail=broken)


def in_finding_the_schedule(world: World, patch: pytest.MonkeyPatch) -> None:
    behaving(world.schedules, named=broken, get=broken)


def in_the_diagnosis(world: World, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(task_state, "diagnose", broken)


def in_the_plan(world: World, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(task_state, "plan", broken)


def in_the_policy(world: World, patch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> Any:
        raise Permanent(SECRET)

    patch.setattr(World, "of", refused)


BROKEN = (in_gathering, in_finding_the_schedule, in_the_diagnosis, in_the_plan, in_the_policy)


@pytest.mark.parametrize("breaks", BROKEN)
def test_an_error_anywhere_in_the_decision_is_an_alert_with_its_place(
    breaks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    breaks(world, monkeypatch)
    record = world.fails()
    assert (record.job, record.category, record.action) == (JOB, Category.UNKNOWN, "alert")
    assert is_undiagnosed(record)
    assert re.fullmatch(
        r"Cronmend couldn't diagnose the run: (KeyError|Permanent) in .*\.py, line \d+\.", record.sentence
    )
    (message,) = world.ledger.messages
    assert message.job == JOB
    assert "Cronmend couldn't diagnose it (" in message.report.headline
    assert SECRET not in repr(message)
    assert message.report.category is Category.UNKNOWN
    assert [job for _, job in world.errors] == ["" if breaks is in_finding_the_schedule else JOB]
    assert world.incident.state is IncidentState.ALERTED


def test_the_alert_is_sent_once_however_often_the_event_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    in_the_plan(world, monkeypatch)
    assert world.fails() == world.fails(at=later(1))
    assert len(world.ledger.messages) == 1


def test_a_planned_rerun_and_its_held_alert_give_way_to_the_alert(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.fails()
    in_the_plan(world, monkeypatch)
    world.fails(stopped("a2"), at=later(2))
    assert (world.incident.state, world.incident.planned) == (IncidentState.ALERTED, None)


def test_a_job_whose_state_cannot_be_used_is_alerted_beside_it() -> None:
    """The stored state itself is what no code can read."""
    world = World()
    read = world.ledger.read

    def unreadable(job: str) -> JobState:
        return broken() if job == JOB else read(job)

    behaving(world.ledger, read=unreadable)
    record = world.fails()
    assert (record.job, record.category, is_undiagnosed(record)) == (JOB, Category.UNKNOWN, True)
    assert (record.task_definition, record.window.reason) == ("webapp:2", "Cronmend didn't check")
    (message,) = world.ledger.messages
    assert message.report.category is Category.UNKNOWN
    assert (message.job, message.incident, message.report.kind.value) == (JOB, "a1", "alert")
    assert message.report.headline.startswith("publish-scheduled stopped with exit code 1: Cronmend couldn't diagnose")
    assert world.fails(at=later(1)) == record
    assert len(world.ledger.messages) == 1


def test_an_error_in_the_change_of_the_incident_itself_still_alerts(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setattr(after_run, "after_failure", broken)
    record = world.fails()
    assert is_undiagnosed(record)
    assert len(world.ledger.messages) == 1
    assert len(world.errors) == 2


def test_the_place_of_an_error_is_the_deepest_line_of_cronmend() -> None:
    """Whatever it called, and whoever called it."""
    with pytest.raises(ValueError) as caught:
        transitions.rechecked(JobState(JOB), NOW)
    (*_, deepest) = traceback.extract_tb(caught.tb)
    assert place_of(caught.value) == f"ValueError in healing/transitions.py, line {deepest.lineno}"
    assert place_of(KeyError("x")) == "KeyError"


def test_a_run_of_no_known_job_is_alerted_by_its_family(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    in_the_diagnosis(world, monkeypatch)
    record = world.fails(stopped(started_by="", overrides=()))
    assert re.fullmatch("unattributed/[0-9a-f]{8}/webapp", record.job)
    assert [message.job for message in world.ledger.messages] == [record.job]


def test_an_error_of_the_ledger_is_no_reason_to_guess() -> None:
    world = World()

    def unanswered(*_: object) -> Any:
        raise Retryable("couldn't write to the ledger")

    behaving(world.ledger, commit=unanswered)
    with pytest.raises(Retryable):
        world.fails()
    assert world.errors == []


def test_a_newer_form_waits_for_the_newer_version_and_then_alerts() -> None:
    world = World()
    read = world.ledger.read

    def newer(job: str) -> JobState:
        if job == JOB:
            raise NewerForm("the state of a job", 9, 1)
        return read(job)

    behaving(world.ledger, read=newer)
    with pytest.raises(NewerForm):
        world.fails()
    assert is_undiagnosed(world.fails(at=NOW + PATIENCE))


def test_an_error_when_a_rerun_is_due_ends_the_healing_with_an_alert() -> None:
    world = World()
    world.fails()
    timer = rerun_timer(world)
    behaving(world.schedules, get=broken)
    said = world.wakes(timer, timer.at)
    assert said.startswith("Cronmend failed to start run 2: KeyError in ")
    assert (world.incident.state, world.incident.planned) == (IncidentState.ALERTED, None)
    ((kind, what_happens),) = world.told
    assert kind == "alert"
    assert said in what_happens
    assert SECRET not in repr(world.ledger.messages)
    assert [job for _, job in world.errors] == [JOB]
    assert world.tasks.started == {}


def test_an_error_after_the_claim_says_that_a_run_may_have_started() -> None:
    world = World()
    world.fails()
    world.finish_deploy()
    behaving(world.tasks, run=broken)
    timer = rerun_timer(world)
    said = world.wakes(timer, timer.at)
    assert said.startswith("Cronmend failed to tell whether run 2 started: KeyError in ")
    assert world.incident.state is IncidentState.ALERTED
    assert world.wakes(timer, later(10)) == "attempt 2 is no longer wanted"


@pytest.mark.parametrize("kind", [RerunTimer, ReleaseTimer])
def test_a_timer_of_a_job_whose_state_cannot_be_used_is_an_alert_beside_it(kind: type[HealingTimer]) -> None:
    world = World()
    world.fails()
    (timer,) = world.timers.of(kind)
    read = world.ledger.read

    def unreadable(job: str) -> JobState:
        return broken() if job == JOB else read(job)

    behaving(world.ledger, read=unreadable)
    said = world.wakes(timer, timer.at)
    (message,) = world.ledger.messages
    assert (message.job, message.incident) == (JOB, "a1")
    assert message.report.headline == f"publish-scheduled {said}"
    assert [job for _, job in world.errors] == [JOB, JOB]
    world.wakes(timer, later(90))
    assert world.ledger.messages == [message]


def test_a_held_alert_that_cannot_be_written_as_planned_is_still_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    world.fails()
    (timer,) = world.timers.of(ReleaseTimer)
    monkeypatch.setattr(transitions, "released", broken)
    assert world.wakes(timer, timer.at).startswith("Cronmend failed to send the alert that it held: KeyError in ")
    assert [kind for kind, _ in world.told] == ["alert"]


def test_the_place_is_the_innermost_line_of_cronmend() -> None:
    try:
        World().deploys.window("no revision", "arn", None, NOW)  # type: ignore[arg-type] # wrong on purpose
    except AttributeError as error:
        place = place_of(error)
    assert re.fullmatch(r"AttributeError in use_cases/deploy_facts\.py, line \d+", place)
    assert place_of(ValueError()) == "ValueError"
    try:
        alert_of(None, "a1", "failed")  # type: ignore[arg-type] # wrong on purpose, in a module that another one calls
    except AttributeError as error:
        place = place_of(error)
    assert re.fullmatch(r"AttributeError in alerting/headlines\.py, line \d+", place)


def test_a_run_that_only_its_schedule_shows_keeps_its_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its schedule's name is longer than ``startedBy`` keeps."""
    job = "cronmend-jobs/publish-scheduled-pages-of-the-site"
    world = World(schedules=FakeSchedules({job: schedule(2, job=job)}))
    in_the_diagnosis(world, monkeypatch)
    started_by = f"chronos-schedule/{job.split('/')[1][:19]}"
    record = world.fails(stopped(started_by=started_by, overrides=(ContainerOverride("web", COMMAND),)))
    assert (record.job, is_undiagnosed(record)) == (job, True)


def test_a_rerun_whose_jobs_state_cannot_be_read_with_its_record_keeps_its_number() -> None:
    world = unstarted()
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (attempt,) = world.attempts()
    behaving(world.ledger, look_up=broken)
    record = world.stopped.handle(world.rerun_of(attempt, 1, timer.at), timer.at)
    assert record.attempt == 2


def test_an_alert_beside_the_jobs_state_says_what_to_read_and_where() -> None:
    report = alert_of("site/report", "a1", "stopped with exit code 1: why").report
    assert report.headline == "report stopped with exit code 1: why"
    assert report.what_happens == "Cronmend won't re-run the job, because its own code failed."
    assert report.advice == (
        "Read the run's log for its cause: Cronmend didn't. Cronmend's own error is in the log of its function, with "
        "the stack. Please report it."
    )
    assert [(each.label, each.value) for each in report.facts] == [("Job", "site/report"), ("Task", "a1")]
    assert (report.status, report.command, report.kind) == ("not diagnosed", "cronmend why a1", MessageKind.ALERT)


def test_the_record_beside_the_jobs_state_says_what_is_known_of_the_run() -> None:
    never_ran = stopped(exit_code=None, stopped_at=None)
    change = change_of(JobState("undiagnosed/a"), never_ran, JOB, ValueError(), NOW)
    (message,) = change.messages
    assert message.report.headline == (
        "publish-scheduled stopped without an exit code: Cronmend couldn't diagnose it (ValueError)"
    )
    record = change.run
    assert record
    assert (record.attempt, record.incident, record.action) == (1, "", "alert")
    assert (record.stopped_at, record.recorded_at, record.started_by) == (NOW, NOW, never_ran.started_by)
    assert record.reasons == ("no re-run: Cronmend can't tell whether a later run would succeed",)
