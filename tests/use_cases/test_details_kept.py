"""The details that an alert compares the failed run with are stored."""

from copy import replace
from datetime import timedelta

from cronmend.adapters.ledger.items import deserialized, from_item, serialized, to_item
from cronmend.errors import Retryable
from cronmend.healing.order import DURATIONS
from cronmend.model import Container, LogPlace
from cronmend.model.incident import Incident, JobState
from cronmend.model.report import FactKey
from cronmend.model.wakeups import RerunTimer
from tests.fakes import later
from tests.incidents import BROKEN
from tests.samples import JOB, service, stopped
from tests.use_cases.test_task_state import BUG_LOG
from tests.use_cases.world import World, out_of_capacity, unstarted


def test_an_incident_has_the_log_the_runs_duration_and_the_last_success() -> None:
    world = World()
    world.services.services = (service(2),)
    world.succeeds(stopped("ok", 1, 0, started_at=later(-62), stopped_at=later(-60)), later(-60))
    world.fails(stopped(started_at=later(-1), stopped_at=later(0)), BUG_LOG)
    failed = world.incident.failed
    assert failed is not None
    assert failed.log == LogPlace("/ecs/app-prod", "web/web/a1", "eu-west-2")
    assert (failed.seconds, failed.ended_at) == (60, later(0))
    assert (failed.last_good.last_success_revision, failed.last_good.durations) == (1, (120,))
    (message,) = world.ledger.messages
    assert {each.key: each.value for each in message.report.facts}[FactKey.CHANGED_SINCE].startswith("webapp 1 → 2")
    assert [label for label, _ in message.report.links] == ["Log", "Task", "Schedule"]


def test_only_the_latest_durations_are_kept() -> None:
    world = World()
    for number in range(DURATIONS + 5):
        at = later(number * 60)
        took = timedelta(seconds=number)
        created = at - timedelta(minutes=1)
        task = stopped(f"s{number}", exit_code=0, created_at=created, started_at=at - took, stopped_at=at)
        world.succeeds(task, at)
    assert world.ledger.read(JOB).history.durations == tuple(range(5, DURATIONS + 5))


def test_only_redacted_and_bounded_text_is_kept() -> None:
    world = World()
    container = Container("web", 1, reason="OutOfMemoryError: Container killed due to memory usage")
    world.fails(stopped(containers=(container,)), BUG_LOG)
    assert world.incident.diagnosis.fatal_error is None
    assert world.incident.failed is not None
    assert world.incident.failed.container == replace(container, reason="")


def test_the_ledger_gives_back_what_orders_and_blocks_runs() -> None:
    world = unstarted()
    world.succeeds()
    world.stopped.handle(replace(out_of_capacity("a2"), created_at=later(10), stopped_at=later(11)), later(11))
    (timer,) = [each for each in world.timers.of(RerunTimer) if each.incident == "a2"]
    world.tasks.refusal = Retryable("no answer")
    world.due.handle(timer, timer.at)
    state = world.ledger.read(JOB)
    assert state.claim
    assert state.claim.again_at
    assert state.last_own
    assert state.history.last_success
    assert from_item(JobState, deserialized(serialized(to_item(state)))) == state


def test_the_ledger_gives_back_what_an_alert_needs() -> None:
    kept = deserialized(serialized(to_item(BROKEN)))
    assert from_item(Incident, kept) == BROKEN
