"""`cronmend local messages`, `break`, `env` and `status`, against a server without an account."""

import json
import re
from collections.abc import Iterator
from copy import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from cli.demo.narrator import Narrator
from cli.local.next_steps import next_steps
from cli.main import app
from local import detached
from local.breakage.kinds import Kind
from local.detached import Running
from local.messages.inbox import Inbox
from local.messages.server import MessageServer, answer
from local.web import Request, Response
from tests import ROOT
from tests.local.test_messages import EVENT, ITEMS, MESSAGE, message
from tests.test_docs import GROUPS, KNOWN

RAN = {"job": "publish-scheduled", "task_id": "t1", "succeeded": False}


class FakeBreaker:
    """Answers `GET /break` with each of its states in turn, and the last one from then on."""

    def __init__(self, *states: dict[str, Any], refusal: str = "") -> None:
        self.states = list(states)
        self.refusal = refusal
        self.asked: list[Any] = []

    def post(self, request: Request) -> Response:
        self.asked.append(json.loads(request.body))
        return answer(409, self.refusal) if self.refusal else answer(202)

    def get(self, request: Request) -> Response:
        return answer(200, **(self.states.pop(0) if len(self.states) > 1 else self.states[0]))


def state(broken: str = "", busy: bool = False, error: str = "", happened: str = "") -> dict[str, Any]:
    outcome = {"happened": happened, "watch": "Watch this.", "runs": [RAN]} if happened else None
    return {"broken": broken, "busy": busy, "lines": ["running publish-scheduled"], "error": error, "outcome": outcome}


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[MessageServer]:
    with MessageServer(inbox) as running:
        found = Running(1, {"AWS_REGION": "eu-west-2"}, "http://slack", running.url, running.token, Path("up.log"))
        monkeypatch.setattr(detached, "status", lambda: found)
        yield running


def use(server: MessageServer, breaker: FakeBreaker) -> FakeBreaker:
    server.add("POST", "/break", breaker.post)
    server.add("GET", "/break", breaker.get)
    return breaker


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["local", *arguments], terminal_width=200)


@pytest.mark.parametrize("arguments", [["messages"], ["break", "bug"], ["break", "--fix"], ["env"]])
def test_without_an_account_the_error_says_how_to_start_one(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setattr(detached, "status", lambda: None)
    monkeypatch.setattr(detached, "is_starting", lambda: False)
    done = run(*arguments)
    assert (done.exit_code, "Start one with: cronmend local up" in done.stderr) == (1, True)


@pytest.mark.parametrize("arguments", [["messages"], ["break", "bug"], ["break", "--fix"], ["env"], ["status"]])
def test_while_an_account_starts_the_error_says_to_wait(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setattr(detached, "status", lambda: None)
    monkeypatch.setattr(detached, "is_starting", lambda: True)
    done = run(*arguments)
    assert (done.exit_code, "Wait for the end of `cronmend local up`" in done.output) == (1, True)


def test_no_messages_yet(server: MessageServer) -> None:
    assert "cronmend local break deploy" in run("messages").stdout


def test_messages_are_printed_as_they_are_now(server: MessageServer, inbox: Inbox) -> None:
    reply = message("2.0", text="run 2 of 4", thread_ts="1.0")
    for each in (*ITEMS, message("3.0", text="healed", update_of="1.0"), reply):
        inbox.put(each)
    shown = run("messages").stdout
    assert "Slack C1 · updated 11:00:00" in shown
    assert shown.index("healed") < shown.index("run 2 of 4") < shown.index("Email to a@example.org")
    assert "failed" not in shown
    assert "alert · g/publish · unknown" in shown


def test_the_json_document_has_the_conversation_and_what_else_was_sent(server: MessageServer, inbox: Inbox) -> None:
    for each in ITEMS:
        inbox.put(each)
    document = json.loads(run("messages", "--json").stdout)
    assert {name: len(items) for name, items in document.items()} == {"slack": 1, "email": 1, "sms": 1, "event": 1}
    assert (document["slack"][0]["text"], document["slack"][0]["replies"]) == (MESSAGE.text, [])


def test_following_prints_what_arrives_until_the_account_ends(
    server: MessageServer, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    arriving = iter(ITEMS)

    def pause(seconds: float) -> None:
        if new := next(arriving, None):
            inbox.put(new)
        else:
            server.__exit__()

    monkeypatch.setattr("cli.local.messages.sleep", pause)
    done = run("messages", "--follow", "--json")
    assert [json.loads(line)["via"] for line in done.stdout.splitlines()] == ["slack", "email", "sms", "event"]
    assert (done.exit_code, "has stopped" in done.stderr) == (1, True)


def test_a_picture_of_the_page(
    server: MessageServer, inbox: Inbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a fake browser, whose page is 321 pixels high."""
    browser = tmp_path / "browser"
    browser.write_text(
        '#!/bin/sh\nfor a in "$@"; do case $a in\n--dump-dom) echo \'<html data-height="321">\';;\n'
        '--screenshot=*) echo "$@" > "${a#--screenshot=}";;\nesac; done\n'
    )
    browser.chmod(0o755)
    monkeypatch.setenv("CRONMEND_CHROMIUM", str(browser))
    inbox.put(EVENT)
    assert run("messages", "--png", str(tmp_path / "a.png")).exit_code == 0
    assert "--window-size=1200,321" in (tmp_path / "a.png").read_text()
    monkeypatch.setenv("CRONMEND_CHROMIUM", "no-such-browser")
    assert run("messages", "--png", str(tmp_path / "b.png")).exit_code == 2


def test_break_says_what_to_watch_and_how_to_undo_it(server: MessageServer) -> None:
    breaker = use(server, FakeBreaker(state("deploy", busy=True), state("deploy", happened="It is broken.")))
    done = run("break", "deploy")
    assert done.exit_code == 0, done.output
    assert breaker.asked == [{"kind": "deploy", "fix": False}]
    for words in ("It is broken.", "Watch this.", server.url, "cronmend why t1", "cronmend local break deploy --fix"):
        assert words in done.stdout


def test_a_fix_needs_no_kind(server: MessageServer) -> None:
    breaker = use(server, FakeBreaker(state(happened="It is fixed.")))
    done = run("break", "--fix", "--json")
    assert breaker.asked == [{"kind": "", "fix": True}]
    assert json.loads(done.stdout)["outcome"]["happened"] == "It is fixed."


@pytest.mark.parametrize(
    ("arguments", "next_step"),
    [(("deploy",), "cronmend local break deploy --fix"), (("deploy", "--fix"), "cronmend local status")],
)
def test_an_interruption_says_that_the_account_continues(
    server: MessageServer, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], next_step: str
) -> None:
    def interrupted(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.local.breaking.sleep", interrupted)
    use(server, FakeBreaker(state("deploy", busy=True)))
    done = run("break", *arguments)
    assert done.exit_code == 130
    assert "Interrupted, but the account continues with it." in done.stderr
    assert next_step in done.stderr


def test_what_can_be_broken_is_listed_where_nothing_or_something_else_is_named(server: MessageServer) -> None:
    for arguments in (["break"], ["break", "everything"]):
        done = run(*arguments)
        assert done.exit_code == 2
        assert all(kind in done.stderr for kind in Kind)


def test_a_refusal_and_a_failure_are_errors(server: MessageServer) -> None:
    use(server, FakeBreaker(state(), refusal="'deploy' is broken already."))
    refused = run("break", "bug")
    assert (refused.exit_code, "'deploy' is broken already." in refused.stderr) == (1, True)
    use(server, FakeBreaker(state("bug", error="The job succeeded.")))
    failed = run("break", "bug")
    assert failed.exit_code == 1
    assert "The job succeeded. To undo what was done: cronmend local break --fix" in " ".join(failed.stderr.split())


def test_the_next_steps_are_commands_that_exist(server: MessageServer, capsys: pytest.CaptureFixture[str]) -> None:
    found = detached.status()
    assert found
    next_steps(found)
    Narrator(Console()).next_steps()
    printed = capsys.readouterr().out
    assert len(printed.splitlines()) <= 12
    assert server.url in printed
    named = {tuple(words.split()) for words in re.findall(r"cronmend((?: [a-z]+)+)", printed)}
    assert named
    assert [words for words in named if not any(words[: len(path)] == path for path in KNOWN - GROUPS)] == []
    assert [name for name in re.findall(r"docs/\S+", printed) if not (ROOT / name).is_file()] == []
    assert "docs/sam-local.md" in printed


def test_env_is_for_a_shell(server: MessageServer) -> None:
    assert run("env").stdout == "export AWS_REGION=eu-west-2\n"


def test_status_names_the_page_and_what_is_broken(server: MessageServer) -> None:
    use(server, FakeBreaker(state("slack")))
    shown = run("status")
    assert server.url in shown.stdout
    assert "cronmend local break slack --fix" in shown.stdout
    described = json.loads(run("status", "--json").stdout)
    assert (described["up"], described["messages"], described["broken"]) == (True, server.url, "slack")


def test_up_starts_a_bare_account_and_names_the_tutorial(
    server: MessageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = detached.status()
    assert running
    monkeypatch.setattr(detached, "up", lambda progress, bare: (replace(running, bare=bare), True))
    assert "docs/tutorial.md" in run("up", "--bare").stdout
    assert "docs/tutorial.md" not in run("up").stdout


def test_up_does_not_take_an_account_of_the_other_kind_for_the_one_asked_for(
    server: MessageServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detached, "up", lambda progress, bare: (detached.status(), False))
    refused = run("up", "--bare")
    assert refused.exit_code == 1
    assert "An account with Cronmend is already up. Stop it first: cronmend local down" in refused.stderr
