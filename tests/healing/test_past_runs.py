"""What the end of a run changes in the job's latest runs."""

from copy import replace
from datetime import timedelta

from cronmend.healing.after_run import after_failure, after_success
from cronmend.healing.missed_slots import MissedSlots, after_missed
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Alert, Category, Diagnosis, Plan, StoppedTask, UnreportedRun, WindowState
from cronmend.model.incident import Attempt, JobState
from cronmend.model.past_runs import PastRun, RunResult
from tests.fakes import NOW, later
from tests.healing.test_after_run import RACE, SUCCESS, WAITS, outcome
from tests.samples import JOB, schedule, stopped

FIRST = stopped(exit_code=1)
AGAIN = stopped("a2", exit_code=0, created_at=later(5), started_at=later(6), stopped_at=later(7))


def broken(task: StoppedTask = FIRST, diagnosis: Diagnosis = RACE) -> JobState:
    return after_failure(JobState(JOB), outcome(task, diagnosis), WAITS).job_state


def results(state: JobState) -> list[RunResult]:
    return [each.result for each in state.past.runs]


def rerun_of(state: JobState) -> Attempt:
    assert state.incident
    return Attempt("key", JOB, state.incident.id, 2, NOW)


def test_a_run_is_kept_with_its_start_result_and_length() -> None:
    state = after_success(JobState(JOB), outcome(stopped(exit_code=0), SUCCESS)).job_state
    assert state.past.runs == (PastRun(later(-1.35), RunResult.SUCCEEDED, 60),)


def test_a_failure_in_a_deploy_is_marked() -> None:
    assert [(each.result, each.in_deploy) for each in broken().past.runs] == [(RunResult.FAILED, True)]


def test_a_success_during_a_deploy_is_not_marked() -> None:
    """Only of a failure it matters whether the deploy explains it."""
    window = replace(RACE.window, state=WindowState.OPEN)
    success = outcome(stopped(exit_code=0), replace(SUCCESS, window=window))
    assert [each.in_deploy for each in after_success(JobState(JOB), success).job_state.past.runs] == [False]


def test_a_re_run_that_succeeds_heals_the_run_that_it_repeats() -> None:
    state = broken()
    healed = after_success(state, outcome(AGAIN, SUCCESS, rerun_of(state))).job_state
    (run,) = healed.past.runs
    assert (run.result, run.seconds, run.in_deploy) == (RunResult.HEALED, 60, True)
    assert run.healed_after == (AGAIN.stopped_at - run.at).total_seconds() if AGAIN.stopped_at else None


def test_a_re_run_that_fails_is_no_run_of_its_own() -> None:
    state = broken()
    task = replace(AGAIN, containers=FIRST.containers)
    again = after_failure(state, outcome(task, RACE, rerun_of(state)), WAITS).job_state
    assert again.past == state.past


def test_a_run_for_a_slot_that_a_deploy_held_heals_no_failure_before_it() -> None:
    state = broken()
    assert state.incident
    held = replace(state, incident=replace(state.incident, id="h", began_at=later(3), failed=None))
    caught_up = outcome(AGAIN, SUCCESS, Attempt("key", JOB, "h", 2, NOW))
    assert results(after_success(held, caught_up).job_state) == [RunResult.FAILED, RunResult.SUCCEEDED]


def test_a_run_that_a_person_asked_for_stands_for_itself() -> None:
    state = after_success(JobState(JOB), outcome(stopped(exit_code=0), SUCCESS)).job_state
    asked = outcome(AGAIN, SUCCESS, Attempt("key", JOB, "", 1, NOW, by="Ann"))
    assert results(after_success(state, asked).job_state) == [RunResult.SUCCEEDED] * 2


def test_a_run_that_was_stopped_on_purpose_is_neither_good_nor_bad() -> None:
    assert results(broken(diagnosis=Diagnosis(Category.CANCELLED, "rule", "Stopped."))) == [RunResult.STOPPED]


def test_a_run_that_still_runs_is_kept_once_it_ends() -> None:
    alive = UnreportedRun("overdue-a1", FIRST.cluster_arn, FIRST.task_definition, NOW, FIRST.task_arn)
    late = replace(outcome(FIRST, Diagnosis(Category.OVERDUE, "rule", "Late.")), task=alive)
    assert after_failure(JobState(JOB), late, Plan((Alert("it still runs"),))).job_state.past.runs == ()


def test_slots_without_a_run_are_missed() -> None:
    missed = MissedSlots(schedule(), (later(-120), later(-60)), JobPolicy(JOB), timedelta(hours=1))
    change = after_missed(JobState(JOB), missed, NOW)
    assert change is not None
    assert results(change.job_state) == [RunResult.MISSED] * 2
