"""`cronmend alert preview` shows messages as people receive them."""

import json
import re
from copy import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.alerts import chromium
from cli.main import app
from cli.on_call.stack import Stack
from cronmend.jobs import policies
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Policy
from cronmend.model.incident import Change
from cronmend.model.report import MessageKind
from local.messages.mrkdwn import Piece, Style, pieces
from local.slack_blocks import problem
from tests import ROOT
from tests.adapters.ledger.test_ledger import table
from tests.alerting.render.test_texts import VALID
from tests.fakes import NOW
from tests.samples import JOB, service
from tests.use_cases.world import World

EVENTS = ROOT / "events/task_stopped"
FAILED = EVENTS / "exit_code_1.json"
LOG = "Traceback (most recent call last):\ndjango.db.utils.ProgrammingError: column home_page.summary does not exist\n"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    (path := tmp_path / "log.txt").write_text(LOG)
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["alert", "preview", *map(str, arguments)], terminal_width=200)


def shown(*arguments: object) -> Any:
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_slack_is_shown_readably_with_the_cause_at_the_top(log: Path) -> None:
    done = run(FAILED, "--log", log, "--job", "cronmend-jobs/publish-scheduled", "--log-group", "/ecs/web", "--buttons")
    assert done.exit_code == 0, done.output
    text = " ".join(done.stdout.split())
    assert "publish-scheduled failed: the database has no column home_page.summary; no deploy is in progress" in text
    assert "[ Acknowledge ] [ Run it now ] [ Mute for a day ]" in text
    assert "Log · Task · Schedule" in text
    assert "*" not in text


def test_a_job_without_a_known_schedule_is_not_offered_a_command_that_would_be_refused() -> None:
    assert "cronmend why 01010101010101010101010101010101" in " ".join(run(FAILED).stdout.split())
    assert "cronmend rerun" not in run(FAILED).stdout
    assert "cronmend rerun jobs/nightly --force" in " ".join(run(FAILED, "--job", "jobs/nightly").stdout.split())


@pytest.mark.parametrize("deploy", ["open", "recent", "closed", "stuck", "older", "unknown"])
def test_a_deploy_has_the_same_names_as_for_explain(deploy: str) -> None:
    assert run(FAILED, "--deploy", deploy).exit_code == 0


@pytest.mark.parametrize("kind", MessageKind)
def test_every_kind_has_a_form_that_slack_accepts(kind: MessageKind, log: Path) -> None:
    assert problem(shown(FAILED, "--log", log, "--kind", kind.value, "--json")) == ""


@pytest.mark.parametrize(("deploy", "kind"), [("stuck", "half_done"), ("open", "alert"), ("closed", "alert")])
def test_without_a_kind_it_is_the_alert_that_people_would_be_sent(deploy: str, kind: str, log: Path) -> None:
    assert shown(FAILED, "--log", log, "--deploy", deploy, "--channel", "json")["kind"] == kind


def test_a_held_alert_is_shown_as_it_is_when_its_deadline_passes() -> None:
    timed_out = EVENTS / "image_pull_timed_out.json"
    text = " ".join(run(timed_out, "--job", "jobs/nightly", "--channel", "email").stdout.split())
    assert "No code ran. Cronmend held this alert" in text
    assert "Run 4 of 4 is planned for" in text
    assert "Attempt: 3 of 4" in text


def test_an_alert_that_waits_for_a_deploy_names_a_re_run_after_its_deadline(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = policies.Policies(defaults=JobPolicy(rerun=Policy.SAFE))
    monkeypatch.setattr(policies, "packaged", lambda: known)
    event = json.loads(FAILED.read_text())["detail"]
    text = " ".join(
        run(FAILED, "--log", log, "--job", "jobs/nightly", "--deploy", "open", "--channel", "email").stdout.split()
    )
    planned = re.search(r"Run 2 of 4 is planned for (\d\d:\d\d)", text)
    stopped = datetime.fromisoformat(event["stoppedAt"])
    assert planned and planned[1] == f"{stopped + timedelta(minutes=65):%H:%M}"


def test_each_channel_has_its_own_form(log: Path) -> None:
    given = (FAILED, "--log", log, "--deploy", "open", "--channel")
    assert shown(*given, "email", "--json")["subject"].endswith("a deploy is in progress")
    assert len(shown(*given, "sms", "--json")["text"]) <= 140
    event = shown(*given, "events")
    assert event["source"] == "cronmend"
    VALID.validate(event["detail"])
    assert shown(*given, "json") == event["detail"]
    assert "Subject: exit-code-1 failed: " in run(*given, "email").stdout
    assert "a deploy is in progress" in " ".join(run(*given, "email").stdout.split())


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda path: path.stem)
def test_every_sample_event_is_shown_or_says_why_no_message_is_sent(path: Path) -> None:
    done = run(path)
    says_why = "no message is sent" in done.stderr or "only a STOPPED event" in done.stderr
    assert done.exit_code == 0 or (done.exit_code == 2 and says_why), done.output


def test_a_recorded_task_is_shown_as_it_was_sent(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stack, "outputs", {"LedgerTable": "ledger"})
    ledger, world = table(), World()
    world.services.services = (service(2),)
    record = world.fails()
    (message,) = world.ledger.messages
    job_state = replace(world.ledger.read(JOB), version=0)
    ledger.commit(Change(job_state, record, messages=(message,)), NOW)
    assert shown("a1", "--channel", "json")["headline"] == message.report.headline
    assert shown("a1", "--channel", "json", "--kind", "gave_up")["headline"].startswith("publish-scheduled still fails")
    unknown = run("zz")
    assert (unknown.exit_code, "has no run of task 'zz'" in " ".join(unknown.output.split())) == (1, True)


def test_a_missing_or_wrong_event_is_an_error_with_its_remedy(tmp_path: Path) -> None:
    gone = run(tmp_path / "gone.json")
    assert (gone.exit_code, "Name a sample event" in gone.stderr) == (2, True)
    (bad := tmp_path / "bad.json").write_text("{}")
    assert run(bad).exit_code == 2
    assert str(bad) in run(bad).stderr


def test_without_chromium_the_error_names_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(chromium.VARIABLE, "no-such-browser")
    done = run(FAILED, "--png", tmp_path / "a.png")
    assert done.exit_code == 2
    assert "apt-get install chromium" in done.stderr


def test_a_browser_that_fails_is_an_error_and_no_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(chromium.VARIABLE, "false")
    done = run(FAILED, "--png", tmp_path / "a.png")
    assert (done.exit_code, (tmp_path / "a.png").exists()) == (2, False)


def test_a_picture_is_as_high_as_its_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With a fake browser, whose page is 321 pixels high and which writes its arguments as the picture."""
    browser = tmp_path / "browser"
    browser.write_text(
        '#!/bin/sh\nfor a in "$@"; do case $a in\n--dump-dom) echo \'<html data-height="321">\';;\n'
        '--screenshot=*) echo "$@" > "${a#--screenshot=}";;\nesac; done\n'
    )
    browser.chmod(0o755)
    monkeypatch.setenv(chromium.VARIABLE, str(browser))
    assert run(FAILED, "--png", tmp_path / "a.png").exit_code == 0
    assert "--window-size=760,321" in (tmp_path / "a.png").read_text()


def test_mrkdwn_is_parsed_as_by_slack() -> None:
    text = "*Why:* a &lt;b&gt; `x_y` <https://a.test/?a=1&amp;b|log> <@U1> 2*3*4"
    assert list(pieces({"type": "mrkdwn", "text": text})) == [
        Piece(Style.BOLD, "Why:"),
        Piece(Style.PLAIN, " a <b> "),
        Piece(Style.CODE, "x_y"),
        Piece(Style.PLAIN, " "),
        Piece(Style.LINK, "log", "https://a.test/?a=1&b"),
        Piece(Style.PLAIN, " "),
        Piece(Style.MENTION, "@U1"),
        Piece(Style.PLAIN, " 2*3*4"),
    ]


@pytest.mark.parametrize("name", ["nope.json", "my.log", ROOT, "events/no-such-event.jso"])
def test_a_name_that_no_task_can_have_is_not_looked_up_in_the_ledger(name: object) -> None:
    done = run(name)
    assert (done.exit_code, f"No file '{name}'" in done.stderr.replace("\n", "")) == (2, True)
