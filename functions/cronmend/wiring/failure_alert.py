"""Builds the use case of ``failure_alert``."""

import os
import time
from collections.abc import Callable, Mapping

from msgspec import Struct

from cronmend.adapters.channels.dead_letters import SqsDeadLetters
from cronmend.adapters.channels.events import EventsChannel
from cronmend.adapters.channels.slack import SlackChannel
from cronmend.adapters.channels.sns import SnsChannel
from cronmend.adapters.ledger.alert_lookups import DynamoLookups
from cronmend.adapters.ledger.alert_promises import DynamoAlertPromises
from cronmend.adapters.ledger.channel_health import DynamoChannelHealth
from cronmend.adapters.ledger.conversations import DynamoConversations
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.adapters.ledger.notices import DynamoNotices
from cronmend.adapters.ledger.outbox import DynamoOutbox, message_of
from cronmend.adapters.ledger.rate_limits import DynamoRateLimit
from cronmend.ports.alerting import Channel
from cronmend.settings import Settings
from cronmend.use_cases.alerting.alarms import RecordAlarm
from cronmend.use_cases.failure_alert import AlertingPorts, DeliverMessages
from cronmend.wiring import shared
from cronmend.wiring.shared import Current

__all__ = ["Current", "DeliverMessages", "alarm_use_case", "message_of", "use_case"]


class StackChannels(Struct, frozen=True):
    """The stack's channels, by the names that routes use."""

    fixed: tuple[Channel, ...]
    slack: Callable[[str], Channel] | None

    def __call__(self, name: str) -> Channel | None:
        known = next((each for each in self.fixed if each.name == name), None)
        return self.slack(name) if known is None and self.slack and name.startswith("slack:") else known


def use_case(env: Mapping[str, str] = os.environ) -> DeliverMessages:
    settings = Settings.from_env(env)
    ports = AlertingPorts(
        channel=_channels(settings),
        outbox=DynamoOutbox(settings.ledger_table),
        lookups=DynamoLookups(settings.ledger_table),
        conversations=DynamoConversations(settings.ledger_table, settings.record_life),
        rate_limit=DynamoRateLimit(settings.ledger_table),
        mutes=DynamoMutes(settings.ledger_table),
        health=DynamoChannelHealth(settings.ledger_table),
        dead_letters=SqsDeadLetters(settings.alert_dlq_url),
        job_states=shared.ledger(settings),
        timers=shared.timers(settings, settings.alert_function_arn),
        promises=DynamoAlertPromises(settings.ledger_table, settings.record_life),
        pause=time.sleep,
    )
    return DeliverMessages.over(ports, shared.routes_of(settings), shared.policies_of(settings).of, settings.group_for)


def alarm_use_case(env: Mapping[str, str] = os.environ) -> RecordAlarm:
    settings = Settings.from_env(env)
    return RecordAlarm(DynamoNotices(settings.ledger_table, settings.record_life))


def _channels(settings: Settings) -> StackChannels:
    def slack(name: str) -> SlackChannel:
        return SlackChannel(name, settings.slack_secret_arn, buttons=settings.slack_buttons)

    fixed: list[Channel] = [EventsChannel()]
    if settings.slack_secret_arn:
        fixed.append(slack("slack"))
    if settings.topic_arn:
        fixed.append(SnsChannel(settings.topic_arn))
    return StackChannels(tuple(fixed), slack if settings.slack_secret_arn else None)
