"""Requests to the function URL are parsed strictly; other tests read the samples in events/slack_action."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cronmend.alerting.render import slack
from cronmend.errors import BadEvent
from cronmend.incoming.slack_requests import Click, click, click_of, click_payload, is_click, is_slacks, signed
from cronmend.model import Category
from cronmend.model.presses import Button
from cronmend.model.report import MessageKind, Report
from tests.clicks import REPLY, form, payload, request
from tests.fakes import NOW
from tests.samples import JOB


def read(content: Any) -> Click | None:
    return click(signed(request(form(content))))


@pytest.mark.parametrize("button", list(Button))
@pytest.mark.parametrize("base64", [True, False])
def test_a_click_has_the_button_the_person_and_the_reply_address(button: Button, base64: bool) -> None:
    found = click(signed(request(form(payload(button.value)), base64=base64)))
    assert found is not None
    assert (found.button, found.job, found.incident, found.by) == (button, JOB, "a1", "ann (U1)")
    assert (found.reply_to, found.at) == (REPLY, NOW.replace(microsecond=0))


def test_each_button_that_a_message_shows_can_be_clicked() -> None:
    report = Report(MessageKind.ALERT, JOB, "it failed", Category.UNKNOWN, "nothing", incident="a1")
    (shown,) = [block for block in slack(report, buttons=True)["blocks"] if block["type"] == "actions"]
    found = [read(payload(actions=[each])) for each in shown["elements"]]
    assert [each and each.button for each in found] == list(Button)
    assert {(each.job, each.incident) for each in found if each} == {(JOB, "a1")}


def test_a_request_has_one_id_and_another_request_another() -> None:
    first, again, other = (click(signed(request(at=at))) for at in (NOW, NOW, datetime(2026, 5, 6, 12, tzinfo=UTC)))
    assert first
    assert again
    assert other
    assert first.id == again.id != other.id


def test_a_click_survives_the_functions_call_to_itself() -> None:
    found = read(payload())
    assert found is not None
    handed_on = json.loads(json.dumps(click_payload(found)))
    assert is_click(handed_on)
    assert click_of(handed_on) == found


def test_a_request_from_outside_never_looks_like_a_verified_click() -> None:
    found = read(payload())
    assert found is not None
    assert not is_click({**request(), **click_payload(found)})
    assert not is_click(request(json.dumps(click_payload(found))))


def test_a_name_is_one_short_line_and_may_be_missing() -> None:
    long = read(payload(user={"id": "U1", "name": "ann\n\x1b[31m" + "x" * 500}))
    assert long is not None
    assert "\n" not in long.by
    assert len(long.name) == 80
    bare = read(payload(user={"id": "U1"}))
    assert bare is not None
    assert bare.by == "U1"


def test_a_button_of_another_app_needs_no_action() -> None:
    assert read(payload(actions=[{"action_id": "log", "type": "button", "url": "https://example.com"}])) is None


@pytest.mark.parametrize(
    "content",
    [
        [],
        "text",
        {"type": "view_submission"},
        {"type": "x" * 1000},
        payload(actions=[]),
        payload(actions={}),
        payload(actions=[None]),
        payload(actions=[{"action_id": "cronmend_ack"}]),
        payload(actions=[{"action_id": "cronmend_ack", "value": "not json"}]),
        payload(actions=[{"action_id": "cronmend_ack", "value": "[]"}]),
        payload(actions=[{"action_id": "cronmend_ack", "value": '{"job": "a/b"}'}]),
        payload(actions=[{"action_id": "cronmend_ack", "value": json.dumps({"job": "x" * 513, "incident": "a"})}]),
        payload(user=None),
        payload(user={"id": 7}),
        payload(response_url=""),
    ],
)
def test_a_payload_that_is_not_a_click_is_refused_without_repeating_it(content: Any) -> None:
    with pytest.raises(BadEvent) as caught:
        read(content)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("body", ["", "payload", "other=1", "payload=", "payload=%7B", "payload=" + "[" * 100_000, "="])
def test_a_body_that_is_not_a_form_is_refused(body: str) -> None:
    with pytest.raises(BadEvent):
        click(signed(request(body)))


@pytest.mark.parametrize("body", ["not base64!", "/w=="])
def test_a_body_that_is_not_text_is_refused(body: str) -> None:
    with pytest.raises(BadEvent):
        signed({"body": body, "isBase64Encoded": True})


def test_a_request_without_anything_is_not_signed() -> None:
    assert signed({}).signature == ""


@pytest.mark.parametrize(
    ("address", "slacks"),
    [
        (REPLY, True),
        ("https://hooks.slack-gov.com/actions/T1/1/x", True),
        ("https://HOOKS.slack.com:443/x", True),
        ("http://hooks.slack.com/x", False),
        ("https://hooks.slack.com.example.com/x", False),
        ("https://hooks.slack.com@example.com/x", False),
        ("https://example.com/hooks.slack.com", False),
        ("https://hooks.slack.com:8443/x", False),
        ("https://hooks.slack.com:port/x", False),
        ("https://[::1/x", False),
        ("http://127.0.0.1:9001/x", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_slacks_own_hosts_are_answered(address: str, slacks: bool) -> None:
    assert is_slacks(address) is slacks
