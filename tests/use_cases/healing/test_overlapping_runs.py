"""Runs that overlap, of one call or of several, in every order of their ends and of the events."""

from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cronmend.healing.order import TOGETHER
from cronmend.model import ContainerOverride, StoppedTask
from cronmend.model.incident import IncidentState
from cronmend.model.wakeups import ReleaseTimer
from tests.fakes import NOW, later
from tests.samples import COMMAND, JOB, RACE_LOG, REFUSED_LOG, stopped
from tests.use_cases.world import World, rerun_timer

BUG_LOG = ("Traceback (most recent call last):", '  File "a.py", line 1, in <module>', "KeyError: 'total'")
SCHEDULER = "chronos-schedule/publish-scheduled"


def run(task_id: str, created: float, ended: float, exit_code: int, started_by: str = SCHEDULER) -> StoppedTask:
    """A run of the job; times in minutes."""
    return stopped(
        task_id,
        exit_code=exit_code,
        created_at=later(created),
        started_at=later(created),
        stopped_at=later(ended),
        started_by=started_by,
    )


def deployed() -> World:
    world = World()
    world.finish_deploy(later(-60))
    return world


def delivered(world: World, task: StoppedTask, log: tuple[str, ...] = RACE_LOG) -> None:
    assert task.stopped_at
    world.fails(task, log, at=max(NOW, task.stopped_at))


def test_a_success_of_an_older_run_that_ends_later_does_not_recover_the_job() -> None:
    world = deployed()
    delivered(world, run("new", 60, 62, 1), BUG_LOG)
    delivered(world, run("old", 0, 70, 0))
    assert world.incident.state is IncidentState.ALERTED
    assert [kind for kind, _ in world.told] == ["alert"]
    assert world.ledger.runs["old"].incident == ""


def test_a_success_of_an_older_run_that_ends_later_does_not_hide_a_failure() -> None:
    world = World()
    delivered(world, run("old", 0, 70, 0))
    delivered(world, run("new", 60, 62, 1), BUG_LOG)
    assert world.incident.state is IncidentState.ALERTED


def test_a_success_closes_only_what_failed_before_its_run_was_created() -> None:
    """Three runs overlap: the second one succeeds, but the third one had failed already."""
    world = World()
    delivered(world, run("first", 0, 65, 1))
    delivered(world, run("third", 120, 121, 1))
    delivered(world, run("second", 60, 125, 0))
    assert world.incident.is_open
    assert world.incident.failed
    assert (world.incident.failed.task_id, world.incident.runs) == ("third", 2)


@pytest.mark.parametrize("order", list(permutations(("failed", "ok", "fine"))))
def test_a_success_of_the_same_call_neither_recovers_the_job_nor_hides_its_failure(order: Sequence[str]) -> None:
    tasks = {"failed": run("failed", 0, 5, 1), "ok": run("ok", 0.01, 3, 0), "fine": run("fine", 0.02, 9, 0)}
    world = World()
    for name in order:
        delivered(world, tasks[name])
    assert world.incident.is_open
    delivered(world, run("next", 60, 62, 0))
    assert world.incident.state is IncidentState.RECOVERED


def test_of_a_rerun_with_several_tasks_one_success_does_not_heal_what_another_failed() -> None:
    world = World()
    delivered(world, run("first", 0, 1, 1))
    world.finish_deploy(later(2))
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (attempt,) = world.attempts()
    delivered(world, run("again-1", 7, 8, 1, f"cronmend/{attempt.key}"))
    delivered(world, run("again-2", 7.01, 9, 0, f"cronmend/{attempt.key}"))
    assert world.incident.is_open


@pytest.mark.parametrize(("bug", "refused"), [(0, 0.01), (0.01, 0)])
@pytest.mark.parametrize("order", list(permutations(("bug", "refused"))))
def test_of_the_tasks_of_one_call_the_one_that_needs_a_person_decides(
    order: Sequence[str], bug: float, refused: float
) -> None:
    """A re-run's success would hide the bug."""
    world = deployed()
    tasks = {"bug": (run("bug", bug, 5, 1), BUG_LOG), "refused": (run("refused", refused, 5, 1), REFUSED_LOG)}
    for name in order:
        delivered(world, *tasks[name])
    assert world.incident.planned is None
    assert world.incident.state is IncidentState.ALERTED
    assert world.incident.failed
    assert (world.incident.failed.task_id, world.incident.runs) == ("bug", 2)


def test_a_failure_of_an_older_run_that_comes_late_leaves_the_plan_alone() -> None:
    world = World()
    delivered(world, run("new", 60, 62, 1))
    planned, held = world.incident.planned, world.incident.held_until
    delivered(world, run("old", 0, 70, 1), BUG_LOG)
    assert (world.incident.planned, world.incident.held_until, world.incident.runs) == (planned, held, 2)
    assert world.incident.failed
    assert world.incident.failed.task_id == "new"
    record = world.ledger.runs["old"]
    assert (record.incident, record.action, record.timers) == ("new", "none", ())


def test_a_failure_of_an_older_run_that_comes_after_the_alert_is_told_too() -> None:
    world = deployed()
    delivered(world, run("new", 60, 62, 1), BUG_LOG)
    delivered(world, run("old", 0, 70, 1), BUG_LOG)
    assert [kind for kind, _ in world.told] == ["alert", "reminder"]


def test_a_run_by_hand_right_after_the_failure_of_its_slot_recovers_the_job() -> None:
    """It carries the slot of the run that it repeats, but another call started it."""
    world = World()
    slot = ContainerOverride("web", COMMAND, {"CRONMEND_JOB": JOB, "CRONMEND_SLOT": "2026-05-06T11:00:00Z"})
    delivered(world, replace(run("first", 0, 1, 1), overrides=(slot,)))
    delivered(world, replace(run("again", 2, 3, 0), overrides=(slot,)))
    assert world.incident.state is IncidentState.RECOVERED


@dataclass(frozen=True)
class Three:
    """Three runs that overlap in any way, in the order in which their events arrive, some twice."""

    tasks: tuple[StoppedTask, ...]
    arriving: tuple[int, ...]


def one(number: int, slot: int, second: int, ended: int, exit_code: int) -> StoppedTask:
    return run(f"r{number}", slot * 60 + second / 60, slot * 60 + 1 + ended, exit_code)


RUNS = st.tuples(st.integers(0, 2), st.sampled_from((0, 1, 59)), st.integers(0, 200), st.sampled_from((0, 1)))
THREE = st.builds(
    Three,
    st.tuples(RUNS, RUNS, RUNS).map(lambda runs: tuple(one(number, *each) for number, each in enumerate(runs))),
    st.permutations((0, 1, 2)).flatmap(
        lambda order: st.lists(st.sampled_from((0, 1, 2)), max_size=2).map(lambda twice: (*order, *twice))
    ),
)
LOGS = st.sampled_from((RACE_LOG, BUG_LOG, REFUSED_LOG))


def created(task: StoppedTask) -> datetime:
    assert task.created_at
    return task.created_at


def succeeded(task: StoppedTask) -> bool:
    assert task.job
    return task.job.exit_code == 0


def has_passed(failed: StoppedTask, others: Sequence[StoppedTask]) -> bool:
    """Whether a later slot's run has succeeded: slots are an hour apart, runs of one call less than a minute."""
    return any(succeeded(each) and created(each) - created(failed) > timedelta(minutes=30) for each in others)


@settings(max_examples=400, deadline=None)
@given(THREE, LOGS)
def test_every_failure_is_open_or_answered_by_a_later_run_whatever_the_order(
    three: Three, log: tuple[str, ...]
) -> None:
    world, seen = World(), list[StoppedTask]()
    for number in three.arriving:
        task = three.tasks[number]
        known, before = task in seen, len(world.told)
        delivered(world, task, log)
        seen.append(task)
        failures = [each for each in seen if not succeeded(each)]
        still_broken = [each for each in failures if not has_passed(each, seen)]
        state = world.ledger.read(JOB)
        assert (state.open_incident is not None) == bool(still_broken)
        assert {each.task_id for each in seen} == world.ledger.runs.keys()
        if state.open_incident:
            assert state.open_incident.failed
            latest, failed = max(map(created, still_broken)), state.open_incident.failed
            assert failed.task_id in {each.task_id for each in still_broken}
            assert latest - failed.created_at < TOGETHER
            held = [each for each in world.timers.of(ReleaseTimer) if each.incident == state.open_incident.id]
            assert state.open_incident.state is IncidentState.ALERTED or state.open_incident.held_until == held[0].at
        if known:
            assert len(world.told) == before
        if any(kind in {"healed", "recovered"} for kind, _ in world.told[before:]):
            assert not still_broken
