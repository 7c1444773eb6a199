"""``cronmend catch-up`` names the missed slots, and requests a run for each that a person confirms."""

import json
from collections.abc import Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.on_call import catch_up
from cli.on_call.stack import Stack
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.model.incident import Change, JobState
from cronmend.model.mutes import Mute
from cronmend.model.timetables import RecordedRun
from cronmend.model.wakeups import RunRequest
from tests.adapters.ledger.test_ledger import race_change, table
from tests.samples import JOB, schedule

RUN = CliRunner()
DAY = datetime(2026, 5, 6, tzinfo=UTC)
RANGE = ("--from", "2026-05-06T08:30Z", "--to", "2026-05-06T12:30Z")
BLOCKED = {
    "done": "not run",
    "task_arn": "",
    "blockers": [{"guard": "running", "reason": "the job is already running"}],
}
STARTED = {"done": "the run has started", "task_arn": "task/1", "blockers": []}


@dataclass
class Asked:
    """rerun, with its answers in order."""

    answers: list[Mapping[str, Any]] = field(default_factory=list)
    requests: list[RunRequest] = field(default_factory=list)
    listed: list[RecordedRun] = field(default_factory=list)

    def ask(self, request: RunRequest) -> Mapping[str, Any]:
        self.requests.append(request)
        return self.answers.pop(0)


@pytest.fixture
def asked(aws: None, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The job is hourly; its run of 10:00 is on record."""
    found = Asked()
    monkeypatch.setattr(Stack, "outputs", {"LedgerTable": "ledger"})
    monkeypatch.setattr(Stack, "person", "ann")
    monkeypatch.setattr(Stack, "ask_rerun", lambda self, request: found.ask(request))
    monkeypatch.setattr(catch_up, "_schedule", lambda stack, job: schedule(job=job))
    monkeypatch.setattr(catch_up, "_listed", lambda stack, live: found.listed)
    record(table(), 10)
    return found


def record(ledger: DynamoLedger, hour: int) -> None:
    run = race_change().run
    assert run
    created = DAY + timedelta(hours=hour, seconds=40)
    stopped = replace(run, task_id=f"t{hour}", created_at=created, stopped_at=created + timedelta(minutes=1))
    ledger.commit(Change(replace(JobState(JOB), version=ledger.read(JOB).version), stopped), created)


def missed(*options: str) -> Sequence[str]:
    result = RUN.invoke(app, ["catch-up", JOB, *RANGE, *options, "--json"])
    assert result.exit_code == 0, result.output
    return [each[11:16] for each in json.loads(result.output)["missed"]]


def test_it_names_each_slot_without_a_run(asked: Asked) -> None:
    assert missed() == ["09:00", "11:00", "12:00"]
    result = RUN.invoke(app, ["catch-up", JOB, *RANGE, "--dry-run"])
    assert f"{JOB} missed 2026-05-06 09:00 UTC" in result.output.replace("\n", " ")
    assert asked.requests == []


def test_a_run_that_ecs_lists_counts(asked: Asked) -> None:
    asked.listed = [RecordedRun(DAY + timedelta(hours=12, minutes=1), "chronos-schedule/publish-scheduled")]
    assert missed() == ["09:00", "11:00"]


def test_a_slot_in_a_planned_mute_is_left_out(asked: Asked) -> None:
    end = DAY + timedelta(hours=11, minutes=30)
    DynamoMutes("ledger").set(Mute(JOB, end, "ann", planned=True, since=DAY))
    assert missed() == ["12:00"]


def test_it_runs_what_a_person_confirms_one_at_a_time(asked: Asked) -> None:
    asked.answers = [STARTED, BLOCKED]
    result = RUN.invoke(app, ["catch-up", JOB, *RANGE], input="n\ny\ny\n")
    assert [(each.job, each.slot, each.by) for each in asked.requests] == [
        (JOB, "2026-05-06T11:00:00Z", "ann"),
        (JOB, "2026-05-06T12:00:00Z", "ann"),
    ]
    assert (result.exit_code, "the job is already running" in result.output) == (1, True)


def test_a_time_in_no_form_is_refused(asked: Asked) -> None:
    result = RUN.invoke(app, ["catch-up", JOB, "--from", "yesterday"])
    assert (result.exit_code, "--from: 'yesterday' is not a date or duration" in result.output) == (1, True)


def test_too_many_slots_are_refused(asked: Asked) -> None:
    result = RUN.invoke(app, ["catch-up", JOB, "--from", "2025-05-06T08:30Z", "--to", "2026-05-06T08:30Z"])
    assert (result.exit_code, "Use a later --from" in result.output.replace("\n", " ")) == (1, True)


def test_without_a_missed_slot_it_says_so(asked: Asked) -> None:
    result = RUN.invoke(app, ["catch-up", JOB, "--from", "2026-05-06T09:30Z", "--to", "2026-05-06T10:30Z"])
    assert (result.exit_code, f"{JOB} missed no scheduled time." in result.output) == (0, True)
