"""One call of reconcile: cheap when nothing is wrong, bounded, fair, and not stopped by a bad item."""

from copy import replace
from datetime import timedelta

import pytest

from cronmend.errors import Retryable
from cronmend.healing.due_times import OFTEN, goes_first
from cronmend.model.alert_wakeups import DeliverTimer, Timer
from cronmend.model.incident import Attempt
from cronmend.model.promises import PromiseKind
from cronmend.model.wakeups import ReleaseTimer
from cronmend.use_cases import reconcile
from tests.fakes import NOW
from tests.samples import JOB, service
from tests.use_cases.alerting.alerting_world import message
from tests.use_cases.promised_world import Promised
from tests.use_cases.world import World, of_job, out_of_capacity

JOBS = [f"site/job-{number:03}" for number in range(8)]


def broken(*jobs: str) -> Promised:
    """Each job has an open incident with a held alert; all of it is overdue."""
    it = Promised()
    for number, job in enumerate(jobs):
        it.healing.schedules.schedules[job] = replace(it.healing.schedules.schedules[JOB], job=job)
        at = NOW + timedelta(seconds=number)
        it.healing.stopped.handle(of_job(job, out_of_capacity(f"task-{number}")), at)
    it.now = NOW + timedelta(hours=2)
    return it


def test_if_nothing_is_overdue_it_asks_the_ledger_once_and_does_nothing() -> None:
    it = Promised(healing=World())
    it.healing.services.services = (service(1),)
    it.healing.fails()
    assert it.reconcile() == reconcile.Reconciled(overdue=0, late=0)
    assert it.promises.queries == 1


def test_the_oldest_are_kept_first_and_the_rest_is_left_for_the_next_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "MOST_WOKEN", 3)
    it = broken(*JOBS)
    oldest_first = [each.row[0].removeprefix("JOB#") for each in it.promises.overdue(it.now, 100)]
    woken: list[str] = []
    for remaining in (5, 2, 0):
        result = it.reconcile()
        assert result.remaining == remaining
        woken += dict.fromkeys(timer.job for timer in result.woken)
        it.streams()
    assert woken == oldest_first


def test_an_item_that_fails_stops_no_other_and_is_named() -> None:
    it = broken(*JOBS)
    wake = it.wake

    def refused(timer: Timer) -> None:
        if timer.job == JOBS[0]:
            raise Retryable("Lambda didn't answer")
        wake(timer)

    it.wake = refused  # type: ignore[method-assign] # Lambda in this test
    result = it.reconcile()
    assert [(promise.row[0], reason) for promise, reason in result.failed] == [
        (f"JOB#{JOBS[0]}", "Retryable: Lambda didn't answer")
    ]
    assert {timer.job for timer in result.woken} == set(JOBS[1:])


def test_what_is_late_is_counted_for_the_alarm() -> None:
    it = broken(JOBS[0])
    due = it.promises.overdue(it.now, 1)[0].due
    for overdue, late in ((timedelta(minutes=15), 0), (timedelta(minutes=15, seconds=1), 1)):
        it.now = due + overdue
        it.promises.settled.clear()
        it.wake = lambda timer: None  # type: ignore[method-assign] # no function handles it
        assert (it.reconcile().overdue, it.reconcile().late) == (1, late)


def test_a_timer_that_may_be_on_its_way_is_left_alone() -> None:
    it = broken(JOBS[0])
    due = it.promises.overdue(it.now, 1)[0].due
    it.now = due + reconcile.TOLERANCE - timedelta(seconds=1)
    assert it.reconcile().overdue == 0
    it.now = due + reconcile.TOLERANCE
    assert it.reconcile().overdue == 1


def test_a_job_gets_one_of_its_messages_a_call_the_oldest_first() -> None:
    it = Promised()
    for change in ("alert", "healed"):
        it.healing.ledger.put(message(change=change), it.now)
        it.now += timedelta(seconds=1)
    it.now += timedelta(minutes=10)
    sent: list[Timer] = []
    it.wake = sent.append  # type: ignore[method-assign, assignment] # Lambda in this test
    assert it.reconcile().remaining == 1
    assert [timer.change for timer in sent if isinstance(timer, DeliverTimer)] == ["alert"]


def test_a_promise_that_was_kept_a_moment_ago_is_left_alone() -> None:
    """The index lags behind the items."""
    it = broken(JOBS[0])
    stale = it.promises.overdue(it.now, 10)
    it.reconcile()
    it.promises.overdue = lambda before, most: stale  # type: ignore[method-assign] # as it was
    result = it.reconcile()
    assert (result.woken, result.settled, result.failed) == ((), (), ())


def test_a_woken_release_carries_the_incident() -> None:
    it = broken(JOBS[0])
    released = [timer for timer in it.reconcile().woken if isinstance(timer, ReleaseTimer)]
    assert [(timer.job, timer.incident) for timer in released] == [(JOBS[0], "task-0")]


def test_a_promise_that_fails_for_hours_goes_first_once_an_hour() -> None:
    calls = [NOW + timedelta(minutes=5 * number) for number in range(1, 61)]
    turns = [at - NOW for at in calls if goes_first(NOW, at)]
    assert turns[:11] == [timedelta(minutes=5 * number) for number in range(1, 12)]
    assert turns[11:] == [OFTEN * number for number in range(1, 6)]


def test_promises_that_fail_for_hours_starve_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile, "MOST_WOKEN", 3)
    it = broken(*JOBS)
    it.healing.ledger.put(message(), it.now - timedelta(minutes=30))
    it.now += timedelta(minutes=20)
    sent: list[Timer] = []
    it.wake = sent.append  # type: ignore[method-assign, assignment] # the other functions fail
    it.reconcile()
    assert [timer.job for timer in sent if isinstance(timer, DeliverTimer)] == [message().job]


def test_a_promise_that_nothing_is_left_of_is_settled_and_named() -> None:
    """An attempt that was claimed and then given up: its incident has gone on without it."""
    it = broken()
    it.healing.fails()
    claim = Attempt("key", JOB, it.healing.incident.id, 2, NOW)
    it.healing.ledger.attempts[claim.key] = claim
    it.now = NOW + timedelta(minutes=3)
    result = it.reconcile()
    assert [promise.kind for promise in result.settled] == [PromiseKind.ATTEMPT]
    assert it.reconcile().settled == ()
