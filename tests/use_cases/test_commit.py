"""An incident that people follow never changes without a message, in any use case."""

from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cronmend.alerting.news import with_progress
from cronmend.errors import NotFound, Retryable
from cronmend.model.incident import Change, Commit, JobState
from cronmend.model.wakeups import ReleaseTimer
from cronmend.use_cases.alerting.acknowledge import Acknowledgements
from cronmend.use_cases.commit import TRIES, commit
from local.memory.alerting import MemoryMutes
from local.memory.ledger import MemoryLedger
from tests.fakes import NOW
from tests.samples import JOB
from tests.use_cases.healing.test_requested_run import ask
from tests.use_cases.test_bounds import ANY_STEP, Step, histories
from tests.use_cases.world import World


@dataclass
class WatchedLedger(MemoryLedger):
    def commit(self, change: Change, now: datetime) -> Commit:
        assert with_progress(self.read(change.job_state.job), change, now) == change
        return super().commit(change, now)


def somebody_acknowledges(world: World, name: str, now: datetime) -> None:
    try:
        Acknowledgements(world.ledger, MemoryMutes()).acknowledge(JOB, name, now)
    except NotFound:
        assert world.ledger.read(JOB).incident is None or not world.incident.is_open


def somebody_asks_for_a_run(world: World, name: str, now: datetime) -> None:
    ask(world, force=True, at=now)


def alert_is_released(world: World, name: str, now: datetime) -> None:
    """From here on, people are alerted, and a re-run is still planned."""
    for timer in world.timers.of(ReleaseTimer):
        world.due.handle(timer, now)


MORE = st.sampled_from((somebody_acknowledges, somebody_asks_for_a_run, alert_is_released, alert_is_released))


@settings(max_examples=300, deadline=None)
@given(histories(ANY_STEP | MORE))
def test_no_change_that_people_follow_is_written_without_its_message(steps: list[tuple[Step, int]]) -> None:
    world, now = World(ledger=WatchedLedger()), NOW
    for number, (step, minutes) in enumerate(steps):
        now += timedelta(minutes=minutes)
        step(world, f"t{number}", now)


def test_a_decision_is_made_again_on_what_another_invocation_has_written() -> None:
    ledger, seen = MemoryLedger(), []

    def decide(job_state: JobState) -> Change:
        seen.append(job_state.version)
        if len(seen) == 1:
            ledger.commit(Change(job_state), NOW)
        return Change(replace(job_state))

    _, written = commit(ledger, JOB, NOW, decide)
    assert (written, seen) == (Commit.DONE, [0, 1])


def test_a_state_that_keeps_changing_is_tried_again_later() -> None:
    ledger = MemoryLedger()

    def decide(job_state: JobState) -> Change:
        ledger.commit(Change(job_state), NOW)
        return Change(job_state)

    with pytest.raises(Retryable, match=f"changed {TRIES} times"):
        commit(ledger, JOB, NOW, decide)
