"""Acknowledge and mute from the command line, against a stack in moto."""

import json
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from cli import console
from cli.main import app
from cli.on_call.stack import Stack
from cli.times import parse_until
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.alerting.fingerprint import cause_of
from cronmend.errors import Permanent
from cronmend.model.incident import Change
from cronmend.model.mutes import latest_end
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW
from tests.samples import JOB
from tests.use_cases.world import World

RUN = CliRunner()


@pytest.fixture
def ledger(aws: None, monkeypatch: pytest.MonkeyPatch) -> DynamoLedger:
    """A stack with one open incident."""
    monkeypatch.setattr(Stack, "outputs", {"LedgerTable": "ledger"})
    found, world = table(), World()
    record = world.fails()
    found.commit(Change(replace(world.ledger.read(JOB), version=0), record), NOW)
    return found


def output(*arguments: str, code: int = 0) -> str:
    result = RUN.invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return " ".join(result.output.split())


def listed(*arguments: str) -> Any:
    return json.loads(output(*arguments, "--json"))


def test_who_acknowledges_an_incident_is_shown(ledger: DynamoLedger) -> None:
    assert f"ann acknowledged {JOB}" in output("ack", "publish-scheduled", "--by", "ann")
    incident = ledger.read(JOB).incident
    assert incident is not None
    assert incident.failed is not None
    assert incident.acknowledged_by == "ann"
    assert listed("incidents")[0]["acknowledged_by"] == "ann"
    assert "ann" in output("incidents")
    assert "acknowledged by ann" in output("why", incident.failed.task_id)


def test_without_a_name_it_is_the_one_in_the_credentials(ledger: DynamoLedger) -> None:
    me = boto3.client("sts").get_caller_identity()["Arn"].rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    assert f"{me} acknowledged" in output("ack", JOB)


def test_a_mute_is_set_listed_and_lifted(ledger: DynamoLedger) -> None:
    output("mute", "publish-scheduled", "--until", "2h", "--reason", "moving the database", "--by", "ann")
    (mute,) = listed("mutes")
    assert (mute["jobs"], mute["by"], mute["reason"]) == (JOB, "ann", "moving the database")
    left = datetime.fromisoformat(mute["until"]) - datetime.now(UTC)
    assert timedelta(minutes=119) < left <= timedelta(hours=2)
    assert "moving the" in output("mutes")
    assert "no longer muted" in output("unmute", "publish-scheduled")
    assert output("mutes") == "Nothing is muted."


def test_markup_in_a_reason_is_printed_as_it_is(ledger: DynamoLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.out, "width", 200)
    output("mute", JOB, "--until", "2h", "--reason", "[bold]rotate[/] :secret: [x]", "--by", ":ann:")
    shown = output("mutes")
    assert "[bold]rotate[/] :secret: [x]" in shown
    assert ":ann:" in shown


def test_a_pattern_mutes_every_job_that_it_matches(ledger: DynamoLedger) -> None:
    output("mute", "cronmend-jobs/*", "--until", "1d")
    assert latest_end(DynamoMutes("ledger").all(datetime.now(UTC)), JOB)
    output("unmute", "cronmend-jobs/*")
    assert latest_end(DynamoMutes("ledger").all(datetime.now(UTC)), JOB) is None


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("ack", "publish-shceduled"), "Did you mean cronmend-jobs/publish-scheduled?"),
        (("mute", "publish-shceduled", "--until", "1h"), "Did you mean"),
        (("mute", "other/*", "--until", "1h"), "'other/*' matches no recorded job"),
        (
            ("mute", JOB, "--until", "tomorrow"),
            "'tomorrow' is not a date or duration. Use a date such as 2026-12-01T08:00Z or a duration such as 8h.",
        ),
        (("mute", JOB, "--until", "31d"), "at most 30 days"),
        (("mute", JOB, "--until", "2020-01-01T00:00Z"), "give a time in the future"),
        (("unmute", JOB), f"'{JOB}' is not muted. Nothing is."),
    ],
)
def test_an_error_names_its_remedy(ledger: DynamoLedger, arguments: tuple[str, ...], what: str) -> None:
    assert what in output(*arguments, code=1)
    assert DynamoMutes("ledger").all(datetime.now(UTC)) == []


def test_unmuting_another_name_lists_what_is_muted(ledger: DynamoLedger) -> None:
    output("mute", JOB, "--until", "1h")
    assert f"Muted: {JOB}." in output("unmute", "nightly", code=1)


def test_a_recovered_incident_can_not_be_acknowledged(ledger: DynamoLedger) -> None:
    job_state = ledger.read(JOB)
    world = World()
    world.ledger.job_states[JOB] = job_state
    world.succeeds()
    ledger.commit(Change(replace(world.ledger.read(JOB), version=job_state.version)), NOW)
    assert "it has recovered" in output("ack", JOB, code=1)


def test_incidents_of_one_cause(ledger: DynamoLedger) -> None:
    incident = ledger.read(JOB).incident
    assert incident is not None
    (found,) = listed("incidents", "--cause", cause_of(incident))
    assert (found["job"], found["cause"]) == (JOB, cause_of(incident))
    assert listed("incidents", "--cause", "another") == []
    assert output("incidents", "--cause", "another") == "No open incident has the cause 'another'."


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("30m", NOW + timedelta(minutes=30)),
        ("8h", NOW + timedelta(hours=8)),
        (" 2 d ", NOW + timedelta(days=2)),
        ("2026-12-01T08:00Z", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01T08:00", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01T08:00+02:00", datetime(2026, 12, 1, 6, tzinfo=UTC)),
    ],
)
def test_an_end_is_a_date_or_a_duration(text: str, at: datetime) -> None:
    assert parse_until(text, NOW) == at


@pytest.mark.parametrize("text", ["", "h", "-1h", "1w", "99999d", "1.5h", "soon", "0001-01-01T00:00+14:00"])
def test_another_text_is_no_end(text: str) -> None:
    with pytest.raises(Permanent, match="--until"):
        parse_until(text, NOW)


def test_what_was_done_is_one_sentence_for_programs(ledger: DynamoLedger) -> None:
    assert "acknowledged" in listed("ack", JOB, "--by", "ann")["done"]
    assert JOB in listed("mute", JOB, "--until", "2h", "--by", "ann")["done"]
    assert JOB in listed("unmute", JOB)["done"]
