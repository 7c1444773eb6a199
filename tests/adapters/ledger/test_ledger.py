"""One contract for the ledger: the fake that the use cases are tested with, and DynamoDB."""

from collections.abc import Callable
from copy import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest

from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.latest_runs import DynamoLatestRuns
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.outbox import DynamoOutbox, message_of
from cronmend.adapters.ledger.rows import of_kind
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.errors import NotFound
from cronmend.healing.transitions import claimed
from cronmend.model import Missing
from cronmend.model.incident import Attempt, Change, Commit, Found, Incident, JobState
from cronmend.model.schedules import LookAlike
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


def test_a_jobs_look_alikes_are_read_back(ledger: AnyLedger) -> None:
    state = JobState(JOB, look_alikes=(LookAlike("g/present"), LookAlike("g/gone", NOW)))
    assert ledger.commit(Change(state), NOW) is Commit.DONE
    assert ledger.read(JOB) == replace(state, version=1)


def success_change(ledger: AnyLedger, number: int = 1, seconds: int = 0) -> Change:
    """Of the job's current state; each success is a minute later, and handled so many seconds after it."""
    world = World()
    world.ledger.job_states[JOB] = ledger.read(JOB)
    at, handled = later(number), later(number) + timedelta(seconds=seconds)
    record = world.succeeds(stopped(f"s{number}", exit_code=0, created_at=later(number - 0.5), stopped_at=at), handled)
    return Change(replace(world.ledger.read(JOB), version=ledger.read(JOB).version), record)


def test_what_is_looked_up_at_once_is_what_is_read_alone(ledger: AnyLedger) -> None:
    assert ledger.look_up(JOB, "a1", "k") == Found(JobState(JOB))
    ledger.commit(race_change(), NOW)
    claim = claimed(ledger.read(JOB), NOW)
    ledger.commit(claim, NOW)
    assert claim.claim is not None
    assert ledger.look_up(JOB, "a1", claim.claim.key) == Found(ledger.read(JOB), ledger.run("a1"), claim.claim)
    assert ledger.look_up(task_id="a1") == Found(run=ledger.run("a1"))


def test_a_success_without_an_incident_is_written_once_and_only_on_the_state_it_was_decided_on(
    ledger: AnyLedger,
) -> None:
    first = success_change(ledger)
    assert ledger.commit(first, NOW) is Commit.DONE
    assert ledger.commit(first, NOW) in {Commit.AGAIN, Commit.KNOWN}
    again = success_change(ledger)
    assert ledger.commit(again, NOW) is Commit.KNOWN
    assert ledger.read(JOB).history == first.job_state.history
    assert ledger.run("s1") == first.run


def test_a_success_is_only_in_the_list_of_its_job(ledger: AnyLedger) -> None:
    change = success_change(ledger, seconds=5)
    assert ledger.look_up(JOB, "s1", stopped_at=later(1)).run is None
    assert ledger.commit(change, NOW) is Commit.DONE
    assert ledger.look_up(JOB, "s1", stopped_at=later(1)) == Found(ledger.read(JOB), change.run)
    assert ledger.run("s1", JOB, later(1)) == change.run
    assert [ledger.run("s1"), ledger.run("s1", "jobs/other", later(1)), ledger.look_up(JOB, "s1").run] == [None] * 3
    assert ledger.look_up("jobs/other", "s1", stopped_at=later(1)).run is None


def test_the_list_of_a_job_leads_to_the_record_of_a_run_that_did_not_just_succeed(ledger: AnyLedger) -> None:
    change = race_change()
    ledger.commit(change, NOW)
    assert ledger.look_up(JOB, "a1", stopped_at=NOW).run == ledger.run("a1", JOB, NOW) == change.run


def test_a_success_that_is_listed_only_is_written_once(ledger: AnyLedger) -> None:
    ledger.commit(success_change(ledger, seconds=5), NOW)
    first = ledger.run("s1", JOB, later(1))
    assert ledger.commit(success_change(ledger, seconds=9), NOW) is Commit.KNOWN
    assert ledger.run("s1", JOB, later(1)) == first


def test_a_job_s_latest_runs_are_read_from_their_records_and_from_the_list(aws: None) -> None:
    ledger, client = table(), boto3.client("dynamodb")
    ledger.commit(race_change(), NOW)
    ledger.commit(success_change(ledger, 5, 5), NOW)
    ledger.commit(success_change(ledger, 9, 5), NOW)
    runs = DynamoLatestRuns("ledger", client)
    assert [each.task_id for each in runs.of(JOB, 9)] == ["s9", "s5", "a1"]
    assert [each.task_id for each in runs.of(JOB, 1)] == ["s9"]
    assert (runs.run(JOB, "s9"), runs.run(JOB, "a1")) == (ledger.run("s9", JOB, later(9)), None)


def test_a_crash_between_the_state_and_the_record_of_a_success_only_delays_the_record(aws: None) -> None:
    ledger, client = table(), boto3.client("dynamodb")
    change = success_change(ledger)
    ledger.commit(change, NOW)
    client.delete_item(TableName="ledger", Key={"pk": {"S": "TASK#s1"}, "sk": {"S": "RUN"}})
    again = success_change(ledger)
    assert again.job_state.history == change.job_state.history
    assert ledger.commit(again, NOW) is Commit.DONE
    assert ledger.run("s1") == again.run


def test_an_incident_that_is_over_stays_in_the_state_in_brief_and_whole_in_its_own_item(aws: None) -> None:
    ledger = table()
    ledger.commit(race_change(), NOW)
    whole = ledger.read(JOB).incident
    assert list(of_kind(boto3.client("dynamodb"), "ledger", "incident")) == []
    ledger.commit(success_change(ledger, 9), NOW)
    brief = ledger.read(JOB).incident
    assert whole is not None
    assert brief is not None
    assert (brief.id, brief.is_open, brief.category, brief.diagnosis.sentence) == (whole.id, False, whole.category, "")
    ledger.commit(success_change(ledger, 20), NOW)
    (kept,) = of_kind(boto3.client("dynamodb"), "ledger", "incident")
    assert from_item(Incident, kept["incident"]).diagnosis == whole.diagnosis
    assert ledger.read(JOB).incident == brief


def test_an_incident_that_is_over_takes_no_room_for_what_it_has_by_default(aws: None) -> None:
    """Each success writes it again. A default that changed would change what is stored."""
    ledger = table()
    ledger.commit(race_change(), NOW)
    ledger.commit(success_change(ledger, 9), NOW)
    item = boto3.client("dynamodb").get_item(TableName="ledger", Key={"pk": {"S": f"JOB#{JOB}"}, "sk": {"S": "BOOK"}})
    stored = item["Item"]["book"]["M"]["incident"]["M"]
    assert set(stored["diagnosis"]["M"]) == {"category", "rule"}
    assert not {"infra_reruns", "began_with_task", "missed", "since", "schedule"} & set(stored)


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
    known = ledger.read(JOB).incident
    assert known
    assert (waiting.id, waiting.job, waiting.family, waiting.image) == (known.id, known.job, known.family, known.image)
    assert waiting.planned == known.planned
    assert list(ledger.waiting(f"{CLUSTER}-other")) == []
    ledger.commit(claimed(ledger.read(JOB), NOW), NOW)
    assert list(ledger.waiting(CLUSTER)) == []


def test_storing_a_delivery_of_an_expired_message_is_no_error(aws: None) -> None:
    """It was delivered, so an error here would send it again."""
    table()
    (message,) = alert_change().messages
    outbox = DynamoOutbox("ledger")
    outbox.note(message, {"sns": Delivery(DeliveryState.SENT, NOW)})
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
