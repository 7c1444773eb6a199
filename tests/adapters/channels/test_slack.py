"""Reports to Slack, over a real connection to a server on this machine."""

import json
from copy import replace
from datetime import timedelta

import pytest

from cronmend.alerting.conversations import MessageRef
from cronmend.errors import Gone, Permanent, RateLimited, Retryable
from cronmend.model.report import MessageKind
from local.slack import WEBHOOK_CHANNEL, SlackReceiver
from tests.adapters.channels.slack_channels import Receiver, bot, channel
from tests.alerting.render.test_slack_message import REPORT


def test_a_report_arrives_with_text_and_blocks(receiver: Receiver) -> None:
    assert channel(receiver.url).send(REPORT) is None
    (post,) = receiver.posts
    assert REPORT.headline in post["text"]
    assert post["blocks"]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (404, "no_team", Permanent),
        (403, "invalid_token", Permanent),
        (410, "channel_is_archived", Permanent),
        (200, "no_service", Permanent),
        (429, "rate_limited", RateLimited),
        (503, "upstream", Retryable),
    ],
)
def test_a_refusal_shows_whether_to_retry(
    receiver: Receiver, status: int, body: str, kind: type[Permanent | Retryable]
) -> None:
    receiver.answers = [(status, body)]
    with pytest.raises(kind, match=body):
        channel(receiver.url).send(REPORT)


def test_no_answer_is_retryable_and_names_no_secret() -> None:
    with pytest.raises(Retryable) as caught:
        channel("http://127.0.0.1:1/services/T/B/secret").send(REPORT)
    assert "secret" not in str(caught.value)


def test_a_bots_message_is_updated_and_gets_replies(slack: SlackReceiver) -> None:
    place = bot(slack).send(REPORT)
    assert place
    bot(slack).send(replace(REPORT, kind=MessageKind.PROGRESS, status="run 2 starts"), place)
    assert bot(slack).update(replace(REPORT, status="run 2 starts"), place) == place
    first, answer, newer = slack.messages()
    assert (first.channel, first.thread_ts, answer.thread_ts) == ("C012AB3CD", "", first.ts)
    assert newer.update_of == first.ts
    assert "run 2 starts" in json.dumps(newer.blocks)


def test_an_update_of_a_deleted_message_says_so_and_sends_nothing(slack: SlackReceiver) -> None:
    with pytest.raises(Gone, match="message_not_found"):
        bot(slack).update(REPORT, MessageRef("C012AB3CD", "1.0"))
    assert list(slack.messages()) == []


def test_a_route_names_another_channel_of_the_same_bot(slack: SlackReceiver) -> None:
    bot(slack, "slack:C0OTHER").send(REPORT)
    assert slack.messages()[0].channel == "C0OTHER"


def test_slack_says_when_to_retry(slack: SlackReceiver) -> None:
    slack.fail_next(1, status=429)
    with pytest.raises(RateLimited) as caught:
        bot(slack).send(REPORT)
    assert caught.value.after == timedelta(seconds=1)


def test_a_webhook_reaches_no_other_channel(receiver: Receiver) -> None:
    with pytest.raises(Permanent, match="use a bot token to reach C0OTHER"):
        channel(receiver.url, "slack:C0OTHER").send(REPORT)


def test_what_a_bot_may_not_do_is_permanent(slack: SlackReceiver) -> None:
    with pytest.raises(Permanent, match="invalid_auth"):
        bot(slack, token="xoxb-old").send(REPORT)


@pytest.mark.parametrize("word", ["is_archived", "channel_not_found", "thread_not_found"])
def test_a_reply_reports_that_its_message_or_channel_is_gone(receiver: Receiver, word: str) -> None:
    receiver.answers = [(200, json.dumps({"ok": False, "error": word}))]
    secret = json.dumps({"token": "xoxb-1", "channel": "C1", "api": receiver.url.partition("services")[0]})
    with pytest.raises(Gone, match=word):
        channel(secret).send(REPORT, MessageRef("C1", "1.0"))


def test_an_archived_channel_is_gone_for_a_bot_and_permanent_for_a_webhook(slack: SlackReceiver) -> None:
    place = bot(slack).send(REPORT)
    assert place
    slack.archive("C012AB3CD")
    slack.archive(WEBHOOK_CHANNEL)
    with pytest.raises(Gone, match="is_archived"):
        bot(slack).send(REPORT, place)
    with pytest.raises(Gone, match="is_archived"):
        bot(slack).update(REPORT, place)
    with pytest.raises(Permanent, match="channel_is_archived"):
        channel(slack.webhook_url).send(REPORT)


def test_a_reply_to_a_deleted_message_is_gone_although_slack_posts_it(slack: SlackReceiver) -> None:
    place = bot(slack).send(REPORT)
    assert place
    assert bot(slack).send(REPORT, place)
    slack.delete(place.ts)
    with pytest.raises(Gone, match="reply outside of its thread"):
        bot(slack).send(REPORT, place)


def test_after_the_channel_changed_a_message_in_the_former_one_is_gone(slack: SlackReceiver) -> None:
    before = bot(slack).send(REPORT)
    assert before
    moved = bot(slack, channel="C099ZZ9ZZ")
    for follow_up in (moved.send, moved.update):
        with pytest.raises(Gone, match="in Slack channel C012AB3CD, and the alerts go to C099ZZ9ZZ now"):
            follow_up(REPORT, before)
    after = moved.send(REPORT)
    assert after
    assert after.channel == "C099ZZ9ZZ"
    moved.send(REPORT, after)
    assert [(each.channel, each.thread_ts) for each in slack.messages()] == [
        ("C012AB3CD", ""),
        ("C099ZZ9ZZ", ""),
        ("C099ZZ9ZZ", after.ts),
    ]


def test_a_webhook_updates_no_message_of_the_bot_before_it(slack: SlackReceiver) -> None:
    place = bot(slack).send(REPORT)
    assert place
    with pytest.raises(Gone, match="a webhook now"):
        channel(slack.webhook_url).update(REPORT, place)


def test_a_channel_given_by_its_name_can_be_updated(slack: SlackReceiver) -> None:
    """Slack answers with its ID, so that the two can't be compared."""
    assert bot(slack, channel="#alerts").update(REPORT, bot(slack).send(REPORT) or MessageRef("", ""))
    assert slack.messages()[1].update_of == slack.messages()[0].ts
