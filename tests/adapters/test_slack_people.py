"""Who may do something, and the answer to a person: over real connections to a server on this machine."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from cronmend.adapters.slack_people import SlackReplies, SlackSignatures, SlackStaff
from cronmend.errors import Permanent, Retryable
from cronmend.slack_requests import Signed
from tests.clicks import SIGNING, signature
from tests.fakes import NOW, later


class Slack:
    """``usergroups.users.list`` by ``groups``, or the next of ``answers``; keeps what came."""

    def __init__(self) -> None:
        self.groups: dict[str, list[str]] = {}
        self.answers: list[tuple[int, str]] = []
        self.calls: list[tuple[str, Any]] = []
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status, body = slack.answer(self.path, raw)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the base class's name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, path: str, raw: str) -> tuple[int, str]:
        if "usergroups" not in path:
            self.calls.append((path, json.loads(raw)))
            return self.answers.pop(0) if self.answers else (200, "ok")
        group = parse_qs(raw)["usergroup"][0]
        self.calls.append((path, group))
        if self.answers:
            return self.answers.pop(0)
        if group not in self.groups:
            return 200, '{"ok": false, "error": "no_such_subteam"}'
        return 200, json.dumps({"ok": True, "users": self.groups[group]})

    def secret(self, arn: str) -> str:
        return json.dumps({"token": "xoxb-made-up", "channel": "C1", "api": f"{self.url}/api/"})


@pytest.fixture
def slack() -> Iterator[Slack]:
    started = Slack()
    thread = threading.Thread(target=started.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield started
    started.server.shutdown()
    started.server.server_close()
    thread.join(5)


def staff(slack: Slack, *allowed: str) -> SlackStaff:
    return SlackStaff(allowed, "arn", slack.secret, timeout=2)


def test_a_user_who_is_named_may_and_slack_is_not_asked(slack: Slack) -> None:
    assert staff(slack, "S1", "U1", "W2").may("U1", NOW)
    assert staff(slack, "S1", "U1", "W2").may("W2", NOW)
    assert slack.calls == []


def test_nobody_is_named_so_nobody_may(slack: Slack) -> None:
    assert not staff(slack).may("U1", NOW)


def test_a_member_of_a_group_may_and_others_may_not(slack: Slack) -> None:
    slack.groups = {"S1": ["U7"], "S2": ["U8", "U9"]}
    allowed = staff(slack, "S1", "S2")
    assert allowed.may("U9", NOW)
    assert not allowed.may("U1", NOW)
    assert not allowed.may("S1", NOW)


def test_who_is_in_a_group_is_asked_every_five_minutes(slack: Slack) -> None:
    slack.groups = {"S1": ["U9"]}
    allowed = staff(slack, "S1")
    assert allowed.may("U9", NOW)
    slack.groups = {"S1": []}
    assert allowed.may("U9", later(4.9))
    assert not allowed.may("U9", later(5))
    assert len(slack.calls) == 2


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        (200, '{"ok": false, "error": "missing_scope"}', Permanent, "usergroups:read"),
        (200, '{"ok": false, "error": "invalid_auth"}', Permanent, "invalid_auth"),
        (200, '{"ok": false, "error": "internal_error"}', Retryable, "internal_error"),
        (429, '{"ok": false, "error": "ratelimited"}', Retryable, "ratelimited"),
        (503, '{"ok": false, "error": "service_unavailable"}', Retryable, "service_unavailable"),
    ],
)
def test_a_group_that_slack_does_not_tell_of_lets_nobody_in(
    slack: Slack, status: int, body: str, kind: type[Permanent | Retryable], says: str
) -> None:
    slack.answers = [(status, body)]
    with pytest.raises(kind, match=says):
        staff(slack, "S1").may("U1", NOW)


def test_one_group_that_is_gone_keeps_nobody_out_whom_another_lets_in(slack: Slack) -> None:
    slack.groups = {"S2": ["U9"]}
    assert staff(slack, "S1", "S2").may("U9", NOW)
    with pytest.raises(Permanent, match="no_such_subteam"):
        staff(slack, "S1", "S2").may("U1", NOW)


def test_slack_away_lets_nobody_in() -> None:
    nowhere = json.dumps({"token": "xoxb-made-up", "api": "http://127.0.0.1:1/api/"})
    with pytest.raises(Retryable, match="didn't answer"):
        SlackStaff(("S1",), "arn", lambda arn: nowhere, timeout=1).may("U1", NOW)


def test_a_webhook_can_not_say_who_is_in_a_group() -> None:
    with pytest.raises(Permanent, match="is a webhook; use a bot token"):
        SlackStaff(("S1",), "arn", lambda arn: "https://hooks.slack.com/services/T/B/x").may("U1", NOW)


def test_a_person_alone_is_answered_and_the_message_stays(slack: Slack) -> None:
    SlackReplies("arn", slack.secret).tell(f"{slack.url}/actions/1", "x <!channel> & *y*")
    ((path, body),) = slack.calls
    assert path == "/actions/1"
    assert body == {"text": "x &lt;!channel&gt; &amp; *y*", "response_type": "ephemeral", "replace_original": False}


def test_an_answer_is_bounded(slack: Slack) -> None:
    SlackReplies("arn", slack.secret).tell(f"{slack.url}/actions/1", "<" * 10_000)
    assert len(slack.calls[0][1]["text"]) <= 3_000


@pytest.mark.parametrize(("status", "kind"), [(404, Permanent), (500, Retryable), (429, Retryable)])
def test_an_answer_that_is_not_taken_says_so(slack: Slack, status: int, kind: type[Permanent | Retryable]) -> None:
    slack.answers = [(status, "used_url")]
    with pytest.raises(kind, match="used_url"):
        SlackReplies("arn", slack.secret).tell(f"{slack.url}/actions/1", "text")


@pytest.mark.parametrize("address", ["https://example.com/x", "http://127.0.0.1:9001/x", "http://localhost/x", ""])
def test_nobody_else_is_answered(slack: Slack, address: str) -> None:
    replies = SlackReplies("arn", slack.secret)
    assert not replies.accepts(address)
    with pytest.raises(Permanent):
        replies.tell(address, "text")


def test_this_machine_is_answered_only_where_the_secret_says_that_slack_is_there(slack: Slack) -> None:
    assert SlackReplies("arn", slack.secret).accepts(f"{slack.url}/x")
    real = SlackReplies("arn", lambda arn: '{"token": "xoxb-made-up"}')
    assert not real.accepts(f"{slack.url}/x")
    assert real.accepts("https://hooks.slack.com/actions/x")


def test_a_signing_secret_may_end_in_a_line_break_but_not_be_empty() -> None:
    timestamp = str(int(NOW.timestamp()))
    request = Signed("body", timestamp, signature("body", timestamp))
    assert SlackSignatures("arn", lambda arn: f"{SIGNING}\n").refusal(request, NOW + timedelta(minutes=1)) == ""
    with pytest.raises(Permanent, match="store the Slack app's signing secret in it"):
        SlackSignatures("arn", lambda arn: " ").refusal(request, NOW)
