"""One contract for the ledger: the fake that the use cases are tested with, and DynamoDB."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.outbox import DynamoOutbox, message_of
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.errors import NotFound
from cronmend.healing.transitions import claimed
from cronmend.model import Missing
from cronmend.model.incident import Attempt, Change, Commit, JobState
from local.memory.ledger import MemoryLedger
from tests.cloudformation import Template
from tests.fakes import NOW, later
from tests.samples import JOB, service, stopped
from tests.use_cases.world import CLUSTER, World

type AnyLedger = MemoryLedger | DynamoLedger
TEMPLATE = Template.read()


def table() -> DynamoLedger:
    client = boto3.client("dynamodb")
    client.create_table(
        TableName="ledger",
        **TEMPLATE.table(),
    )
    return DynamoLedger("ledger", timedelta(days=90), hourly_reruns=30, client=client)


@pytest.fixture(params=["fake", "dynamodb"])
def ledger(request: pytest.FixtureRequest, aws: None) -> AnyLedger:
    return MemoryLedger() if request.param == "fake" else table()


def race_change(job_state: JobState | None = None, task_id: str = "a1") -> Change:
    """The change that a failed run in an open deploy window writes."""
    world = World()
    if job_state:
        world.ledger.job_states[JOB] = job_state
    world.fails(stopped(task_id))
    written = world.ledger.read(JOB)
    return Change(replace(written, version=job_state.version if job_state else 0), world.ledger.runs[task_id])


def alert_change() -> Change:
    world = World()
    world.services.services = (service(2),)
    world.fails()
    job_state = replace(world.ledger.read(JOB), version=0)
    return Change(job_state, world.ledger.runs["a1"], tuple(world.ledger.messages))


def test_a_new_job_has_an_empty_state(ledger: AnyLedger) -> None:
    assert ledger.read(JOB) == JobState(JOB)
    assert ledger.run("a1") is None
    assert ledger.attempt("k") is None


def test_what_is_written_is_read_back_unchanged(ledger: AnyLedger) -> None:
    change = race_change()
    assert ledger.commit(change, NOW) is Commit.DONE
    assert ledger.read(JOB) == replace(change.job_state, version=1)
    assert ledger.run("a1") == change.run


def test_a_run_is_written_once(ledger: AnyLedger) -> None:
    assert ledger.commit(race_change(), NOW) is Commit.DONE
    assert ledger.commit(race_change(), NOW) is Commit.KNOWN
    assert ledger.read(JOB).version == 1


def test_a_decision_on_a_stale_state_is_refused_as_a_whole(ledger: AnyLedger) -> None:
    assert ledger.commit(race_change(), NOW) is Commit.DONE
    stale = race_change(task_id="a2")
    assert ledger.commit(stale, NOW) is Commit.AGAIN
    assert ledger.run("a2") is None


def test_an_attempt_is_claimed_once(ledger: AnyLedger) -> None:
    ledger.commit(race_change(), NOW)
    job_state = ledger.read(JOB)
    assert ledger.commit(claimed(job_state, NOW), NOW) is Commit.DONE
    again = claimed(replace(job_state, version=2), NOW)
    assert ledger.commit(again, NOW) is Commit.KNOWN
    assert again.claim is not None
    assert ledger.attempt(again.claim.key) == again.claim


def test_the_run_of_an_attempt_is_stored(ledger: AnyLedger) -> None:
    ledger.commit(race_change(), NOW)
    claim = claimed(ledger.read(JOB), NOW)
    ledger.commit(claim, NOW)
    assert claim.claim is not None
    ledger.started(claim.claim, "arn:task")
    noted = ledger.attempt(claim.claim.key)
    assert noted == replace(claim.claim, task_arn="arn:task")


@pytest.mark.parametrize("make", [lambda: MemoryLedger(hourly_reruns=1), table])
def test_the_hourly_bound_over_all_jobs(make: Callable[[], Any], aws: None) -> None:
    ledger = make()
    if isinstance(ledger, DynamoLedger):
        ledger = DynamoLedger("ledger", timedelta(days=90), hourly_reruns=1, client=boto3.client("dynamodb"))
    ledger.commit(race_change(), NOW)
    first = claimed(ledger.read(JOB), NOW)
    assert ledger.commit(first, NOW) is Commit.DONE
    second = claimed(ledger.read(JOB), NOW)
    assert ledger.commit(second, NOW) is Commit.OVER_BUDGET
    assert ledger.read(JOB).incident == first.job_state.incident
    turned = NOW.replace(hour=NOW.hour + 1, minute=0, second=5)
    assert ledger.commit(second, turned) is Commit.OVER_BUDGET
    assert ledger.commit(second, later(59.99)) is Commit.OVER_BUDGET
    assert ledger.commit(second, later(60)) is Commit.DONE


def test_waiting_lists_a_clusters_races_and_forgets_them_when_they_run(ledger: AnyLedger) -> None:
    ledger.commit(race_change(), NOW)
    (waiting,) = ledger.waiting(CLUSTER)
    assert waiting == ledger.read(JOB).incident
    assert list(ledger.waiting(f"{CLUSTER}-other")) == []
    ledger.commit(claimed(ledger.read(JOB), NOW), NOW)
    assert list(ledger.waiting(CLUSTER)) == []


def test_storing_a_delivery_of_an_expired_message_is_no_error(aws: None) -> None:
    """It was delivered, so an error here would send it again."""
    table()
    (message,) = alert_change().messages
    outbox = DynamoOutbox("ledger")
    outbox.note(message, "sns", Delivery(DeliveryState.SENT, NOW))
    assert outbox.deliveries(message) == {}


def test_a_message_from_the_stream_is_complete(aws: None) -> None:
    ledger = table()
    change = alert_change()
    ledger.commit(change, NOW)
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    (image,) = [item for item in items if item["sk"]["S"].startswith("MESSAGE#")]
    assert message_of(image) == change.messages[0]
    with pytest.raises(NotFound, match="contains no message"):
        message_of({"pk": {"S": "JOB#x"}, "sk": {"S": "BOOK"}})


def test_records_expire_but_the_job_state_does_not(aws: None) -> None:
    ledger = table()
    ledger.commit(alert_change(), NOW)
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    expiries = {item["sk"]["S"].split("#")[0]: item.get("expires_at", {}).get("N") for item in items}
    assert expiries.pop("BOOK") is None
    assert set(expiries.values()) == {str(int((NOW + timedelta(days=90)).timestamp()))}


def test_an_attempt_without_a_slot_survives_the_round_trip(aws: None) -> None:
    ledger = table()
    change = claimed(replace(race_change().job_state, version=0), NOW)
    ledger.commit(change, NOW)
    assert isinstance(change.claim, Attempt)
    assert ledger.attempt(change.claim.key) == change.claim
    assert not isinstance(change.claim, Missing)
