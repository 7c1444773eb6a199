"""The Slack secret: what can't be sent is named, and nothing of it is repeated, neither in errors nor in logs."""

import json
import logging

import pytest

from cronmend.adapters.channels import slack_http
from cronmend.adapters.channels.slack import SlackChannel
from cronmend.adapters.channels.slack_access import SlackAccess
from cronmend.errors import Permanent
from tests.alerting.render.test_slack_message import REPORT

HOOK = "https://hooks.slack.com/services/T0/B0/hush"


def of(token: str, **more: object) -> str:
    return json.dumps({"token": token, "channel": "C1", **more})


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("xoxb-1", "neither a webhook URL nor JSON"),
        ("", "neither a webhook URL nor JSON"),
        (f'"{HOOK}"', "neither a webhook URL nor JSON"),
        ("{", "starts with { but isn't valid JSON"),
        ('{"a":' * 99_999, "isn't valid JSON"),
        ("{“token”: “xoxb-hush”}", "isn't valid JSON"),
        ('{"channel": "C1"}', 'without a "token"'),
        ('{"token": 5}', '"token" in the Slack secret isn\'t a text'),
        ('{"token": "xoxb-1"}', 'no "channel"'),
        (of("xoxb–1-hush"), r"token in the Slack secret has U\+2013 \(en dash\) as character 5 of 11: copy it again"),
        (of("xoxb-1 hush"), r"U\+0020 \(space\) as character 7 of 11"),
        (of("xoxb-1\nhush"), r"U\+000A \(control character\)"),
        (of("'xoxb-1-hush'"), r"U\+0027 \(apostrophe\) as character 1"),
        (of("xoxb-1-hush\u200b"), r"U\+200B \(zero width space\)"),
        (of("xoxb-1", api="http://hush.example.org/"), '"api" address in the Slack secret isn\'t an https address'),
        (of("xoxb-1", api="https://[hush"), "isn't an https address"),
        (f"{HOOK} x", r"webhook URL in the Slack secret has U\+0020 \(space\)"),
        (f"{HOOK}\r\nHost: x", r"U\+000D \(control character\)"),
        (f"{HOOK}é", r"U\+00E9 \(latin small letter e with acute\)"),
        ("https://hooks.slack.com:hush/services/x", "isn't an https address"),
        ("https:///services/hush", "isn't an https address"),
    ],
)
def test_a_secret_that_cant_be_used_is_a_permanent_error_that_doesnt_repeat_it(
    secret: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), pytest.raises(Permanent, match=said) as caught:
        SlackChannel("slack", "arn", secrets=lambda arn: secret, timeout=2).send(REPORT)
    assert "hush" not in f"{caught.value} {caplog.text}"
    assert "xoxb" not in f"{caught.value} {caplog.text}"


@pytest.mark.parametrize("around", ["{}", " {}\n", "\ufeff{}", "\u00a0{}\u00a0"])
def test_what_surrounds_a_secret_is_no_part_of_it(around: str) -> None:
    assert SlackAccess.parse(around.format(HOOK)) == SlackAccess(webhook=HOOK)
    assert SlackAccess.parse(around.replace("{}", of(" xoxe.xoxb-1-a\t"))).token == "xoxe.xoxb-1-a"


def test_govslack_has_another_address() -> None:
    assert SlackAccess.parse(of("xoxb-1", api="https://slack-gov.com/api/")).api == "https://slack-gov.com/api/"
    assert SlackAccess.parse(of("xoxb-1")).api == "https://slack.com/api/"


@pytest.mark.parametrize("stray", ["\n", "–", "\u200b"])
def test_what_a_connection_cant_send_is_permanent_and_not_repeated(
    stray: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Also for an address that isn't the secret's, such as the one in a click."""
    with pytest.raises(Permanent, match="can't be sent") as by_address:
        slack_http.webhook(f"http://127.0.0.1:1/hush{stray}x", timeout=2).send(text="x")
    with pytest.raises(Permanent, match="can't be sent") as by_token:
        slack_http.called(slack_http.web_api(f"xoxb-hush{stray}x", "http://127.0.0.1:1/", timeout=2), "api.test")
    assert "hush" not in f"{caplog.text} {by_address.value} {by_token.value}"
    assert by_address.value.__suppress_context__
    assert by_token.value.__suppress_context__
