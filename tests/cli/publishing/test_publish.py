"""``cronmend jobs publish`` and ``cronmend alert publish``, against a ledger in moto."""

from copy import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.on_call.stack import Stack
from cli.publishing.publish import Difference, differences
from cronmend.adapters.ledger.published import DynamoPublished, File
from cronmend.model import Policy
from tests.adapters.ledger.test_ledger import table

JOBS = """[jobs.invoices]
managed = false
rerun = "{rerun}"
"""


@pytest.fixture
def stack(aws: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Stack:
    monkeypatch.setattr(Stack, "outputs", {"LedgerTable": "ledger"})
    monkeypatch.setattr(Stack, "parameters", {"Cluster": "jobs", "PolicySource": "published"})
    monkeypatch.setattr(Stack, "person", "ann")
    monkeypatch.chdir(tmp_path)
    table()
    return Stack("cronmend", None, None)


def publish(rerun: str, *options: str) -> Result:
    Path("jobs.toml").write_text(JOBS.format(rerun=rerun))
    return CliRunner().invoke(app, ["jobs", "publish", *options])


def test_what_changes_is_shown_and_then_in_use(stack: Stack) -> None:
    first = publish("safe")
    assert first.exit_code == 0, first.output
    assert "+ cronmend-jobs/invoices: rerun safe, managed false\n" in first.output
    assert "Published 1 difference. The functions use them within a minute." in first.output
    assert stack.policies().of("cronmend-jobs/invoices").rerun is Policy.SAFE
    assert "~ cronmend-jobs/invoices: rerun: safe → never" in publish("never").output
    assert stack.policies().of("cronmend-jobs/invoices").rerun is Policy.NEVER
    again = publish("never").output
    assert "Published by ann at " in again
    assert "Nothing has changed." in again


def test_an_empty_file_replaces_the_packaged_one(stack: Stack) -> None:
    Path("jobs.toml").write_text("[jobs]\n")
    done = CliRunner().invoke(app, ["jobs", "publish"])
    assert "Published 0 differences." in done.output, done.output
    assert stack.policies().jobs == {}
    assert "Nothing has changed." in CliRunner().invoke(app, ["jobs", "publish"]).output


def test_a_file_of_another_version_is_replaced_although_its_values_are_the_same(stack: Stack) -> None:
    assert publish("safe").exit_code == 0
    found = stack.published.read(File.JOBS)
    assert found
    older = replace(found, text=found.text.replace('"version": 2', '"version": 1'), number=2)
    assert stack.published.replace(File.JOBS, older)
    assert "Published 0 differences." in publish("safe").output
    assert stack.policies().of("cronmend-jobs/invoices").rerun is Policy.SAFE


def test_a_dry_run_publishes_nothing(stack: Stack) -> None:
    assert "Nothing was published." in publish("safe", "--dry-run").output
    assert stack.published.read(File.JOBS) is None


def test_a_file_with_a_mistake_is_not_published(stack: Stack) -> None:
    assert publish("sometimes").exit_code == 1
    assert stack.published.read(File.JOBS) is None


def test_a_stack_that_would_not_read_it_is_named(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stack, "parameters", {"PolicySource": "packaged"})
    refused = publish("safe")
    assert refused.exit_code == 1
    assert "Deploy it with PolicySource=published" in refused.output


def test_two_people_at_once_do_not_overwrite_each_other(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    assert publish("safe").exit_code == 0
    monkeypatch.setattr(DynamoPublished, "read", lambda *_: None)
    late = publish("never")
    assert late.exit_code == 1
    assert "Another person published jobs.json meanwhile." in late.output


def test_routes_are_published_too(stack: Stack) -> None:
    Path("alerts.toml").write_text('[routes.night]\nchannels = ["sns"]\n')
    done = CliRunner().invoke(app, ["alert", "publish", "--by", "bob"])
    assert done.exit_code == 0, done.output
    assert "+ night: " in done.output
    found = stack.published.read(File.ALERTS)
    assert found
    assert found.by == "bob"


def test_each_difference_names_its_keys() -> None:
    before = {"jobs": {"a": {"rerun": "safe", "attempts": 3}, "b": {}}, "rules": [{"route": "x"}]}
    after = {"jobs": {"a": {"rerun": "safe", "attempts": 5}, "c": {"owner": "ops", "runbook": ""}}, "rules": []}
    assert list(differences(before, after, {"owner": "", "runbook": ""})) == [
        Difference("-", "b"),
        Difference("+", "c: owner ops"),
        Difference("~", "a: attempts: 3 → 5"),
        Difference("-", "rule 1"),
    ]
