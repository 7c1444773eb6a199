"""The stand-in rejects the same messages as Slack."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from local.slack import BOT_TOKEN, SlackReceiver

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*publish* failed"}}


@pytest.fixture
def slack() -> Iterator[SlackReceiver]:
    with SlackReceiver() as running:
        yield running


def post(slack: SlackReceiver, payload: Any, url: str = "") -> tuple[int, str]:
    answer = WebhookClient(url or slack.webhook_url).send_dict(payload)
    return answer.status_code, answer.body


def text(length: int, kind: str = "mrkdwn") -> dict[str, str]:
    return {"type": kind, "text": "x" * length}


def test_a_message_is_kept(slack: SlackReceiver) -> None:
    assert post(slack, {"text": "publish failed", "blocks": [SECTION]}) == (200, "ok")
    (message,) = slack.messages()
    assert (message.channel, message.text, message.blocks) == ("#alerts", "publish failed", (SECTION,))


@pytest.mark.parametrize(
    "block",
    [
        SECTION,
        {"type": "section", "text": text(3000)},
        {"type": "section", "fields": [text(2000)] * 10},
        {"type": "header", "text": text(150, "plain_text")},
        {"type": "context", "elements": [text(10), {"type": "image", "image_url": "https://x", "alt_text": "x"}]},
        {"type": "actions", "elements": [{"type": "button", "text": text(75, "plain_text"), "url": "https://x"}]},
        {"type": "divider"},
    ],
)
def test_accepted(slack: SlackReceiver, block: dict[str, Any]) -> None:
    assert post(slack, {"text": "x", "blocks": [block] * 2}) == (200, "ok")


@pytest.mark.parametrize(
    "blocks",
    [
        [SECTION] * 51,
        [{"type": "section", "text": text(3001)}],
        [{"type": "section", "text": text(0)}],
        [{"type": "section"}],
        [{"type": "section", "text": "plain"}],
        [{"type": "section", "fields": [text(2001)]}],
        [{"type": "section", "fields": [text(1)] * 11}],
        [{"type": "header", "text": text(151, "plain_text")}],
        [{"type": "header", "text": text(10)}],
        [{"type": "context", "elements": []}],
        [{"type": "context", "elements": [text(1)] * 11}],
        [{"type": "actions", "elements": [{"type": "button", "text": text(76, "plain_text")}]}],
        [{"type": "sectoin", "text": text(1)}],
        [{**SECTION, "block_id": "a"}, {**SECTION, "block_id": "a"}],
        [{**SECTION, "block_id": "a" * 256}],
        ["section"],
    ],
)
def test_rejected_blocks(slack: SlackReceiver, blocks: list[Any]) -> None:
    assert post(slack, {"text": "x", "blocks": blocks}) == (400, "invalid_blocks")
    assert slack.messages() == ()


@pytest.mark.parametrize(
    ("payload", "error"), [({"blocks": []}, "no_text"), ({"text": ""}, "no_text"), ([], "invalid_payload")]
)
def test_rejected_payloads(slack: SlackReceiver, payload: Any, error: str) -> None:
    assert post(slack, payload) == (400, error)


def test_an_unknown_address(slack: SlackReceiver) -> None:
    assert post(slack, {"text": "x"}, f"{slack.webhook_url}x") == (403, "invalid_token")


def test_failures_on_request(slack: SlackReceiver) -> None:
    slack.fail_next(1, 503)
    slack.fail_next(1, 429)
    assert [post(slack, {"text": "x"}) for _ in range(3)] == [
        (503, "internal_error"),
        (429, "rate_limited"),
        (200, "ok"),
    ]


def test_more_than_the_burst_has_to_wait() -> None:
    with SlackReceiver(burst=2) as slack:
        answers = [WebhookClient(slack.webhook_url).send(text="x") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "1"


def test_the_web_api(slack: SlackReceiver) -> None:
    client = WebClient(token=BOT_TOKEN, base_url=slack.api_url)
    first = client.chat_postMessage(channel="C1", text="failed", blocks=[SECTION])
    client.chat_postMessage(channel="C1", text="more", thread_ts=first["ts"])
    client.chat_update(channel="C1", ts=first["ts"], text="healed")
    assert [(each.text, each.thread_ts, each.update_of) for each in slack.messages()] == [
        ("failed", "", ""),
        ("more", first["ts"], ""),
        ("healed", "", first["ts"]),
    ]
    with pytest.raises(SlackApiError, match="message_not_found"):
        client.chat_update(channel="C1", ts="1.0", text="healed")
    with pytest.raises(SlackApiError, match="invalid_auth"):
        WebClient(token="xoxb-other", base_url=slack.api_url).chat_postMessage(channel="C1", text="x")
