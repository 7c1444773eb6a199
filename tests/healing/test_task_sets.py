"""A schedule that starts several tasks at once: what a success of one of them leaves to be done."""

from copy import replace
from datetime import datetime
from typing import Any

import pytest

from cronmend.healing import task_sets
from cronmend.healing.after_run import after_success
from cronmend.healing.outcome import Outcome
from cronmend.model import Category, Creation, Diagnosis, Identity, Size
from cronmend.model.incident import LEAD, Attempt, Change, Incident, JobState, PlannedRerun
from cronmend.model.task_sets import TaskSet
from tests.fakes import NOW, later
from tests.incidents import BROKEN
from tests.samples import JOB, schedule, stopped

SET = Creation(later(60), "chronos-schedule/publish-scheduled", "2026-05-06T12:00:00Z")
TWO_FAILED = replace(BROKEN, broken=TaskSet(Creation(NOW), 2), reruns=1, starting="key", no_rerun="")
RERUN = Attempt("key", JOB, BROKEN.id, 2, NOW)


def succeeds(incident: Incident, attempt: Attempt | None) -> Change:
    """One of the two tasks that the schedule starts, or a re-run of one."""
    started_by = f"cronmend/{attempt.key}" if attempt else SET.started_by
    task = stopped("b2", exit_code=0, created_at=later(60), started_by=started_by)
    two = replace(schedule(), parameters={**schedule().parameters, "TaskCount": 2})
    identity = Identity(JOB, certain=True, reason="", schedule=two)
    run = Outcome(task, identity, Diagnosis(Category.SUCCESS, "exit-0", "It succeeded"), attempt, later(61))
    return after_success(JobState(JOB, 1, incident=incident), run)


def left_by(change: Change) -> tuple[Incident, str]:
    assert change.job_state.incident and change.run
    assert change.job_state.incident.is_open
    return change.job_state.incident, change.run.reasons[0]


def test_a_rerun_that_repeats_one_of_two_tasks_is_followed_by_another_of_the_same_size() -> None:
    incident, reason = left_by(succeeds(replace(TWO_FAILED, size=Size(512, 2048)), RERUN))
    assert incident.planned == PlannedRerun(3, later(61) + LEAD, size=Size(512, 2048))
    assert incident.starting is None
    assert (
        reason == "the re-run succeeded, but 1 of the tasks that failed with the one it repeated have not been repeated"
    )


def test_one_task_of_a_later_slot_does_not_end_it_and_nothing_is_re_run_for_the_other() -> None:
    incident, reason = left_by(succeeds(TWO_FAILED, None))
    assert (incident.planned, incident.starting) == (None, "key")
    assert reason == "the run succeeded, but not yet all of the 2 tasks that its schedule starts at once"


@pytest.mark.parametrize(
    ("changes", "attempt"),
    [
        ({"planned": PlannedRerun(3, later(90), rechecks=2)}, RERUN),
        ({"no_rerun": "healing has ended"}, RERUN),
        ({}, replace(RERUN, by="ann")),
    ],
    ids=["another is planned", "healing has ended", "a person asked for it"],
)
def test_no_further_rerun_is_planned(changes: dict[str, Any], attempt: Attempt) -> None:
    before = replace(TWO_FAILED, **changes)
    incident, _ = left_by(succeeds(before, attempt))
    assert incident.planned == before.planned


def test_tasks_of_two_slots_are_two_sets_although_they_were_created_at_once() -> None:
    """Late runs of two slots may start together: neither slot has succeeded with both of its tasks."""
    first = task_sets.with_success(TWO_FAILED, SET, 2, of_set=True)
    assert first and first.succeeding == TaskSet(SET)
    second = task_sets.with_success(first, replace(SET, slot="2026-05-06T11:00:00Z"), 2, of_set=True)
    assert second and second.succeeding == TaskSet(SET)
    assert task_sets.with_success(second, replace(SET, at=later(60.1)), 2, of_set=True) is None


@pytest.mark.parametrize(
    ("minute", "attempt", "broken", "begins_anew"),
    [
        (0.5, None, (NOW, 3), True),
        (90, None, (later(90), 1), True),
        (-60, None, (NOW, 2), False),
        (90, RERUN, (NOW, 2), False),
    ],
    ids=["another task of the set", "a later set", "an earlier set", "a re-run"],
)
def test_after_a_failure_in_this_or_a_later_set_earlier_successes_no_longer_count(
    minute: float, attempt: Attempt | None, broken: tuple[datetime, int], *, begins_anew: bool
) -> None:
    halfway = replace(TWO_FAILED, broken=TaskSet(Creation(NOW, SET.started_by), 2), succeeding=TaskSet(SET))
    started_by = f"cronmend/{attempt.key}" if attempt else SET.started_by
    task = stopped("c3", created_at=later(minute), started_by=started_by)
    run = Outcome(
        task, Identity(JOB, certain=True, reason="", schedule=schedule()), BROKEN.diagnosis, attempt, later(91)
    )
    incident = task_sets.with_failure(halfway, run)
    assert incident.broken
    assert (incident.broken.creation.at, incident.broken.tasks) == broken
    assert incident.succeeding == (None if begins_anew else TaskSet(SET))
    assert incident.runs == halfway.runs + 1


@pytest.mark.parametrize(
    ("started_by", "attempt", "of_set"),
    [
        (SET.started_by, None, True),
        ("cronmend/key", RERUN, False),
        ("cronmend/key", replace(RERUN, whole_slot=True), True),
        ("ann", None, False),
    ],
)
def test_a_call_for_a_whole_slot_starts_a_set(started_by: str, attempt: Attempt | None, *, of_set: bool) -> None:
    task = stopped("c3", created_at=later(90), started_by=started_by)
    run = Outcome(task, Identity(JOB, certain=True, reason="", schedule=schedule()), BROKEN.diagnosis, attempt, NOW)
    assert run.of_set is of_set
