"""The mode and the circuit breaker, on moto."""

from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import NoRegionError

from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.mode import SsmMode
from cronmend.model import Category, Missing, Mode
from cronmend.model.report import Message, MessageKind, Report
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW, later

NAME = "/cronmend/mode"
REPORT = Report(MessageKind.CIRCUIT, "all jobs", "healing has stopped", Category.INFRASTRUCTURE, "nothing is run")


@pytest.mark.parametrize("mode", Mode)
def test_the_mode_is_what_the_parameter_says(aws: None, mode: Mode) -> None:
    boto3.client("ssm").put_parameter(Name=NAME, Value=mode.value, Type="String")
    assert SsmMode(NAME).now() is mode


@pytest.mark.parametrize("value", ["on", "HEAL", "true"])
def test_an_invalid_value_is_never_treated_as_heal(aws: None, value: str) -> None:
    boto3.client("ssm").put_parameter(Name=NAME, Value=value, Type="String")
    answer = SsmMode(NAME).now()
    assert isinstance(answer, Missing)
    assert "cronmend mode" in answer.reason


@pytest.mark.parametrize("name", [NAME, ""])
def test_a_mode_that_cannot_be_read_is_missing(aws: None, name: str) -> None:
    assert isinstance(SsmMode(name).now(), Missing)


def test_so_is_one_whose_client_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_region() -> None:
        raise NoRegionError

    monkeypatch.setattr("cronmend.adapters.mode.session", no_region)
    assert isinstance(SsmMode("/cronmend/mode").now(), Missing)


def test_the_circuit_opens_once_with_one_message_and_closes(aws: None) -> None:
    table()
    circuit = DynamoCircuit("ledger", timedelta(days=1))
    assert circuit.open_until(NOW) is None
    assert circuit.open(later(60), Message("circuit-1", "all jobs", "circuit", REPORT), NOW) is True
    assert circuit.open(later(70), Message("circuit-2", "all jobs", "circuit", REPORT), later(1)) is False
    assert circuit.open_until(later(1)) == later(60)
    assert circuit.open_until(later(61)) is None
    ledger = DynamoLedger("ledger", timedelta(days=1), 1)
    assert ledger.look_up("site/job", circuit=True).circuit_until == later(60)
    assert ledger.look_up("site/job").circuit_until is None
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    assert [item["sk"]["S"] for item in items if item["kind"]["S"] == "message"] == ["MESSAGE#circuit-1#circuit"]
    assert circuit.close(later(2)) is True
    assert circuit.close(later(2)) is False
    assert circuit.open(later(90), Message("circuit-3", "all jobs", "circuit", REPORT), later(3)) is True
