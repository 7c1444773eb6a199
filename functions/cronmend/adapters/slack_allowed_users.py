"""The users who may click the buttons, from the stack's parameter SlackAllowed."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from cronmend.adapters.channels import slack_http
from cronmend.adapters.channels.answer_table import SLACK_BOT, Nature, nature_of, refusal
from cronmend.adapters.channels.slack import bot_word
from cronmend.adapters.channels.slack_access import SlackAccess
from cronmend.adapters.secrets import Secrets, secret
from cronmend.errors import Permanent, Retryable

GROUP_AGE = timedelta(minutes=5)
"""How long a group's members are cached: someone who left the group may still click for this long."""


class SlackAllowedUsers:
    """User IDs, and the members of user groups (IDs that start with S)."""

    permissions = ("secretsmanager:GetSecretValue", "ssm:GetParameter")

    def __init__(self, allowed: Sequence[str], secret_arn: str, secrets: Secrets = secret, timeout: int = 3) -> None:
        self._users = frozenset(each for each in allowed if not each.startswith("S"))
        self._groups = tuple(each for each in allowed if each.startswith("S"))
        self._secret_arn = secret_arn
        self._secrets = secrets
        self._timeout = timeout
        self._known: dict[str, tuple[datetime, frozenset[str]]] = {}

    def may(self, user: str, now: datetime) -> bool:
        """Checks all groups before an error is raised: a user may be in a group that can be read."""
        if user in self._users:
            return True
        errors: list[Retryable | Permanent] = []
        for group in self._groups:
            try:
                if user in self._members(group, now):
                    return True
            except (Retryable, Permanent) as error:
                errors.append(error)
        if errors:
            raise errors[0]
        return False

    def _members(self, group: str, now: datetime) -> frozenset[str]:
        known = self._known.get(group)
        if known is None or now - known[0] >= GROUP_AGE:
            known = self._known[group] = now, self._read(group)
        return known[1]

    def _read(self, group: str) -> frozenset[str]:
        access = SlackAccess.parse(self._secrets(self._secret_arn))
        if not access.token:
            raise Permanent(f"the Slack secret is a webhook; use a bot token to list the members of {group}")
        client = slack_http.web_api(access.token, access.api, self._timeout)
        answer = slack_http.called(client, "usergroups.users.list", params={"usergroup": group})
        word = bot_word(answer)
        nature = nature_of(SLACK_BOT, answer.status_code, word)
        if nature is not Nature.DELIVERED:
            hint = "; add the scope usergroups:read to the Slack app" if word == "missing_scope" else ""
            raise refusal(nature, f"Slack didn't list the members of {group}: {word}{hint}")
        users: Any = answer.get("users") or ()
        return frozenset(str(each) for each in users)
