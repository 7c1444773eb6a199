"""One contract for deploy notes: the fake and DynamoDB."""

from copy import replace

import boto3
import pytest

from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.deploys import DeployNote, Phase
from cronmend.model import Signal
from local.memory.deploys import MemoryDeployNotes
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW, later
from tests.samples import CLUSTER

STARTED = DeployNote(CLUSTER, "webapp", Signal.MARKER, Phase.STARTED, NOW, NOW, later(30), key="3f9c2ab")


@pytest.fixture(params=["fake", "dynamodb"])
def notes(request: pytest.FixtureRequest, aws: None) -> MemoryDeployNotes | DynamoDeployNotes:
    if request.param == "fake":
        return MemoryDeployNotes()
    table()
    return DynamoDeployNotes("ledger", boto3.client("dynamodb"))


def test_what_is_written_is_read_back_unchanged(notes: MemoryDeployNotes | DynamoDeployNotes) -> None:
    piped = replace(STARTED, signal=Signal.PIPELINE, source="site-prod")
    assert notes.write(STARTED, NOW)
    assert notes.write(piped, NOW)
    assert set(notes.of(CLUSTER)) == {replace(STARTED, version=1), replace(piped, version=1)}
    assert list(notes.of(f"{CLUSTER}-staging")) == []


def test_a_stale_write_is_refused(notes: MemoryDeployNotes | DynamoDeployNotes) -> None:
    assert notes.write(STARTED, NOW)
    assert not notes.write(replace(STARTED, phase=Phase.FAILED), NOW)
    (known,) = notes.of(CLUSTER)
    assert notes.write(replace(known, phase=Phase.FINISHED), NOW)
    assert [each.phase for each in notes.of(CLUSTER)] == [Phase.FINISHED]


def test_a_note_expires_a_week_after_its_deploy(aws: None) -> None:
    table()
    DynamoDeployNotes("ledger", boto3.client("dynamodb")).write(STARTED, NOW)
    (item,) = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    assert item["expires_at"]["N"] == str(int(later(30 + 7 * 24 * 60).timestamp()))
