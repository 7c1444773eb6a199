"""The users who may click the buttons, over real connections to a server on this machine."""

import json

import pytest

from cronmend.adapters.slack_allowed_users import SlackAllowedUsers
from cronmend.errors import Permanent, Retryable
from tests.adapters.slack_api import SlackApi
from tests.fakes import NOW, later


def allowed_users(slack_api: SlackApi, *allowed: str) -> SlackAllowedUsers:
    return SlackAllowedUsers(allowed, "arn", slack_api.secret, timeout=2)


def test_a_listed_user_is_allowed_without_asking_slack(slack_api: SlackApi) -> None:
    assert allowed_users(slack_api, "S1", "U1", "W2").may("U1", NOW)
    assert allowed_users(slack_api, "S1", "U1", "W2").may("W2", NOW)
    assert slack_api.calls == []


def test_an_empty_list_allows_no_one(slack_api: SlackApi) -> None:
    assert not allowed_users(slack_api).may("U1", NOW)


def test_members_of_a_group_are_allowed_and_others_are_not(slack_api: SlackApi) -> None:
    slack_api.groups = {"S1": ["U7"], "S2": ["U8", "U9"]}
    allowed = allowed_users(slack_api, "S1", "S2")
    assert allowed.may("U9", NOW)
    assert not allowed.may("U1", NOW)
    assert not allowed.may("S1", NOW)


def test_the_members_of_a_group_are_cached_for_five_minutes(slack_api: SlackApi) -> None:
    slack_api.groups = {"S1": ["U9"]}
    allowed = allowed_users(slack_api, "S1")
    assert allowed.may("U9", NOW)
    slack_api.groups = {"S1": []}
    assert allowed.may("U9", later(4.9))
    assert not allowed.may("U9", later(5))
    assert len(slack_api.calls) == 2


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
def test_a_group_that_slack_does_not_list_allows_no_one(
    slack_api: SlackApi, status: int, body: str, kind: type[Permanent | Retryable], says: str
) -> None:
    slack_api.answers = [(status, body)]
    with pytest.raises(kind, match=says):
        allowed_users(slack_api, "S1").may("U1", NOW)


def test_a_deleted_group_does_not_keep_out_members_of_another(slack_api: SlackApi) -> None:
    slack_api.groups = {"S2": ["U9"]}
    assert allowed_users(slack_api, "S1", "S2").may("U9", NOW)
    with pytest.raises(Permanent, match="no_such_subteam"):
        allowed_users(slack_api, "S1", "S2").may("U1", NOW)


def test_no_one_is_allowed_while_slack_does_not_answer() -> None:
    nowhere = json.dumps({"token": "xoxb-made-up", "api": "http://127.0.0.1:1/api/"})
    with pytest.raises(Retryable, match="didn't answer"):
        SlackAllowedUsers(("S1",), "arn", lambda arn: nowhere, timeout=1).may("U1", NOW)


def test_a_webhook_cannot_list_the_members_of_a_group() -> None:
    with pytest.raises(Permanent, match="is a webhook; use a bot token"):
        SlackAllowedUsers(("S1",), "arn", lambda arn: "https://hooks.slack.com/services/T/B/x").may("U1", NOW)
