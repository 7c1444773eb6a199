"""Read whom the stack tells: the topic's subscribers, the secrets, and the bot's scopes in Slack."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from cli.doctor.facts import Secret, Slack, Topic
from cli.on_call.stack import Stack
from cronmend.adapters.channels import slack_http
from cronmend.adapters.channels.slack import bot_word
from cronmend.adapters.channels.slack_access import SlackAccess
from cronmend.errors import Permanent

_SLACK, _SIGNING = "SlackSecretArn", "SlackSigningSecretArn"
_PENDING = ("PendingConfirmation", "Deleted")
"""What SNS gives in place of such a subscription's ARN."""
_TIMEOUT = 10
"""Seconds."""


@dataclass(frozen=True)
class ChannelReader:
    stack: Stack
    known: dict[str, str] = field(default_factory=dict)
    """The secrets that were read, by parameter."""

    def topic(self) -> Topic:
        pages = self.stack.client("sns").get_paginator("list_subscriptions_by_topic")
        found = [
            each
            for page in pages.paginate(TopicArn=self.stack.output("AlertTopicArn"))
            for each in page["Subscriptions"]
        ]
        pending = [each["Endpoint"] for each in found if each["SubscriptionArn"] in _PENDING]
        return Topic(len(found) - len(pending), pending)

    def secrets(self) -> Sequence[Secret]:
        named = [name for name in (_SLACK, _SIGNING) if self.stack.parameters.get(name)]
        return [Secret(name, self._problem(name)) for name in named]

    def slack(self) -> Slack | None:
        """``auth.test`` needs no scope, and its answer's headers list the token's."""
        if not self.stack.parameters.get(_SLACK):
            return None
        access = SlackAccess.parse(self._text(_SLACK))
        if not access.token:
            return Slack("", None)
        answer = slack_http.called(slack_http.web_api(access.token, access.api, _TIMEOUT), "auth.test")
        scopes = next((value for name, value in answer.headers.items() if name.lower() == "x-oauth-scopes"), "")
        return Slack(
            "" if answer.get("ok") else bot_word(answer),
            frozenset(scope.strip() for scope in str(scopes).split(",") if scope.strip()),
        )

    def _problem(self, parameter: str) -> str:
        """No problem repeats any of the secret."""
        text = self._text(parameter)
        if parameter == _SIGNING:
            return "" if text.strip() else "it is empty"
        try:
            SlackAccess.parse(text)
        except Permanent as error:
            return str(error)
        return ""

    def _text(self, parameter: str) -> str:
        if parameter not in self.known:
            self.known[parameter] = self._read(parameter)
        return self.known[parameter]

    def _read(self, parameter: str) -> str:
        arn = self.stack.parameters[parameter]
        if arn.split(":")[2] == "ssm":
            client = self.stack.client("ssm")
            return str(
                client.get_parameter(Name=arn.partition(":parameter")[2], WithDecryption=True)["Parameter"]["Value"]
            )
        client = self.stack.client("secretsmanager")
        return str(client.get_secret_value(SecretId=arn)["SecretString"])
