"""Every kind of promise is kept, once, if its timer never fires and its event never comes: reconcile finds it."""

from collections.abc import Callable
from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend.alerting.routes import Route
from cronmend.deploys import Phase
from cronmend.errors import Retryable
from cronmend.healing.after_run import timers_of
from cronmend.model.mutes import Mute
from cronmend.model.report import MessageKind
from cronmend.model.wakeups import RerunTimer
from tests.fakes import NOW
from tests.samples import CLUSTER, JOB, service, stopped
from tests.use_cases.alerting.alerting_world import kinds, message
from tests.use_cases.healing import holding
from tests.use_cases.promised_world import Promised, key
from tests.use_cases.test_crashes import Crash, Killed

ESCALATES = Route("default", channels=("slack", "sns"), escalate_to="oncall", escalate_after=timedelta(minutes=20))
TEN_MINUTES = timedelta(minutes=10)
type Step = Callable[[Promised], datetime]
"""Makes a promise; returns when it is due."""


def planned_rerun(it: Promised) -> datetime:
    it.healing.services.services = (service(1),)
    it.tries(lambda: it.healing.fails(at=it.now))
    it.healing.services.services = (service(2, "COMPLETED", created=NOW, updated=NOW),)
    planned = it.healing.incident.planned
    assert planned
    return planned.at


def held_alert(it: Promised) -> datetime:
    """The re-run is cancelled: the job's schedule is due first."""
    it.healing.services.services = (service(1),)
    it.tries(lambda: it.healing.fails(at=it.now))
    incident = it.healing.incident
    assert incident.held_until
    it.healing.ledger.job_states[JOB] = replace(
        it.healing.ledger.read(JOB), incident=replace(incident, planned=None, no_rerun="the slot is near")
    )
    return incident.held_until


def claimed_attempt(it: Promised) -> datetime:
    """Killed between the claim and RunTask, and never delivered again."""
    due = planned_rerun(it)
    it.now = due
    crash = Crash(1)
    crash.wrap(it.healing.ledger, "commit")
    (timer,) = (each for each in timers_of(it.healing.incident) if isinstance(each, RerunTimer))
    with pytest.raises(Killed):
        it.healing.wakes(timer, it.now)
    crash.after = -1
    assert it.healing.tasks.started == {}
    return it.now


def held_schedule(it: Promised) -> datetime:
    it.tries(lambda: holding.starts(it.healing))
    (hold,) = it.healing.holds.of(CLUSTER)
    it.now = max(it.now, hold.since)
    return hold.until


def released_schedule(it: Promised) -> datetime:
    held_schedule(it)
    it.tries(lambda: holding.ends(it.healing))
    it.now = holding.ENDED
    return it.now


def unsent_message(it: Promised) -> datetime:
    """The stream never delivers it."""
    it.healing.ledger.put(message(), it.now)
    return it.healing.ledger.unoffered[key(message())]


def waiting_delivery(it: Promised) -> datetime:
    it.alerting.slack.failures = [Retryable("503")]
    it.healing.ledger.put(message(), it.now)
    it.tries(it.streams)
    return it.now + timedelta(seconds=30)


def conversation(it: Promised) -> datetime:
    it.alerting.route = Route("default", channels=("sns",))
    it.healing.ledger.put(message(), it.now)
    it.healing.ledger.put(message(2), it.now)
    it.tries(it.streams)
    return it.now + timedelta(minutes=5)


def muted_alert(it: Promised) -> datetime:
    until = it.now + timedelta(days=30)
    it.alerting.mutes.set(Mute("site/*", until, "jane"))
    it.healing.ledger.put(message(), it.now)
    it.tries(it.streams)
    return until


def escalation(it: Promised) -> datetime:
    it.alerting.route = ESCALATES
    it.alerting.opens(message())
    it.healing.ledger.put(message(), it.now)
    it.tries(it.streams)
    return it.now + timedelta(minutes=20)


@dataclass(frozen=True)
class Kind:
    promised: Step
    kept: Callable[[Promised], int]
    """How often it was kept."""


def released(it: Promised) -> int:
    return int(holding.enabled(it.healing) and it.healing.holds.of(CLUSTER) == [])


KINDS = {
    "a planned re-run": Kind(planned_rerun, lambda it: it.started),
    "a held alert": Kind(held_alert, lambda it: it.of_kind("alert")),
    "a claimed attempt": Kind(claimed_attempt, lambda it: it.started),
    "the limit of a hold": Kind(held_schedule, released),
    "the release of a hold": Kind(released_schedule, released),
    "a message": Kind(unsent_message, lambda it: kinds(it.alerting.sns).count("alert")),
    "a delivery that waits": Kind(waiting_delivery, lambda it: kinds(it.alerting.slack).count("alert")),
    "a conversation": Kind(conversation, lambda it: kinds(it.alerting.sns).count("group")),
    "the end of a mute": Kind(muted_alert, lambda it: kinds(it.alerting.sns).count("alert")),
    "an escalation": Kind(escalation, lambda it: it.of_kind("escalation")),
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(offset=st.integers(0, 299))
def test_a_promise_whose_timer_never_fires_is_kept_within_ten_minutes_and_once(kind: Kind, offset: int) -> None:
    it = Promised()
    due = kind.promised(it)
    assert kind.kept(it) == 0
    it.now = max(it.now, due)
    it.passes(TEN_MINUTES, timedelta(seconds=offset), stream=False)
    assert kind.kept(it) == 1
    it.passes(timedelta(hours=2), stream=False)
    assert kind.kept(it) == 1


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_nothing_is_done_before_it_is_due(kind: Kind) -> None:
    it = Promised()
    due = kind.promised(it)
    it.now = max(it.now, due - timedelta(seconds=1))
    it.reconcile()
    assert kind.kept(it) == 0


@pytest.mark.parametrize("name", [name for name in KINDS if name not in {"a message", "a claimed attempt"}])
def test_a_promise_whose_timer_could_not_be_set_for_four_minutes_is_kept(name: str) -> None:
    kind, it = KINDS[name], Promised()
    it.scheduler_is_away(away=True)
    due = kind.promised(it)
    it.passes(timedelta(minutes=4), stream=False)
    it.scheduler_is_away(away=False)
    it.passes(max(due - it.now, timedelta(0)) + 2 * TEN_MINUTES)
    assert kind.kept(it) == 1


def test_a_release_whose_ledger_is_away_is_done_later() -> None:
    it = Promised()
    due = held_alert(it)
    it.now = due
    commit = it.healing.ledger.commit

    def away(*_: object) -> None:
        raise Retryable("the ledger didn't answer")

    it.healing.ledger.commit = away  # type: ignore[method-assign, assignment] # the ledger is away
    it.passes(TEN_MINUTES, stream=False)
    assert it.failures
    it.healing.ledger.commit = commit  # type: ignore[method-assign] # it is back
    it.passes(TEN_MINUTES, stream=False)
    assert it.of_kind("alert") == 1


def test_a_kill_before_the_timer_of_an_escalation_does_not_lose_it() -> None:
    it = Promised()
    it.alerting.route = ESCALATES
    it.alerting.opens(message())
    it.healing.ledger.put(message(), it.now)
    crash = Crash(1)
    crash.wrap(it.alerting.outbox, "note")
    with pytest.raises(Killed):
        it.streams()
    assert kinds(it.alerting.slack) == kinds(it.alerting.sns) == ["alert"]
    crash.after = -1
    it.passes(timedelta(minutes=45), stream=False)
    assert it.of_kind("escalation") == 1
    assert kinds(it.alerting.slack).count("alert") == 1


def test_a_deploy_that_failed_keeps_no_schedule_disabled() -> None:
    it = Promised()
    held_schedule(it)
    it.tries(lambda: holding.ends(it.healing, phase=Phase.FAILED))
    it.now = holding.ENDED
    it.passes(TEN_MINUTES, stream=False)
    assert released(it) == 1


def test_an_escalation_waits_for_a_mute_and_is_kept_after_it() -> None:
    it = Promised()
    due = escalation(it)
    until = due + timedelta(days=29)
    it.alerting.mutes.set(Mute("site/*", until, "jane"))
    it.now = due
    it.passes(TEN_MINUTES, stream=False)
    assert it.of_kind(MessageKind.ESCALATION) == 0
    it.now = until + timedelta(minutes=20)
    it.passes(TEN_MINUTES, stream=False)
    assert it.of_kind(MessageKind.ESCALATION) == 1


def test_the_run_of_a_claim_that_was_given_up_is_not_started() -> None:
    it = Promised()
    claimed_attempt(it)
    it.healing.succeeds(stopped("b2", exit_code=0, created_at=it.now, stopped_at=it.now), it.now)
    it.passes(TEN_MINUTES, stream=False)
    assert it.started == 0
    assert it.promises.overdue(it.now, 10) == []
