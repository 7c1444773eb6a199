"""Text from logs, AWS, Slack users and files prints as text: no styles, no emoji, nothing that a terminal obeys."""

import json
from collections.abc import Iterator
from copy import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from cli import console
from cli.console import out
from cli.main import app
from cli.on_call.dead_letters import Queue
from cli.on_call.stack import Stack
from cli.task_runner import Runner
from cronmend.adapters.ledger.channel_health import DynamoChannelHealth
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.model.incident import Change
from cronmend.model.mutes import Mute
from local import detached
from local.detached import Running
from local.messages.inbox import BusEvent, Email, Inbox, TextMessage
from local.messages.server import MessageServer
from tests import ROOT
from tests.adapters.ledger.test_ledger import table
from tests.cli.diagnosis.test_classify import event
from tests.fakes import NOW
from tests.local.test_messages import AT, message, section
from tests.samples import JOB
from tests.use_cases.world import World

MARKUP = "[red]x[/] :skull: [link=https://a.test]y[/link]"
OBEYED = "\x1b[2J\x1b]0;title\x07\x08\x7f\x9b31m\u202egnp\u2066\u2028\u200f"
"""Clears the screen, sets the title, rings, deletes, colors, and turns the direction of what follows."""
HOSTILE = f"{MARKUP} {OBEYED}"
FAILED = f"ValueError: {HOSTILE}"
SENT = datetime.now(UTC)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """No text is broken at the terminal's width."""
    monkeypatch.setattr(out, "_width", 400)


def printed(*arguments: str, text: str = "") -> str:
    """What the command writes to both streams; it must not fail unforeseen."""
    done = CliRunner().invoke(app, [*arguments], input=text)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.output


def assert_only_shown(output: str) -> None:
    assert MARKUP in output
    assert [c for c in OBEYED if not c.isprintable() and c in output] == []


@pytest.fixture
def log(tmp_path: Path) -> str:
    (tmp_path / "hostile.log").write_text(f'Traceback (most recent call last):\n  File "a.py", line 1\n{FAILED}\n')
    return str(tmp_path / "hostile.log")


@pytest.fixture
def stopped(tmp_path: Path) -> str:
    sample = json.loads((ROOT / "events/task_stopped/exit_code_1.json").read_text())
    sample["detail"]["stoppedReason"] = HOSTILE
    sample["detail"]["containers"][0]["reason"] = HOSTILE
    (tmp_path / "stopped.json").write_text(json.dumps(sample))
    return str(tmp_path / "stopped.json")


@pytest.fixture
def stack(aws: None, monkeypatch: pytest.MonkeyPatch) -> DynamoLedger:
    """A ledger in which every text of an incident, a run, a mute and a channel is hostile."""
    ledger = table()
    monkeypatch.setattr(Stack, "outputs", {"LedgerTable": "ledger", "ModeParameter": "/m"})
    world = World()
    record = replace(world.fails(), line=HOSTILE, sentence=HOSTILE, reasons=(HOSTILE,), started_by=HOSTILE)
    job_state = replace(world.ledger.read(JOB), version=0)
    assert job_state.incident
    incident = replace(job_state.incident, acknowledged_by=HOSTILE)
    ledger.commit(Change(replace(job_state, incident=incident), record), NOW)
    DynamoMutes("ledger").set(Mute(HOSTILE, SENT + timedelta(days=1), HOSTILE, HOSTILE))
    DynamoChannelHealth("ledger").failed("slack", NOW, HOSTILE)
    return ledger


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_explain(log: str, stopped: str, arguments: list[str]) -> None:
    assert_only_shown(printed("explain", "--log", log, *arguments))
    assert_only_shown(printed("explain", stopped, "--log", log, *arguments))


def test_classify() -> None:
    lines = ["Traceback (most recent call last):", '  File "a.py", line 1', FAILED]
    assert_only_shown(printed("classify", "--batch", "-", text=json.dumps({"event": event(), "log": lines})))


@pytest.mark.parametrize("arguments", [["rules", "try", "--log"], ["rules", "list", "--rules"]])
def test_rules(log: str, tmp_path: Path, arguments: list[str]) -> None:
    known = tmp_path / "own.toml"
    escaped = json.dumps(HOSTILE).replace("\x7f", "\\u007f")
    known.write_text(f'[[rule]]\nid = {escaped}\nwhere = "error"\npattern = "("\ncategory = {escaped}\n')
    assert_only_shown(printed(*arguments, log if "--log" in arguments else str(known)))


@pytest.mark.parametrize("channel", ["slack", "email", "sms", "events", "json"])
def test_a_preview(log: str, stopped: str, channel: str) -> None:
    for more in ([], ["--json"]):
        output = printed("alert", "preview", stopped, "--log", log, "--channel", channel, *more)
        assert_only_shown(f"{output} {MARKUP}")


@pytest.mark.parametrize("command", [["incidents"], ["history", JOB], ["why", "a1"], ["mutes"], ["alert", "channels"]])
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_what_the_ledger_holds(stack: DynamoLedger, command: list[str], form: list[str]) -> None:
    assert_only_shown(printed(*command, *form))


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_answers_of_the_functions(stack: DynamoLedger, monkeypatch: pytest.MonkeyPatch, form: list[str]) -> None:
    blockers = [{"guard": HOSTILE, "reason": HOSTILE}]
    answer = {"job": JOB, "done": HOSTILE, "task_arn": HOSTILE, "blockers": blockers}
    monkeypatch.setattr(Stack, "ask_rerun", lambda *_: answer)
    monkeypatch.setattr(Stack, "ask_failure_alert", lambda *_: {"delivered": [], "failed": {HOSTILE: HOSTILE}})
    assert_only_shown(printed("rerun", JOB, *form))
    assert_only_shown(printed("alert", "canary", *form))


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_queued_messages(stack: DynamoLedger, monkeypatch: pytest.MonkeyPatch, form: list[str]) -> None:
    sqs = boto3.client("sqs")
    urls = {each.output: sqs.create_queue(QueueName=each.value)["QueueUrl"] for each in Queue}
    monkeypatch.setattr(Stack, "outputs", {"LedgerTable": "ledger", **urls})
    monkeypatch.setattr("cli.on_call.redriver.WAIT_SECONDS", 0)
    body = dict.fromkeys(("job", "incident", "change", "channel", "reason"), HOSTILE)
    click = {"requestPayload": {"by": HOSTILE, "button": HOSTILE, "job": HOSTILE}}
    subscriber = {"Subject": HOSTILE}
    event = {"detail-type": HOSTILE, "time": HOSTILE}
    bodies = {Queue.SLACK_ACTION: click, Queue.ALERT_TOPIC: subscriber, Queue.DEPLOY_STATE: event}
    for source, each in {Queue.FAILURE_ALERT: body, **bodies}.items():
        sqs.send_message(QueueUrl=urls[source.output], MessageBody=json.dumps(each))
    assert_only_shown(printed("redrive", "--dry-run", *form))


def test_files_with_mistakes(tmp_path: Path) -> None:
    key = json.dumps(HOSTILE).replace("\x7f", "\\u007f")
    for name, command in (("jobs.toml", "jobs"), ("alerts.toml", "alert")):
        (tmp_path / name).write_text(f"[{key}]\n[jobs.{key}]\nschedule = {key}\n[routes.{key}]\nto = [{key}]\n")
        assert_only_shown(printed(command, "check", str(tmp_path / name)))


def test_an_imported_crontab(tmp_path: Path) -> None:
    (tmp_path / "crontab").write_text(f"5 4 * * * echo '{HOSTILE}'\n# {HOSTILE}\n{HOSTILE}\n", encoding="utf-8")
    assert_only_shown(printed("jobs", "import", str(tmp_path / "crontab"), "--kind", "crontab"))


@pytest.fixture
def local_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    inbox = Inbox()
    link = {"type": "section", "text": {"type": "mrkdwn", "text": f"<https://a.test/ bold\x1b\\{OBEYED}|{MARKUP}>"}}
    for item in (
        message("1.0", section(HOSTILE), link, text=HOSTILE),
        Email(AT, HOSTILE, HOSTILE, HOSTILE),
        TextMessage(AT, HOSTILE, HOSTILE),
        BusEvent(AT, HOSTILE, {"kind": HOSTILE, "job": HOSTILE}),
    ):
        inbox.put(item)
    with MessageServer(inbox) as running:
        found = Running(1, {}, "http://slack", running.url, running.token, Path("up.log"))
        monkeypatch.setattr(detached, "status", lambda: found)
        yield


@pytest.mark.parametrize("form", [[], ["--json"]])
@pytest.mark.usefixtures("local_account")
def test_messages_of_the_local_account(form: list[str]) -> None:
    assert_only_shown(printed("local", "messages", *form))


def test_an_error_that_quotes_it() -> None:
    assert_only_shown(printed("explain", f"{HOSTILE}.json"))


def test_a_log_that_is_followed_on_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """To a program, it is passed on byte for byte."""

    def follow(_: Any, _cluster: str, _task: str, _container: str, show: Any) -> int:
        show(HOSTILE)
        return 0

    target = {"Arn": "arn:cluster", "EcsParameters": {"TaskDefinitionArn": "arn:t"}}
    monkeypatch.setattr(Runner, "follow", follow)
    monkeypatch.setattr(Runner, "start", lambda *_: HOSTILE)
    monkeypatch.setattr(Runner, "only_container", lambda *_: "job")
    schedule = {"Name": "a", "GroupName": "g", "Arn": "arn:a", "Target": target}
    monkeypatch.setattr("cli.jobs.account_commands.LiveSchedules", lambda _: _Schedules(schedule))
    monkeypatch.setattr(console.out, "_force_terminal", True)
    assert_only_shown(printed("jobs", "run", "g/a", "--follow"))


class _Schedules:
    def __init__(self, found: dict[str, Any]) -> None:
        self._found = found

    def get(self, _group: str, _name: str) -> dict[str, Any]:
        return self._found
