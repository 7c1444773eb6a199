"""What a run's end does to its job's incident, and what its record keeps."""

from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cronmend.healing.after_run import after_failure, after_success
from cronmend.healing.messages import with_message
from cronmend.healing.outcome import Outcome
from cronmend.model import (
    Alert,
    Category,
    Creation,
    DeployWindow,
    Diagnosis,
    FailedTask,
    FatalError,
    History,
    HoldAlert,
    Identity,
    Missing,
    Plan,
    Policy,
    Rerun,
    ScheduleState,
    Signal,
    Size,
    TaskDefinitionRef,
    UnreportedRun,
    WindowState,
)
from cronmend.model.incident import Attempt, Change, Incident, IncidentState, JobState, PlannedRerun, RunRecord
from cronmend.model.report import MessageKind
from cronmend.model.wakeups import ReleaseTimer, RerunTimer
from tests.fakes import NOW, later
from tests.incidents import BROKEN
from tests.samples import CLUSTER, JOB, schedule, stopped

RACE = Diagnosis(
    Category.DEPLOY_RACE,
    "python.undefined-column",
    "The code and the database schema don't match",
    line="column x does not exist",
    excerpt=("Traceback", "column x does not exist"),
    advice="Wait.",
    fatal_error=FatalError("ProgrammingError", "column x does not exist", 1),
    window=DeployWindow(WindowState.OPEN, Signal.REVISION, "service web still runs webapp:1"),
)
SUCCESS = Diagnosis(Category.SUCCESS, "exit-0", "It succeeded")
WAITS = Plan((Rerun(later(5), "re-run when the deploy ends"), HoldAlert(later(60), "the alert is held")))
TELLS = Plan((Alert("a re-run would fail the same way"),))
RERUN = Attempt("key", JOB, BROKEN.id, 3, NOW)
OPEN = JobState(JOB, 1, incident=BROKEN)


def outcome(task: FailedTask, diagnosis: Diagnosis = RACE, attempt: Attempt | None = None) -> Outcome:
    identity = Identity(JOB, certain=True, reason="", schedule=Missing("not asked for"))
    return Outcome(task, identity, diagnosis, attempt, NOW, bound=3)


def failed(
    state: JobState | None = None, plan: Plan = WAITS, attempt: Attempt | None = None, **of_task: Any
) -> Incident:
    change = after_failure(state or JobState(JOB), outcome(stopped(**of_task), attempt=attempt), plan)
    assert change.job_state.incident
    return change.job_state.incident


def record(diagnosis: Diagnosis = RACE, attempt: Attempt | None = None, **of_task: Any) -> RunRecord:
    change = after_failure(JobState(JOB), outcome(stopped(**of_task), diagnosis, attempt), WAITS)
    assert change.run
    return change.run


@pytest.mark.parametrize(
    ("created_at", "state", "named"),
    [
        (later(-0.001), IncidentState.ALERTED, ""),
        (NOW, IncidentState.ALERTED, ""),
        (later(0.999), IncidentState.ALERTED, ""),
        (later(1), IncidentState.RECOVERED, BROKEN.id),
        (None, IncidentState.ALERTED, ""),
    ],
    ids=["older", "at once", "of the same call", "newer", "not known"],
)
def test_a_success_closes_the_incident_if_its_run_is_newer(
    created_at: datetime | None, state: IncidentState, named: str
) -> None:
    """The record names the incident that it closes."""
    change = after_success(OPEN, outcome(stopped("b2", exit_code=0, created_at=created_at), SUCCESS))
    assert change.job_state.incident and change.run
    assert (change.job_state.incident.state, change.run.incident) == (state, named)
    assert bool(change.messages) is bool(named)


@pytest.mark.parametrize(("attempt", "state"), [(None, IncidentState.RECOVERED), (RERUN, IncidentState.HEALED)])
def test_a_success_is_handled_whoever_started_it_after_a_larger_rerun(
    attempt: Attempt | None, state: IncidentState
) -> None:
    grown = replace(OPEN, incident=replace(BROKEN, size=Size(512, 2048)))
    change = after_success(grown, outcome(stopped("b2", exit_code=0, created_at=later(1)), SUCCESS, attempt))
    assert change.job_state.incident and change.job_state.incident.state is state
    assert [message.report.kind.value for message in change.messages] == [state.value]


@pytest.mark.parametrize(
    ("started_at", "stopped_at", "durations", "last_success_at"),
    [
        (later(-1), NOW, (170, 60), NOW),
        (None, NOW, (170,), NOW),
        (later(-1), None, (170,), later(-60)),
        (later(1), NOW, (170, 0), NOW),
    ],
    ids=["later", "never up", "no end", "its clock runs ahead"],
)
def test_a_success_is_remembered_with_its_length_if_it_is_the_latest(
    started_at: datetime | None, stopped_at: datetime | None, durations: tuple[int, ...], last_success_at: datetime
) -> None:
    known = JobState(JOB, history=History(later(-60), 1, "sha256:1", (170,)))
    task = stopped("b2", exit_code=0, started_at=started_at, stopped_at=stopped_at)
    history = after_success(known, outcome(task, SUCCESS)).job_state.history
    assert (history.durations, history.last_success_at) == (durations, last_success_at)
    latest = (2, "sha256:2") if history != known.history else (1, "sha256:1")
    assert (history.last_success_revision, history.last_success_digest) == latest


SCHEDULE = "chronos-schedule/publish-scheduled"
CREATED = later(-1.3)


@pytest.mark.parametrize(
    ("success", "opens"),
    [
        (Creation(later(-1.4), SCHEDULE), True),
        (Creation(CREATED, "cronmend/key"), True),
        (Creation(later(-0.4), SCHEDULE), True),
        (Creation(later(-0.4), SCHEDULE, "2026-05-06T10:00:00Z"), True),
        (Creation(later(-0.4), ""), True),
        (Creation(later(-0.4), "cronmend/key"), False),
        (Creation(later(-0.3), SCHEDULE), False),
        (None, True),
    ],
    ids=[
        *("older", "created at once", "of the same call", "an older slot's", "of the same call, as far as is known"),
        *("of another call", "newer", "not known"),
    ],
)
def test_a_failure_that_the_success_of_a_newer_run_has_answered_opens_nothing(
    success: Creation | None, opens: bool
) -> None:
    """When the runs ended doesn't matter."""
    known = JobState(JOB, history=History(later(1), last_success=success))
    change = after_failure(known, outcome(stopped()), WAITS)
    assert (change.job_state.incident is not None) is opens
    assert change.run and (change.run.action == "rerun") is opens


@pytest.mark.parametrize(
    ("known", "remembered"),
    [
        (History(later(1), 1, last_success=Creation(later(-1.4))), True),
        (History(later(-9), 1, last_success=Creation(CREATED)), False),
        (History(later(-9), 1, last_success=Creation(later(-1.2))), False),
        (History(later(-1.4), 1), True),
        (History(later(-1.2), 1), False),
    ],
    ids=["newer", "at once", "older", "newer than the end of the other", "no creation is known"],
)
def test_the_success_of_the_newest_run_is_remembered(known: History, remembered: bool) -> None:
    change = after_success(JobState(JOB, history=known), outcome(stopped("b2", exit_code=0), SUCCESS))
    assert (change.job_state.history.last_success_revision == 2) is remembered


def test_an_incident_that_is_over_is_closed_by_nothing() -> None:
    over = replace(OPEN, incident=replace(BROKEN, state=IncidentState.HEALED))
    change = after_success(over, outcome(stopped("b2", exit_code=0, created_at=later(1)), SUCCESS))
    assert (change.job_state.incident, change.messages) == (over.incident, ())


def test_an_incident_keeps_what_its_alert_will_need() -> None:
    """All of the diagnosis but the fatal error, which is neither redacted nor bounded; and the run that failed."""
    incident = failed()
    assert incident.diagnosis == replace(RACE, fatal_error=None)
    assert incident.failed
    assert (incident.id, incident.failed.task_id, incident.bound) == ("a1", "a1", 3)
    assert (incident.began_at, incident.failed.created_at, incident.failed.ended_at) == (CREATED, CREATED, NOW)
    assert (incident.planned and incident.planned.at, incident.held_until) == (later(5), later(60))


def test_an_incident_keeps_the_policy_and_the_state_of_the_schedule_at_its_latest_failure() -> None:
    known = Identity(JOB, certain=True, reason="", schedule=schedule(enabled=False))
    run = replace(outcome(stopped()), identity=known, policy=Policy.NEVER)
    change = after_failure(JobState(JOB), run, TELLS)
    assert change.job_state.incident and change.run
    assert (change.job_state.incident.policy, change.run.policy) == (Policy.NEVER, Policy.NEVER)
    assert change.job_state.incident.schedule is ScheduleState.DISABLED
    unknown = after_failure(JobState(JOB), outcome(stopped()), TELLS).job_state.incident
    assert unknown and unknown.schedule is ScheduleState.UNKNOWN


def test_the_slot_of_a_run_whose_creation_is_not_known_is_the_last_one_before_now() -> None:
    known = Identity(JOB, certain=True, reason="", schedule=schedule())
    change = after_failure(JobState(JOB), replace(outcome(stopped(created_at=None)), identity=known), WAITS)
    assert change.job_state.incident
    assert change.job_state.incident.slot == "2026-05-06T11:00:00Z"


def test_a_run_that_was_stopped_on_purpose_says_so_in_its_record_and_alerts_no_one() -> None:
    cancelled = Diagnosis(Category.CANCELLED, "r", "a person stopped it")
    change = after_failure(OPEN, outcome(stopped(created_at=later(1)), cancelled), Plan(()))
    assert change.run
    assert change.run.reasons == (Category.CANCELLED.traits.silent,)
    assert (change.job_state.incident, change.messages) == (BROKEN, ())
    assert change.run.incident == BROKEN.id
    run = outcome(stopped(created_at=later(1)), cancelled)
    uncertain = after_failure(OPEN, replace(run, identity=replace(run.identity, certain=False)), Plan(()))
    assert uncertain.run and uncertain.run.incident == ""


@pytest.mark.parametrize(
    ("category", "state", "reruns", "kind"),
    [
        (Category.DEPLOY_RACE, WindowState.OPEN, 0, MessageKind.ALERT),
        (Category.DEPLOY_RACE, WindowState.OPEN, 1, MessageKind.GAVE_UP),
        (Category.DEPLOY_RACE, WindowState.STUCK, 0, MessageKind.HALF_DONE),
        (Category.APPLICATION_ERROR, WindowState.STUCK, 0, MessageKind.ALERT),
        (Category.APPLICATION_ERROR, WindowState.CLOSED, 1, MessageKind.ALERT),
    ],
)
def test_only_a_race_with_a_stuck_deploy_is_half_done_and_only_what_was_to_heal_is_given_up(
    category: Category, state: WindowState, reruns: int, kind: MessageKind
) -> None:
    known = replace(OPEN, incident=replace(BROKEN, reruns=reruns, notified=()))
    diagnosis = replace(RACE, category=category, window=DeployWindow(state))
    change = after_failure(known, outcome(stopped(created_at=later(1)), diagnosis), TELLS)
    assert [message.report.kind for message in change.messages] == [kind]


def test_an_incident_keeps_the_image_that_failed() -> None:
    (container,) = stopped().containers
    tagged = replace(container, image="registry/webapp:2", image_digest="")
    assert failed(containers=(tagged,)).image == "registry/webapp:2"
    assert failed(containers=()).image == ""


def test_a_run_is_attempt_1_unless_cronmend_started_it() -> None:
    own, again = failed().failed, failed(OPEN, attempt=RERUN, created_at=later(1)).failed
    assert own and again
    assert (own.attempt, again.attempt) == (1, 3)
    assert (record().attempt, record(attempt=RERUN).attempt) == (1, 3)


def test_a_second_failure_continues_the_incident() -> None:
    known = replace(BROKEN, starting="key", runs=4, reruns=2, infra_reruns=1, slot="2026-05-06T10:00:00Z")
    incident = failed(replace(OPEN, incident=known), TELLS, RERUN, task_id="a2", created_at=later(1))
    assert (incident.id, incident.began_at, incident.slot) == (BROKEN.id, NOW, "2026-05-06T10:00:00Z")
    assert (incident.runs, incident.reruns, incident.infra_reruns, incident.starting) == (5, 2, 1, None)
    assert incident.failed and incident.failed.task_id == "a2"


@pytest.mark.parametrize(
    ("attempt", "since"), [(RERUN, NOW), (None, later(9)), (replace(RERUN, incident="", by="ann"), later(9))]
)
def test_a_rerun_is_no_new_beginning_of_what_it_repeats(attempt: Attempt | None, since: datetime) -> None:
    known = replace(OPEN, incident=replace(BROKEN, since=NOW))
    assert failed(known, TELLS, attempt, task_id="a2", created_at=later(9)).since == since


def test_a_failure_after_the_incident_is_over_opens_another() -> None:
    over = replace(OPEN, incident=replace(BROKEN, state=IncidentState.HEALED, runs=4, reruns=3, infra_reruns=1))
    incident = failed(over, task_id="a2")
    assert (incident.id, incident.runs, incident.reruns, incident.infra_reruns) == ("a2", 1, 0, 0)
    assert incident.planned and incident.planned.attempt == 2


@pytest.mark.parametrize(
    ("notified", "held_until"),
    [
        (("alert-deploy_race",), None),
        (("alert-missed", "gave_up-deploy_race"), None),
        (("alert-missed", "escalation-second-deploy_race"), later(60)),
    ],
)
def test_an_alert_is_held_only_while_people_have_not_been_notified_of_the_cause(
    notified: tuple[str, ...], held_until: datetime | None
) -> None:
    known = failed(replace(OPEN, incident=replace(BROKEN, notified=notified)), created_at=later(1))
    assert (known.state, known.held_until) == (IncidentState.ALERTED, held_until)
    assert known.planned and known.planned.attempt == 2


def test_a_record_holds_what_was_seen_decided_and_planned() -> None:
    kept = record(stopped_at=later(2))
    assert (kept.job, kept.incident, kept.task_id, kept.started_by) == (JOB, "a1", "a1", stopped().started_by)
    assert (kept.category, kept.rule, kept.line, kept.sentence) == (RACE.category, RACE.rule, RACE.line, RACE.sentence)
    assert (kept.window, kept.task_definition, kept.stopped_at) == (RACE.window, "webapp:2", later(2))
    assert (kept.action, kept.reasons) == ("rerun", tuple(action.reason for action in WAITS.actions))
    assert (kept.created_at, kept.recorded_at, kept.ran, kept.policy) == (CREATED, NOW, True, Policy.UNSTARTED)
    assert kept.timers == (RerunTimer(JOB, "a1", 2, later(5)), ReleaseTimer(JOB, "a1", later(60)))


def test_a_record_holds_the_command_for_a_person() -> None:
    by_hand = replace(outcome(stopped()), by_hand="aws ecs run-task")
    change = after_failure(JobState(JOB), by_hand, TELLS)
    assert change.run and change.run.by_hand == "aws ecs run-task"
    assert record().by_hand == ""


@pytest.mark.parametrize(
    ("state", "certain", "attempt", "reason"),
    [
        (JobState(JOB), True, None, "the job succeeded"),
        (OPEN, True, None, "the job succeeded: the incident is recovered"),
        (OPEN, True, RERUN, "the job succeeded: the incident is healed"),
        (OPEN, False, None, "the run succeeded, but its job isn't known for certain"),
    ],
)
def test_the_record_of_a_success_says_what_follows(
    state: JobState, certain: bool, attempt: Attempt | None, reason: str
) -> None:
    run = outcome(stopped("b2", exit_code=0, created_at=later(1)), SUCCESS, attempt)
    change = after_success(state, replace(run, identity=replace(run.identity, certain=certain)))
    assert change.run and change.run.reasons == (reason,)


def test_the_record_of_a_success_that_is_too_old_says_so() -> None:
    change = after_success(OPEN, outcome(stopped("b2", exit_code=0, created_at=later(-1)), SUCCESS))
    assert change.run and change.run.reasons == (
        "the run succeeded, but wasn't created after the latest one that failed: the incident stays open",
    )


def test_a_success_that_closes_an_incident_leaves_nothing_of_it_to_be_done() -> None:
    known = replace(
        BROKEN, planned=PlannedRerun(2, later(5)), held_until=later(60), starting="key", no_rerun="it is late"
    )
    success = stopped("b2", exit_code=0, created_at=later(1))
    for attempt, healed_by in ((None, 0), (RERUN, 3)):
        closed = after_success(replace(OPEN, incident=known), outcome(success, SUCCESS, attempt)).job_state.incident
        assert closed
        assert (closed.planned, closed.held_until, closed.starting, closed.no_rerun) == (None, None, None, "")
        assert closed.healed_by == healed_by


def test_why_no_rerun_follows_is_kept_for_the_alert() -> None:
    assert failed(plan=TELLS).no_rerun == "a re-run would fail the same way"
    held = Plan((HoldAlert(later(60), "the alert is held", "the next run is near"),))
    assert (failed(plan=held).no_rerun, failed(plan=WAITS).no_rerun) == ("the next run is near", "")


def test_people_are_notified_once_of_what_repeats_and_it_is_no_longer_held() -> None:
    first = with_message(Change(OPEN), MessageKind.ALERT)
    (message,) = first.messages
    assert message.change == "alert-schema_mismatch"
    held = replace(BROKEN, state=IncidentState.HEALING, held_until=later(60), notified=(message.change,))
    again = with_message(Change(replace(OPEN, incident=held), messages=(message,)), MessageKind.ALERT)
    assert again.messages == (message,)
    assert again.job_state.incident
    assert (again.job_state.incident.state, again.job_state.incident.held_until) == (IncidentState.ALERTED, None)
    assert len(with_message(first, MessageKind.REMINDER).messages) == 2


def test_a_record_holds_the_time_of_handling_if_the_event_has_none() -> None:
    assert record(stopped_at=None).stopped_at == NOW


def test_a_failure_that_a_later_one_covers_is_counted_and_its_record_says_so() -> None:
    change = after_failure(OPEN, outcome(stopped("a0", created_at=later(-5))), WAITS)
    assert change.job_state.incident and change.run
    assert (change.job_state.incident.runs, change.job_state.incident.failed) == (BROKEN.runs + 1, BROKEN.failed)
    assert (change.run.incident, change.run.action, change.messages) == (BROKEN.id, "none", ())
    assert change.run.reasons == ("a run that was created later has failed: the incident is about that one",)


@pytest.mark.parametrize(
    ("minutes", "note"), [(6, ""), (6.1, ", but it started 6 min after its scheduled time 11:00 UTC")]
)
def test_a_late_start_is_a_note_in_the_record_of_a_run_that_succeeds(minutes: float, note: str) -> None:
    """Its grace is five minutes, and EventBridge Scheduler's own minute precedes it."""
    created = datetime(2026, 5, 6, 11, tzinfo=UTC) + timedelta(minutes=minutes)
    late = stopped("b1", exit_code=0, created_at=created, stopped_at=created + timedelta(minutes=1))
    who = Identity(JOB, certain=True, reason="", schedule=schedule())
    outcome = Outcome(late, who, Diagnosis(Category.SUCCESS, "exit_code", "It succeeded."), None, created)
    change = after_success(JobState(JOB), outcome)
    assert change.run
    assert change.run.reasons == (f"the job succeeded{note}",)


def test_runs_that_hang_beside_a_later_failure_are_told_once_and_leave_the_incident_about_that_one() -> None:
    late = Diagnosis(Category.OVERDUE, "overdue", "It has been running for 3 h", cause="it has been running for 3 h")

    def hangs(state: JobState, minute: int) -> Change:
        ref = TaskDefinitionRef("webapp", 57)
        run = UnreportedRun(f"overdue-{minute}", CLUSTER, ref, later(minute), task_arn=f"task/{minute}")
        return after_failure(state, outcome(run, late), TELLS)

    held = JobState(JOB, 1, incident=replace(BROKEN, held_until=later(60), notified=()))
    first = hangs(held, -10)
    second = hangs(first.job_state, -9)
    assert [each.report.category for each in first.messages] == [Category.OVERDUE]
    assert second.messages == ()
    incident = second.job_state.incident
    assert incident
    assert (incident.category, incident.held_until) == (BROKEN.category, later(60))


def test_a_task_that_hangs_and_is_stopped_is_not_repeated_if_another_of_its_call_needs_a_person() -> None:
    late = Diagnosis(Category.OVERDUE, "overdue", "It has been running for 3 h", cause="it has been running for 3 h")
    first = after_failure(JobState(JOB), outcome(stopped("a1", created_at=NOW)), TELLS)
    hangs = UnreportedRun("overdue-a2", CLUSTER, TaskDefinitionRef("webapp", 57), NOW, task_arn="task/a2")
    told = after_failure(first.job_state, outcome(hangs, late), TELLS)
    assert [each.report.category for each in told.messages] == [Category.OVERDUE]
    ended = after_failure(told.job_state, outcome(stopped("a2", created_at=NOW)), WAITS)
    incident = ended.job_state.incident
    assert incident and incident.failed and ended.run
    assert (incident.failed.task_id, incident.category, incident.planned) == ("a1", RACE.category, None)
    assert ended.run.reasons == (
        "another task of the same call failed and needs a person: the incident is about that one",
    )


def test_a_rerun_has_the_slot_of_the_run_that_it_repeats() -> None:
    repeats = replace(RERUN, slot="2026-05-06T10:00:00Z")
    assert outcome(stopped("b2"), attempt=repeats).slot == "2026-05-06T10:00:00Z"
    assert record(attempt=repeats).slot == "2026-05-06T10:00:00Z"
