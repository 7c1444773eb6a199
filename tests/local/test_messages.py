"""The inbox, the conversation that is made of it, its page and the page's server."""

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from copy import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.alerts import chromium
from local.aws import LOOPBACK
from local.messages import click, page
from local.messages.conversation import posts
from local.messages.inbox import BusEvent, Email, Inbox, Item, TextMessage, as_json, from_json
from local.messages.page import Shown
from local.messages.server import MessageServer
from local.slack import SlackMessage, SlackReceiver

AT = datetime(2026, 5, 6, 11, 0, tzinfo=UTC)
HOSTILE = """<img src=x onerror="alert('1')">&</script>"""
ESCAPED = "&lt;img src=x onerror=&quot;alert(&#x27;1&#x27;)&quot;&gt;&amp;&lt;/script&gt;"
BUTTON = {"type": "button", "text": {"type": "plain_text", "text": "Acknowledge"}, "action_id": "ack", "value": "{}"}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "plain_text", "text": text}}


def message(ts: str = "1.0", *blocks: dict[str, Any], **changes: Any) -> SlackMessage:
    return SlackMessage(**{"at": AT, "channel": "C1", "text": "text", "blocks": blocks, "ts": ts, **changes})


MESSAGE = message("1.0", section("failed"), {"type": "actions", "elements": [BUTTON]})
EVENT = BusEvent(AT, "Cronmend Incident Change", {"kind": "alert", "job": "g/publish", "category": "unknown"})
ITEMS: tuple[Item, ...] = (
    MESSAGE,
    Email(AT, "a@example.org", "Subject", "Body"),
    TextMessage(AT, "+44", "Short"),
    EVENT,
)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def server(inbox: Inbox) -> Iterator[MessageServer]:
    with MessageServer(inbox) as running:
        yield running


def asked(url: str, content: Any = None, **headers: str) -> tuple[int, Any, Any]:
    """Status, headers and body."""
    body = None if content is None else json.dumps(content).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, data=body, headers=named)  # noqa: S310 - the test's own server
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - as above
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


def test_a_conversation_shows_the_latest_content_and_each_thread() -> None:
    later = AT + timedelta(minutes=1)
    found = posts(
        (
            message("1.0", text="failed"),
            message("2.0", text="other"),
            message("3.0", text="more", thread_ts="1.0"),
            message("4.0", text="healed", update_of="1.0", at=later),
            message("5.0", text="lost", update_of="9.0"),
        )
    )
    assert [(each.message.text, each.updates, each.updated) for each in found] == [
        ("healed", 1, later),
        ("other", 0, None),
        ("lost", 0, None),
    ]
    assert [each.message.text for each in found[0].replies] == ["more"]
    assert (found[0].message.ts, found[0].message.at) == ("1.0", AT)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: type(item).__name__)
def test_an_item_survives_json(item: Item) -> None:
    assert from_json(json.loads(json.dumps(as_json(item)))) == item


def test_the_page_escapes_everything_that_comes_from_a_message() -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": HOSTILE}}
    mrkdwn = {"type": "mrkdwn", "text": f"*{HOSTILE}* `{HOSTILE}` <https://x/?\"'|{HOSTILE}> <@{HOSTILE}>"}
    button = {**BUTTON, "text": {"type": "plain_text", "text": HOSTILE}, "action_id": HOSTILE}
    blocks = (
        header,
        section(HOSTILE),
        {"type": "section", "fields": [mrkdwn, mrkdwn]},
        {"type": "context", "elements": [mrkdwn]},
        {"type": "actions", "elements": [button, {**button, "url": f"https://x/{HOSTILE}"}]},
        {"type": HOSTILE},
    )
    items = (
        message(HOSTILE, *blocks, channel=HOSTILE),
        message("2.0", text=HOSTILE, thread_ts=HOSTILE),
        message("3.0", text=HOSTILE, only_for=HOSTILE),
        Email(AT, HOSTILE, HOSTILE, HOSTILE),
        TextMessage(AT, HOSTILE, HOSTILE),
        BusEvent(AT, HOSTILE, {"kind": HOSTILE, "job": HOSTILE}),
    )
    shown = page.whole(items, Shown(HOSTILE, HOSTILE), token="t", nonce="n")
    assert "<img" not in shown
    assert shown.count("</script>") == 1
    assert ESCAPED in shown


def test_a_message_is_shown_with_its_time_thread_and_buttons() -> None:
    update = replace(MESSAGE, ts="2.0", update_of="1.0", at=AT + timedelta(seconds=5))
    reply = message("3.0", text=":repeat: run 2", thread_ts="1.0", broadcast=True)
    ((_, heading), (key, shown)) = page.lists((MESSAGE, update, reply), Shown())["slack"]
    assert "C1" in heading
    assert key == "1.0"
    assert "11:00:00 · updated 11:00:05" in shown
    assert "1 reply" in shown
    assert "🔁 run 2" in shown
    assert "also sent to the channel" in shown
    assert '<button class="button" data-ts="1.0" data-action="ack">Acknowledge</button>' in shown


def test_a_button_that_cant_be_clicked_says_why() -> None:
    (_, (_, shown)) = page.lists((MESSAGE,), Shown(no_buttons="No secret."))["slack"]
    assert 'disabled title="No secret."' in shown


def test_an_empty_page_says_what_to_do_and_a_broken_account_how_to_mend_it() -> None:
    shown = page.whole((), Shown(), token="t", nonce="n")
    assert "cronmend local break deploy" in shown
    assert "cronmend local break bug --fix" in page.whole((), Shown("bug"), token="t", nonce="n")


def test_the_page_needs_nothing_from_elsewhere_and_runs_no_script_but_its_own(server: MessageServer) -> None:
    status, headers, body = asked(server.url)
    assert status == 200
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    nonce = body.partition('<script nonce="')[2].partition('"')[0]
    assert f"script-src 'nonce-{nonce}'" in headers["Content-Security-Policy"]
    assert "http://" not in body
    assert "https://" not in body


def test_the_page_is_asked_for_what_is_new_only(server: MessageServer, inbox: Inbox) -> None:
    first = json.loads(asked(f"{server.url}parts?version=")[2])
    assert {name: len(parts) for name, parts in first["lists"].items()} == {
        "slack": 0,
        "email": 0,
        "sms": 0,
        "event": 0,
    }
    assert asked(f"{server.url}parts?version={first['version']}")[0] == 204
    for each in ITEMS:
        inbox.put(each)
    second = json.loads(asked(f"{server.url}parts?version={first['version']}")[2])
    assert [name for name, parts in second["lists"].items() if parts] == ["slack", "email", "sms", "event"]
    server.broken = lambda: "deploy"
    assert "break deploy --fix" in json.loads(asked(f"{server.url}parts?version={second['version']}")[2])["banner"]


def test_it_listens_on_the_loopback_only(server: MessageServer) -> None:
    assert server.url.startswith(f"http://{LOOPBACK}:")
    assert server._server._server.server_address[0] == LOOPBACK


def test_another_site_in_the_same_browser_cant_use_it(server: MessageServer) -> None:
    assert asked(server.url, Host="evil.example.org")[0] == 403
    assert asked(f"{server.url}click", {"ts": "1.0", "action": "ack"})[0] == 403
    assert asked(f"{server.url}click", {"ts": "1.0", "action": "ack"}, X_Token="wrong")[0] == 403
    assert asked(f"{server.url}sns?token=wrong", {"protocol": "sms", "to": "x", "text": "x"})[0] == 403
    assert asked(f"{server.url}nothing")[0] == 404


def test_emails_and_text_messages_come_from_the_emulators_sns(server: MessageServer, inbox: Inbox) -> None:
    for protocol in ("email", "sms"):
        content = {"protocol": protocol, "to": "x", "subject": "s", "text": "t"}
        assert asked(server.sns_address, content)[0] == 204
    mail, text = inbox.items()
    assert isinstance(mail, Email)
    assert (mail.subject, mail.text) == ("s", "t")
    assert isinstance(text, TextMessage)
    assert text.text == "t"


def test_what_came_before_can_be_left_out(server: MessageServer, inbox: Inbox) -> None:
    for each in ITEMS:
        inbox.put(each)
    items = json.loads(asked(f"{server.url}items?after=2")[2])["items"]
    assert [from_json(each) for each in items] == list(ITEMS[2:])


def test_a_click_without_buttons_says_why(server: MessageServer) -> None:
    status, _, body = asked(f"{server.url}click", {"ts": "1.0", "action": "ack"}, X_Token=server.token)
    assert status == 409
    assert "signing secret" in json.loads(body)["message"]


def test_a_click_is_signed_as_slack_signs_it() -> None:
    """The example of https://docs.slack.dev/authentication/verifying-requests-from-slack."""
    body = (
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&"
        "channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&"
        "response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&"
        "trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    signed = click.signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body)
    assert signed == "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"


def test_a_person_who_clicked_is_answered_alone() -> None:
    seen: list[SlackMessage] = []
    with SlackReceiver(on_message=seen.append) as slack:
        address = slack.reply_url("C1", "U1")
        assert asked(address, {"text": "done", "response_type": "ephemeral"}, Content_Type="application/json")[0] == 200
    assert [(each.text, each.channel, each.only_for) for each in seen] == [("done", "C1", "U1")]


@pytest.mark.skipif(not any(map(shutil.which, chromium.NAMES)), reason="needs Chromium")
def test_the_page_updates_itself(server: MessageServer, inbox: Inbox, tmp_path: Path) -> None:
    """In a real browser: the messages arrive after the page, which was empty, was loaded."""

    loads = iter(range(10**6))

    def broken() -> str:
        """Asked for with the page, and then for each update."""
        if next(loads) == 1:
            for each in ITEMS:
                inbox.put(each)
        return ""

    server.broken = broken
    browser = next(path for name in chromium.NAMES if (path := shutil.which(name)))
    options = [*chromium.options(str(tmp_path)), "--virtual-time-budget=4000", "--dump-dom", server.url]
    shown = subprocess.run([browser, *options], capture_output=True, text=True, timeout=60, check=True).stdout  # noqa: S603
    assert 'role="status">Live</p>' in shown
    assert 'data-key="1.0"' in shown
    assert "Slack <i>1</i>" in shown
    assert "Text messages <i>1</i>" in shown
