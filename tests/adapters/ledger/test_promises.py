"""What was promised is found when it is overdue: one contract for the stores in memory and DynamoDB's index."""

from collections.abc import Callable
from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from cronmend.adapters.ledger.alert_promises import DynamoAlertPromises
from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.adapters.ledger.promises import DynamoPromises
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.deploys.holds import new_hold
from cronmend.healing.due_times import STREAM
from cronmend.healing.transitions import claimed
from cronmend.model.alert_wakeups import EscalateTimer, FlushTimer
from cronmend.model.incident import Change, JobState
from cronmend.model.promises import Promise, PromiseKind
from local.memory.alerting import MemoryAlertPromises, MemoryOutbox
from local.memory.deploys import MemoryHolds
from local.memory.ledger import MemoryLedger
from local.memory.promises import MemoryPromises
from tests.adapters.ledger.test_ledger import race_change, table
from tests.fakes import NOW, later
from tests.samples import CLUSTER, JOB
from tests.use_cases.alerting.alerting_world import message
from tests.use_cases.world import World

DAYS = timedelta(days=7)
FOREVER = later(60 * 24 * 60)


@dataclass
class Stores:
    ledger: Any
    alerts: Any
    outbox: Any
    holds: Any
    promises: Any


@pytest.fixture(params=["memory", "dynamodb"])
def stores(request: pytest.FixtureRequest, aws: None) -> Stores:
    if request.param == "dynamodb":
        ledger = table()
        alerts, holds = DynamoAlertPromises("ledger", DAYS), DynamoHolds("ledger")
        return Stores(ledger, alerts, DynamoOutbox("ledger"), holds, DynamoPromises("ledger"))
    memory, kept, held = MemoryLedger(), MemoryAlertPromises(), MemoryHolds()
    offers = MemoryOutbox(memory.messages, unoffered=memory.unoffered)
    return Stores(memory, kept, offers, held, MemoryPromises(memory, kept, held, CLUSTER))


def overdue(stores: Stores, at: datetime = FOREVER) -> list[tuple[PromiseKind, datetime]]:
    return [(each.kind, each.due) for each in stores.promises.overdue(at, 100)]


def the_one(stores: Stores, kind: PromiseKind) -> Promise:
    (found,) = (each for each in stores.promises.overdue(FOREVER, 100) if each.kind is kind)
    promise: Promise = found
    return promise


def test_an_open_incident_is_due_at_its_first_timer_until_it_is_over(stores: Stores) -> None:
    stores.ledger.commit(race_change(), NOW)
    job_state = stores.ledger.read(JOB)
    planned, held = job_state.incident.planned.at, job_state.incident.held_until
    assert overdue(stores) == [(PromiseKind.JOB, planned)]
    assert overdue(stores, planned - timedelta(microseconds=1)) == []
    assert stores.promises.read(the_one(stores, PromiseKind.JOB)) == job_state
    later_on = replace(job_state, incident=replace(job_state.incident, planned=None))
    stores.ledger.commit(Change(later_on), NOW)
    assert overdue(stores) == [(PromiseKind.JOB, held)]
    over = replace(later_on, version=2, incident=replace(job_state.incident, planned=None, held_until=None))
    stores.ledger.commit(Change(over), NOW)
    assert overdue(stores) == []


def test_a_claim_is_due_at_once_until_its_task_is_known(stores: Stores) -> None:
    stores.ledger.commit(race_change(), NOW)
    claim = claimed(stores.ledger.read(JOB), later(5))
    stores.ledger.commit(claim, later(5))
    assert (PromiseKind.ATTEMPT, later(5)) in overdue(stores)
    assert stores.promises.read(the_one(stores, PromiseKind.ATTEMPT)) == claim.claim
    stores.ledger.started(claim.claim, "arn:task")
    assert [kind for kind, _ in overdue(stores)] == [PromiseKind.JOB]


def test_a_claim_that_a_person_asked_for_is_no_promise(stores: Stores) -> None:
    stores.ledger.commit(race_change(), NOW)
    claim = claimed(stores.ledger.read(JOB), later(5))
    assert claim.claim
    stores.ledger.commit(replace(claim, claim=replace(claim.claim, incident="", by="jane")), later(5))
    assert [kind for kind, _ in overdue(stores)] == [PromiseKind.JOB]


def test_a_hold_is_due_at_its_limit_until_it_is_removed(stores: Stores) -> None:
    hold = stores.holds.put(new_hold(JOB, CLUSTER, "webapp", "v1", NOW, later(30)))
    assert overdue(stores) == [(PromiseKind.HOLD, later(30))]
    assert stores.promises.read(the_one(stores, PromiseKind.HOLD)) == hold
    sooner = stores.holds.put(replace(hold, until=later(4)))
    assert overdue(stores) == [(PromiseKind.HOLD, later(4))]
    stores.holds.remove(sooner)
    assert overdue(stores) == []


@pytest.mark.parametrize("apart", [True, False])
def test_a_message_is_due_until_all_channels_were_offered_it(stores: Stores, apart: bool) -> None:
    sent = message()
    stores.ledger.commit(Change(JobState(sent.job), messages=(sent,)), NOW)
    assert overdue(stores) == [(PromiseKind.MESSAGE, NOW + STREAM)]
    assert stores.promises.read(the_one(stores, PromiseKind.MESSAGE)) == sent
    sns = Delivery(DeliveryState.SENT, NOW)
    stores.outbox.note(sent, {"sns": sns})
    assert overdue(stores) == [(PromiseKind.MESSAGE, NOW + STREAM)]
    stores.outbox.note(sent, {} if apart else {"slack": sns}, offered=True)
    assert overdue(stores) == []
    assert set(stores.outbox.deliveries(sent)) == {"sns", *(() if apart else ("slack",))}


FLUSH = FlushTimer("site/job-1", "slack#cause#2026", later(5))
ESCALATE = EscalateTimer("site/job-1", "incident-1", "default", "alert-x", later(20), postponed=2)


@pytest.mark.parametrize("timer", [FLUSH, ESCALATE])
def test_a_timer_is_due_until_it_was_handled(stores: Stores, timer: FlushTimer | EscalateTimer) -> None:
    for _ in range(2):
        stores.alerts.keep(timer)
    assert overdue(stores) == [(PromiseKind.TIMER, timer.at)]
    assert stores.promises.read(the_one(stores, PromiseKind.TIMER)) == timer
    stores.alerts.handled(timer)
    stores.alerts.handled(timer)
    assert overdue(stores) == []


def test_the_oldest_come_first_and_no_more_than_asked_for(stores: Stores) -> None:
    for minutes in (7, 3, 5):
        stores.alerts.keep(replace(FLUSH, at=later(minutes)))
    assert [each.due for each in stores.promises.overdue(later(6), 9)] == [later(3), later(5)]
    assert [each.due for each in stores.promises.overdue(later(9), 2)] == [later(3), later(5)]


def test_a_promise_that_has_moved_is_neither_read_nor_settled(stores: Stores) -> None:
    stores.ledger.commit(race_change(), NOW)
    stale = the_one(stores, PromiseKind.JOB)
    job_state = stores.ledger.read(JOB)
    planned = replace(job_state.incident.planned, at=later(9))
    stores.ledger.commit(Change(replace(job_state, incident=replace(job_state.incident, planned=planned))), NOW)
    assert stores.promises.read(stale) is None
    stores.promises.settle(stale)
    assert overdue(stores) == [(PromiseKind.JOB, later(9))]


def test_a_settled_promise_is_not_listed_again(stores: Stores) -> None:
    stores.ledger.commit(race_change(), NOW)
    stores.promises.settle(the_one(stores, PromiseKind.JOB))
    assert overdue(stores) == []
    assert stores.ledger.read(JOB).incident is not None


def expiry(prefix: str) -> datetime | None:
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    (item,) = (each for each in items if each["sk"]["S"].startswith(prefix))
    return datetime.fromtimestamp(int(item["expires_at"]["N"]), tz=NOW.tzinfo) if "expires_at" in item else None


def seconds(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def test_neither_an_escalation_nor_its_message_expires_before_it_is_due(aws: None) -> None:
    ledger = table()
    sent = message()
    ledger.commit(Change(JobState(sent.job), messages=(sent,)), NOW)
    due = NOW + timedelta(days=30)
    timer = EscalateTimer(sent.job, sent.incident, "default", sent.change, due)
    DynamoAlertPromises("ledger", DAYS).keep(timer)
    assert expiry("MESSAGE#") == expiry("TIMER#") == seconds(due + DAYS)


@pytest.mark.parametrize("write", ["keep", "offered"])
def test_a_message_that_has_expired_is_not_written_again(aws: None, write: str) -> None:
    table()
    alerts = DynamoAlertPromises("ledger", DAYS)
    done: Callable[[], None] = {
        "keep": lambda: alerts.keep(ESCALATE),
        "offered": lambda: DynamoOutbox("ledger").note(message(), {}, offered=True),
    }[write]
    done()
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    assert [item["sk"]["S"] for item in items if item["sk"]["S"].startswith("MESSAGE#")] == []


def test_the_message_about_an_open_circuit_is_promised(aws: None) -> None:
    table()
    DynamoCircuit("ledger", DAYS).open(later(60), message(), NOW)
    (found,) = DynamoPromises("ledger").overdue(later(60), 10)
    assert (found.kind, found.due) == (PromiseKind.MESSAGE, NOW + STREAM)


def test_a_run_that_succeeds_promises_nothing(stores: Stores) -> None:
    """So a healthy hour writes nothing to the index."""
    world = World()
    world.succeeds()
    stores.ledger.commit(Change(JobState(JOB, history=world.ledger.read(JOB).history), world.ledger.runs["b2"]), NOW)
    assert stores.ledger.read(JOB).history.last_success_at
    assert overdue(stores) == []
