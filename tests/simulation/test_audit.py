"""``cronmend audit`` reads a real ledger: here, the one that a simulated history leaves behind."""

import json
from copy import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import to_item
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Category, Policy
from cronmend.model.incident import Attempt, RunRecord
from simulation.account import at
from simulation.audit import Audit, audit
from simulation.history import History
from simulation.ledger_entries import entries_of
from tests.cli.schemas import problems

SEED = 41


@pytest.fixture(scope="module")
def history() -> History:
    history = History(SEED, days=2)
    history.run()
    return history


def items(history: History, runs: tuple[RunRecord, ...] | None = None) -> list[dict[str, Any]]:
    """The table's items, in DynamoDB's own form."""
    stores = history.stores
    found: list[dict[str, Any]] = [
        {"kind": "attempt", "attempt": to_item(each)} for each in stores.ledger.attempts.values()
    ]
    found += [{"kind": "run", "run": to_item(each)} for each in runs or stores.ledger.runs.values()]
    for message in stores.ledger.messages:
        delivered = {channel: to_item(each) for channel, each in stores.outbox.deliveries(message).items()}
        found.append({"kind": "message", "message": to_item(message), "delivered": delivered})
    return [stored_form.written({"pk": "p", "sk": "s", **each}) for each in found]


def audited(history: History, found: list[dict[str, Any]]) -> Audit:
    policies = {job.name: job.policy for job in history.jobs.values()}
    return audit(entries_of(found, lambda job: policies.get(job, JobPolicy(job)), at(history.kernel.end)))


def test_a_ledger_shows_what_every_run_ended_in(history: History) -> None:
    found = audited(history, items(history))
    assert found.violations == []
    assert sum(found.outcomes.values()) == len(history.stores.ledger.runs)
    assert found.outcomes["sent"] > 0
    assert found.outcomes["broken"] == 0
    assert found.reruns == sum(bool(each.task_arn) for each in history.stores.ledger.attempts.values())


def test_a_failure_without_a_message_is_broken(history: History) -> None:
    silent = [each for each in items(history) if "message" not in each]
    found = audited(history, silent)
    assert found.outcomes["broken"] > 0
    assert {each.invariant for each in found.violations} <= {1, 6}


def test_a_rerun_that_the_policy_forbids_is_found(history: History) -> None:
    runs = tuple(history.stores.ledger.runs.values())
    failed = next(each for each in runs if each.category is not Category.SUCCESS)
    forbidden = replace(failed, policy=Policy.NEVER, task_id="f", stopped_at=failed.stopped_at, started_by="x")
    attempt = Attempt("k", failed.job, "f", 2, failed.stopped_at)
    rerun = replace(
        failed,
        task_id="r",
        started_by="cronmend/k",
        created_at=failed.stopped_at + timedelta(minutes=3),
        stopped_at=failed.stopped_at + timedelta(minutes=4),
        recorded_at=failed.stopped_at + timedelta(minutes=4),
    )
    kept = [each for each in items(history, (forbidden, rerun)) if "message" not in each and "attempt" not in each]
    kept.append(stored_form.written({"pk": "p", "sk": "s", "kind": "attempt", "attempt": to_item(attempt)}))
    assert (2, "policy never") in {(each.invariant, each.kind) for each in audited(history, kept).violations}


@pytest.mark.parametrize("lines", [False, True])
def test_a_file_of_items_is_audited(history: History, tmp_path: Path, lines: bool) -> None:
    found, file = items(history), tmp_path / "ledger.json"
    text = "\n".join(json.dumps({"Item": each}) for each in found) if lines else json.dumps({"Items": found})
    file.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["audit", "--file", str(file), "--json"])
    document = json.loads(done.output)
    assert list(problems("audit", done.output)) == []
    assert set(document) == {"runs", "reruns", "heal_rate", "false_heals", "violations"}
    assert sum(document["runs"].values()) == len(history.stores.ledger.runs)


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ledger.json"
    file.write_text("[]", encoding="utf-8")
    done = CliRunner().invoke(app, ["audit", "--file", str(file)])
    assert done.exit_code == 1
    assert "can't be used" in done.output
