"""The stand-in rejects the same messages as Slack."""

import urllib.request
from collections.abc import Iterator
from http.client import RemoteDisconnected
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from local.slack import BOT_TOKEN, WEBHOOK_CHANNEL, SlackReceiver
from local.slack_faults import Fault

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


def bot(slack: SlackReceiver) -> WebClient:
    return WebClient(token=BOT_TOKEN, base_url=slack.api_url, retry_handlers=[])


def test_an_archived_channel(slack: SlackReceiver) -> None:
    slack.archive("C1")
    slack.archive(WEBHOOK_CHANNEL)
    with pytest.raises(SlackApiError, match="is_archived"):
        bot(slack).chat_postMessage(channel="C1", text="x")
    assert post(slack, {"text": "x"}) == (410, "channel_is_archived")
    assert bot(slack).chat_postMessage(channel="C2", text="x")["ok"]


def test_a_deleted_message_has_no_updates_and_its_replies_are_messages_of_their_own(slack: SlackReceiver) -> None:
    client = bot(slack)
    first = client.chat_postMessage(channel="C1", text="failed")
    reply = client.chat_postMessage(channel="C1", text="more", thread_ts=first["ts"])
    slack.delete(first["ts"])
    stray = client.chat_postMessage(channel="C1", text="gave up", thread_ts=first["ts"])
    assert (reply["message"].get("thread_ts"), stray["message"].get("thread_ts")) == (first["ts"], None)
    assert [each.thread_ts for each in slack.messages()] == ["", first["ts"], ""]
    with pytest.raises(SlackApiError, match="message_not_found"):
        client.chat_update(channel="C1", ts=first["ts"], text="healed")


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        (Fault.UNAVAILABLE, 503, "upstream connect error"),
        (Fault.TIMED_OUT, 408, ""),
        (Fault.RATE_LIMITED, 429, "rate_limited"),
        (Fault.EMPTY, 200, ""),
        (Fault.NOT_OK, 200, '{"ok":false}'),
        (Fault.OTHER_JSON, 200, '["ok"]'),
    ],
)
def test_faults_come_until_they_are_ended(slack: SlackReceiver, fault: Fault, status: int, body: str) -> None:
    slack.misbehave(fault, Fault.UNAVAILABLE)
    assert [post(slack, {"text": "x"})[0] for _ in range(3)] == [status, 503, status]
    slack.misbehave(fault)
    assert post(slack, {"text": "x"}) == (status, body)
    slack.misbehave()
    assert post(slack, {"text": "x"}) == (200, "ok")
    assert (slack.requests(), len(slack.messages())) == (5, 1)


def test_an_error_page_that_cant_be_decoded(slack: SlackReceiver) -> None:
    slack.misbehave(Fault.SERVER_ERROR)
    with pytest.raises(UnicodeDecodeError):
        post(slack, {"text": "x"})


def test_a_redirect_leads_to_a_page_that_answers_like_a_webhook(slack: SlackReceiver) -> None:
    slack.misbehave(Fault.REDIRECT)
    with urllib.request.urlopen(slack.webhook_url, b"{}", timeout=5) as answer:  # noqa: S310 # the loopback
        assert (answer.status, answer.read(), answer.geturl().rpartition("/")[2]) == (200, b"ok", "login")


@pytest.mark.parametrize(("fault", "kept"), [(Fault.LOST_ANSWER, 1), (Fault.LOST_REQUEST, 0)])
def test_a_cut_connection(slack: SlackReceiver, fault: Fault, kept: int) -> None:
    slack.misbehave(fault)
    with pytest.raises(RemoteDisconnected):
        WebhookClient(slack.webhook_url, retry_handlers=[]).send(text="x")
    assert len(slack.messages()) == kept


def test_the_day_that_slack_asks_for(slack: SlackReceiver) -> None:
    slack.misbehave(Fault.RATE_LIMITED_FOR_A_DAY)
    assert WebhookClient(slack.webhook_url).send(text="x").headers["Retry-After"] == "86400"


def test_a_bot_reads_which_block_is_wrong(slack: SlackReceiver) -> None:
    with pytest.raises(SlackApiError) as caught:
        bot(slack).chat_postMessage(channel="C1", text="x", blocks=[SECTION, {"type": "sectoin"}])
    answer = caught.value.response
    assert (answer["error"], len(answer["response_metadata"]["messages"])) == ("invalid_blocks", 1)
    assert "/blocks/1" in answer["response_metadata"]["messages"][0]


def test_blocks_that_are_too_long_together_are_rejected_for_a_bot_only(slack: SlackReceiver) -> None:
    blocks: list[dict[str, Any]] = [
        {"type": "section", "text": text(3000)},
        {"type": "section", "fields": [text(2000)] * 5},
    ]
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        bot(slack).chat_postMessage(channel="C1", text="x", blocks=blocks)
    assert post(slack, {"text": "x", "blocks": blocks}) == (200, "ok")
    assert bot(slack).chat_postMessage(channel="C1", text="x", blocks=blocks[1:])["ok"]
