"""Each answer that Slack, or a proxy in its place, can give: what is delivered, what is tried again, and when."""

from copy import replace
from datetime import timedelta

import pytest

from cronmend.alerting.conversations import MessageRef
from cronmend.errors import CronmendError, Gone, Permanent, RateLimited, Retryable
from local.slack import SlackReceiver
from local.slack_faults import Fault
from local.web import LoopbackServer, Response
from tests.adapters.channels.slack_channels import Receiver, answering, bot, channel
from tests.alerting.render.test_slack_message import REPORT

NOT_DELIVERED = (
    (Fault.SERVER_ERROR, Retryable),
    (Fault.UNAVAILABLE, Retryable),
    (Fault.TIMED_OUT, Retryable),
    (Fault.RATE_LIMITED, RateLimited),
    (Fault.RATE_LIMITED_FOR_A_DAY, RateLimited),
    (Fault.LOGIN_PAGE, Retryable),
    (Fault.EMPTY, Retryable),
    (Fault.CUT_JSON, Retryable),
    (Fault.NOT_OK, Retryable),
    (Fault.OTHER_JSON, Retryable),
    (Fault.LOST_REQUEST, Retryable),
)


@pytest.mark.parametrize(("fault", "kind"), [*NOT_DELIVERED, (Fault.REDIRECT, Permanent)])
def test_a_webhook_has_a_message_only_if_it_answers_ok(
    slack: SlackReceiver, fault: Fault, kind: type[CronmendError]
) -> None:
    slack.misbehave(fault)
    with pytest.raises(kind) as caught:
        channel(slack.webhook_url).send(REPORT)
    assert type(caught.value) is kind
    assert slack.messages() == ()


@pytest.mark.parametrize(("fault", "kind"), [*NOT_DELIVERED, (Fault.REDIRECT, Retryable)])
def test_a_bot_survives_any_answer(slack: SlackReceiver, fault: Fault, kind: type[CronmendError]) -> None:
    place = bot(slack).send(REPORT)
    assert place
    slack.misbehave(fault)
    with pytest.raises(kind) as sent:
        bot(slack).send(REPORT)
    with pytest.raises(kind) as updated:
        bot(slack).update(REPORT, place)
    assert {type(sent.value), type(updated.value)} == {kind}
    assert len(slack.messages()) == 1


def test_a_redirect_is_not_followed(slack: SlackReceiver) -> None:
    """It would take the token and, as a GET, an ``ok`` from any page."""
    slack.misbehave(Fault.REDIRECT)
    for each in (channel(slack.webhook_url), bot(slack)):
        with pytest.raises((Permanent, Retryable), match="302 an empty answer"):
            each.send(REPORT)
    assert slack.requests() == 2


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.LOST_REQUEST])
def test_a_request_whose_answer_was_lost_is_made_once_and_says_that_it_may_have_arrived(
    slack: SlackReceiver, fault: Fault
) -> None:
    for each in (channel(slack.webhook_url), bot(slack)):
        slack.misbehave(fault)
        with pytest.raises(Retryable, match="RemoteDisconnected; the request may have been carried out"):
            each.send(REPORT)
    assert slack.requests() == 2
    assert len(slack.messages()) == (2 if fault is Fault.LOST_ANSWER else 0)


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        *[(word, RateLimited) for word in ("ratelimited", "rate_limited")],
        *[
            (word, Retryable)
            for word in ("fatal_error", "message_limit_exceeded", "team_added_to_org", "request_timeout")
        ],
        *[(word, Gone) for word in ("is_archived", "channel_not_found")],
        *[(word, Permanent) for word in ("account_inactive", "invalid_auth", "token_revoked", "something_new")],
    ],
)
def test_a_bots_errors_by_what_helps(receiver: Receiver, word: str, kind: type[CronmendError]) -> None:
    with pytest.raises(kind, match=f"Slack refused the message: 200 {word}") as caught:
        answering(receiver, {"ok": False, "error": word}).send(REPORT)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "body",
    ["[" * 100_000, '"ok"', "null", "0", "[]", "{}", '{"ok": true}', '{"ok": "true", "channel": "C1", "ts": "1"}'],
)
def test_an_answer_that_is_not_slacks_is_retried(receiver: Receiver, body: str) -> None:
    with pytest.raises(Retryable, match=r"Slack refused the message: 200 .") as caught:
        answering(receiver, body).send(REPORT)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("word", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
def test_a_message_whose_form_slack_rejects_is_sent_once_more_as_plain_text(receiver: Receiver, word: str) -> None:
    ok = {"ok": True, "channel": "C1", "ts": "1.0"}
    report = replace(REPORT, what_happens="It <won't> be re-run.", advice="Fix it.")
    place = answering(receiver, {"ok": False, "error": word}, ok).send(report)
    assert place == MessageRef("C1", "1.0")
    first, second = receiver.posts
    assert first["blocks"]
    assert "blocks" not in second
    assert report.headline in second["text"]
    assert "It &lt;won't&gt; be re-run.\nFix it." in second["text"]
    assert (second["channel"], second["unfurl_links"]) == ("C1", False)


def test_an_update_and_a_reply_are_sent_as_plain_text_too(receiver: Receiver) -> None:
    refused, ok = {"ok": False, "error": "invalid_blocks"}, {"ok": True, "channel": "C1", "ts": "1.0"}
    place = MessageRef("C1", "1.0")
    assert answering(receiver, refused, ok).update(REPORT, place) == place
    answering(receiver, refused, ok).send(REPORT, place)
    assert [("blocks" in each, each.get("ts"), each.get("thread_ts")) for each in receiver.posts] == [
        (True, "1.0", None),
        (False, "1.0", None),
        (True, None, "1.0"),
        (False, None, "1.0"),
    ]


def test_a_webhooks_message_is_sent_as_plain_text_too(receiver: Receiver) -> None:
    receiver.answers = [(400, "invalid_blocks"), (200, "ok")]
    channel(receiver.url).send(REPORT)
    assert ["blocks" in each for each in receiver.posts] == [True, False]


def test_the_error_keeps_what_slack_adds_without_secrets_and_bounded(receiver: Receiver) -> None:
    messages = [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0]",
        "token=xoxb-123456789012-abc",
        "x" * 999,
    ]
    refusal = {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": messages}}
    with pytest.raises(Permanent, match=r"invalid_blocks; .*less than 3001 characters") as caught:
        answering(receiver, refusal, refusal).send(REPORT)
    assert len(receiver.posts) == 2
    assert "123456789012" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_the_error_names_the_scope_that_is_missing(receiver: Receiver) -> None:
    refusal = {"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "users:read"}
    with pytest.raises(Permanent, match="missing_scope; needed: chat:write"):
        answering(receiver, refusal).send(REPORT)


@pytest.mark.parametrize("value", ["soon", "-1", "1.5", "", "9" * 5_000, "²"])
def test_a_time_to_wait_that_is_no_number_of_seconds_is_not_used(value: str) -> None:
    assert waits(value) == timedelta(seconds=30)


def waits(retry_after: str) -> timedelta:
    answer = Response(429, b"rate_limited", {"Retry-After": retry_after.encode().decode("latin-1")})
    with LoopbackServer(lambda request: answer) as server, pytest.raises(RateLimited) as caught:
        channel(f"{server.url}/services/T/B/x").send(REPORT)
    return caught.value.after
