"""What ``failure_alert`` is made of."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cronmend.adapters.channels.dead_letters import SqsDeadLetters
from cronmend.adapters.channels.events import EventsChannel
from cronmend.adapters.channels.slack import SlackChannel
from cronmend.adapters.channels.sns import SnsChannel
from cronmend.adapters.ledger.channel_health import DynamoChannelHealth
from cronmend.adapters.ledger.conversations import DynamoConversations
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.adapters.ledger.outbox import DynamoOutbox, message_of
from cronmend.adapters.ledger.rate_limits import DynamoRateLimit
from cronmend.alerting import routes
from cronmend.model.report import Message
from cronmend.ports.alerting import Channel
from cronmend.settings import Settings
from cronmend.use_cases.alerting.channel_writer import Voice
from cronmend.use_cases.alerting.conversation import Talk
from cronmend.use_cases.alerting.delivery import Deliverer
from cronmend.use_cases.alerting.flush import Flusher
from cronmend.use_cases.failure_alert import DeliverMessages
from cronmend.wiring import shared


@dataclass(frozen=True, slots=True)
class StackChannels:
    """What the stack has been given, by the names that routes use."""

    fixed: tuple[Channel, ...]
    slack: Callable[[str], Channel] | None

    def __call__(self, name: str) -> Channel | None:
        known = next((each for each in self.fixed if each.name == name), None)
        return self.slack(name) if known is None and self.slack and name.startswith("slack:") else known


def tell_care(env: Mapping[str, str] = os.environ) -> DeliverMessages:
    settings = Settings.from_env(env)
    ledger, talks = shared.ledger(settings), DynamoConversations(settings.ledger_table, settings.record_life)
    timers = shared.timers(settings, settings.alert_function_arn)
    voice = Voice(
        talks, talks, rate_limit := DynamoRateLimit(settings.ledger_table), timers, time.sleep, settings.gather
    )
    deliverer = Deliverer(
        channel=_channels(settings),
        outbox=DynamoOutbox(settings.ledger_table),
        talk=Talk(talks, rate_limit, voice),
        mutes=DynamoMutes(settings.ledger_table),
        health=DynamoChannelHealth(settings.ledger_table),
        dead_letters=SqsDeadLetters(settings.alert_dlq_url),
        job_states=ledger,
        timers=timers,
    )
    where = routes.read(routes.PATH.read_text(encoding="utf-8"))
    policy = shared.policies_of(settings).of
    return DeliverMessages(deliverer, Flusher(talks, talks, voice), talks, ledger, timers, where, policy)


def message(image: Mapping[str, Any]) -> Message:
    """The message in the new image of a stream record."""
    return message_of(image)


def _channels(settings: Settings) -> StackChannels:
    def slack(name: str) -> SlackChannel:
        return SlackChannel(name, settings.slack_secret_arn, buttons=settings.slack_buttons)

    fixed: list[Channel] = [EventsChannel()]
    if settings.slack_secret_arn:
        fixed.append(slack("slack"))
    if settings.topic_arn:
        fixed.append(SnsChannel(settings.topic_arn))
    return StackChannels(tuple(fixed), slack if settings.slack_secret_arn else None)
