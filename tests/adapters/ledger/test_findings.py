"""The findings: one contract for the store in memory and the table."""

from collections.abc import Callable
from copy import replace
from datetime import timedelta

import boto3
import pytest

from cronmend.adapters.ledger.findings import DynamoFindings
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.states_of_jobs import DynamoStatesOfJobs
from cronmend.alerting.findings import message
from cronmend.model.findings import Finding, FindingKind, KnownFinding, KnownFindings, OnFinding
from cronmend.model.incident import Change, JobState
from cronmend.model.past_runs import PastRun, PastRuns, RunResult
from cronmend.ports.findings import FindingStore
from local.memory.findings import MemoryFindings
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW, later
from tests.samples import JOB


def in_dynamodb() -> FindingStore:
    table()
    return DynamoFindings("ledger", timedelta(days=90))


@pytest.fixture(params=[MemoryFindings, in_dynamodb], ids=["memory", "dynamodb"])
def store(request: pytest.FixtureRequest, aws: None) -> FindingStore:
    make: Callable[[], FindingStore] = request.param
    return make()


FINDING = Finding(JOB, FindingKind.DISABLED, "It is disabled.", "Enable it.", NOW, about="x")
KNOWN = KnownFinding(FINDING, NOW)


def test_findings_are_kept_until_they_are_removed(store: FindingStore) -> None:
    assert store.read() == KnownFindings()
    store.put(KNOWN)
    store.looked(later(5))
    assert store.read() == KnownFindings((KNOWN,), later(5))
    store.remove(FINDING)
    assert store.read() == KnownFindings((), later(5))


def test_what_could_not_be_examined_is_kept_until_the_next_look(store: FindingStore) -> None:
    store.looked(NOW, ["AWS denied iam:GetRole to Cronmend's role"])
    assert store.read().unanswered == ("AWS denied iam:GetRole to Cronmend's role",)
    store.looked(later(60), [])
    assert store.read() == KnownFindings((), later(60))


def test_a_message_is_written_once_together_with_its_findings(store: FindingStore) -> None:
    store.put(KNOWN)
    told = replace(KNOWN, notified_at=later(60))
    news = message([told], "", OnFinding.NOTE, "")
    store.tell([told], news, later(60))
    store.tell([replace(told, notified_at=later(65))], news, later(65))
    assert store.read().known == (told,)


def test_the_message_of_a_finding_triggers_failure_alert_like_any_other(aws: None) -> None:
    store = in_dynamodb()
    store.tell([KNOWN], message([KNOWN], "", OnFinding.NOTE, ""), NOW)
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    assert sorted(each["kind"]["S"] for each in items) == ["finding", "message"]


def test_the_states_of_jobs_are_read_together_however_many_there_are(aws: None) -> None:
    table()
    ledger = DynamoLedger("ledger", timedelta(days=90), 30)
    past = PastRuns().with_run(PastRun(NOW.replace(second=0), RunResult.HEALED, 60))
    ledger.commit(Change(JobState(JOB, past=past)), NOW)
    others = [f"default/job-{number}" for number in range(120)]
    assert DynamoStatesOfJobs("ledger").of([*others, JOB, JOB]) == {JOB: JobState(JOB, past=past, version=1)}
    assert DynamoStatesOfJobs("ledger").of([]) == {}
