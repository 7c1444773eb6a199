"""The order of a job's runs is that of their creation, whatever the order in which they are seen."""

from copy import replace
from itertools import permutations

import pytest

from cronmend.healing import order
from cronmend.model import Alert, Creation, History, Plan, Rerun, StoppedTask, TaskDefinitionRef
from cronmend.model.incident import IncidentState, JobState, PlannedRerun
from cronmend.model.unreported_runs import UnreportedRun
from tests.fakes import NOW, later
from tests.incidents import BROKEN, after
from tests.samples import CLUSTER, JOB, stopped


def run(minute: int) -> StoppedTask:
    return stopped(f"r{minute}", created_at=later(minute))


@pytest.mark.parametrize("minutes", list(permutations((0, 60, 120))))
def test_the_latest_run_of_the_schedule_is_the_one_that_was_created_last(minutes: tuple[int, ...]) -> None:
    state = JobState(JOB)
    for minute in minutes:
        state = order.seen(state, run(minute))
    assert order.last_own(state) == later(120)


def test_only_if_nothing_else_is_known_the_failed_run_is_the_latest_of_the_schedule() -> None:
    """An earlier version kept none but the failed one."""
    state = JobState(JOB, incident=BROKEN)
    assert order.last_own(state) == NOW
    assert order.last_own(replace(state, last_own=later(-60))) == later(-60)
    assert order.last_own(replace(state, incident=after(BROKEN, attempt=2))) is None


@pytest.mark.parametrize(
    ("state", "planned", "wants", "covered"),
    [
        (IncidentState.ALERTED, False, True, True),
        (IncidentState.ALERTED, False, False, False),
        (IncidentState.ALERTED, True, True, False),
        (IncidentState.HEALING, False, True, False),
        (IncidentState.HEALING, True, False, False),
    ],
)
def test_of_the_tasks_of_one_call_the_one_that_needs_a_person_decides(
    state: IncidentState, planned: bool, wants: bool, covered: bool
) -> None:
    incident = replace(BROKEN, state=state, planned=PlannedRerun(2, later(5)) if planned else None)
    plan = Plan((Rerun(later(5), "re-run"),)) if wants else Plan((Alert("a person is needed"),))
    sibling = replace(incident.failed.creation, at=later(0.1)) if incident.failed else None
    assert sibling
    assert bool(order.covered(incident, sibling, plan)) is covered


def test_of_two_alerts_about_tasks_of_one_call_the_later_tasks_stays() -> None:
    creation = BROKEN.failed.creation if BROKEN.failed else None
    assert creation
    plan = Plan((Alert("a person is needed"),))
    assert order.covered(BROKEN, replace(creation, at=later(-0.1)), plan).startswith("a run that was created later")
    assert order.covered(BROKEN, replace(creation, at=later(0.1)), plan) == ""


def test_a_run_that_the_schedule_did_not_start_is_none_of_its_runs() -> None:
    assert order.seen(JobState(JOB), stopped(started_by="ecs-svc/1")).last_own is None


def test_a_slot_for_which_no_task_was_started_counts_as_a_run_of_the_schedule() -> None:
    slot = UnreportedRun("a1", CLUSTER, TaskDefinitionRef("webapp", 2), NOW)
    assert order.seen(JobState(JOB), slot).last_own == NOW
    assert order.seen(JobState(JOB), replace(slot, task_arn="task/b1", started_by="ecs-svc/1")).last_own is None


@pytest.mark.parametrize(
    ("other", "together"),
    [
        (Creation(later(59 / 60), "events-rule/a", "11:00"), True),
        (Creation(later(1), "events-rule/a", "11:00"), False),
        (Creation(NOW, "events-rule/b", "11:00"), False),
        (Creation(NOW, "events-rule/a", "12:00"), False),
        (Creation(NOW), True),
        (Creation(NOW, "events-rule/a", "11:00", no_task=True), False),
    ],
)
def test_tasks_of_one_call_were_created_together_by_one_schedule_for_one_slot(other: Creation, together: bool) -> None:
    run = Creation(NOW, "events-rule/a", "11:00")
    assert order.siblings(run, other) is order.siblings(other, run) is together


@pytest.mark.parametrize(("minute", "closes"), [(0, True), (-1, False), (1, True)])
def test_a_held_slot_is_answered_by_a_run_from_its_time_on(minute: int, closes: bool) -> None:
    held = replace(BROKEN, failed=None, began_at=NOW)
    assert order.closes(held, Creation(later(minute), "events-rule/a")) is closes


@pytest.mark.parametrize(
    ("later_run", "follows"),
    [
        (Creation(later(1), "a", "11:00"), True),
        (Creation(NOW, "b", "12:00"), False),
        (Creation(later(-1), "a", "12:00"), False),
    ],
)
def test_a_run_follows_another_only_if_it_was_created_after_it(later_run: Creation, follows: bool) -> None:
    assert order.follows(later_run, Creation(NOW, "a", "11:00")) is follows


@pytest.mark.parametrize(
    ("later_run", "follows"),
    [
        (Creation(NOW, "a", "12:00"), True),
        (Creation(later(-1), "a", "11:00"), True),
        (Creation(later(-1), "a", "12:00"), False),
    ],
)
def test_a_slot_without_a_task_is_answered_by_its_own_run_and_by_any_from_its_time_on(
    later_run: Creation, follows: bool
) -> None:
    assert order.follows(later_run, Creation(NOW, "a", "11:00", no_task=True)) is follows


@pytest.mark.parametrize(("minute", "is_latest"), [(0, False), (1, True)])
@pytest.mark.parametrize("known", [History(NOW), History(later(30), last_success=Creation(NOW))])
def test_a_success_is_the_latest_only_if_its_run_was_created_after_what_is_known(
    known: History, minute: int, is_latest: bool
) -> None:
    """Of an earlier version, it is known only when the run ended."""
    after_it = order.remembered(known, run(minute), Creation(later(minute)))
    assert (after_it != known) is is_latest


@pytest.mark.parametrize(
    ("success", "failed_slot", "tasks", "answered"),
    [
        (Creation(later(1), "cronmend/key", "11:00"), "11:00", 1, True),
        (Creation(later(1), "cronmend/key", "11:00"), "11:00", 2, False),
        (Creation(later(1), "cronmend/key", "12:00"), "11:00", 2, True),
        (Creation(later(1), "cronmend/key", ""), "11:00", 2, False),
        (Creation(later(1), "cronmend/key", "11:00"), "", 2, False),
        (Creation(later(1), "events-rule/a", "11:00"), "11:00", 2, True),
        (Creation(later(-1), "events-rule/a", "10:00"), "11:00", 1, False),
    ],
)
def test_of_several_tasks_a_rerun_answers_only_those_of_earlier_slots(
    success: Creation, failed_slot: str, tasks: int, *, answered: bool
) -> None:
    failed = Creation(NOW, "events-rule/b", failed_slot)
    assert order.answered(History(last_success=success), failed, tasks) is answered
    assert not order.answered(History(NOW), failed, tasks)
