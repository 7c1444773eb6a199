"""Puts the adapters behind the use case of telling people."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from cronmend import routes
from cronmend.adapters.announce import EventsChannel
from cronmend.adapters.dead_letters import SqsDeadLetters
from cronmend.adapters.ledger import DynamoLedger
from cronmend.adapters.outbox import DynamoOutbox
from cronmend.adapters.people import DynamoChannelHealth, DynamoMutes, DynamoPace
from cronmend.adapters.slack import SlackChannel
from cronmend.adapters.sns import SnsChannel
from cronmend.adapters.talks import DynamoTalks
from cronmend.adapters.timers import SchedulerTimers
from cronmend.care.offer import Offering
from cronmend.care.settle import Settling
from cronmend.care.talk import Talk
from cronmend.care.tell import TellCare
from cronmend.care.voice import Voice
from cronmend.channels import Channel
from cronmend.policies import JobPolicy
from cronmend.settings import Settings


@dataclass(frozen=True, slots=True)
class StackChannels:
    """What the stack has been given, by the names that routes use."""

    fixed: tuple[Channel, ...]
    slack: Callable[[str], Channel] | None

    def __call__(self, name: str) -> Channel | None:
        known = next((each for each in self.fixed if each.name == name), None)
        return self.slack(name) if known is None and self.slack and name.startswith("slack:") else known


def tell_care_of(settings: Settings, ledger: DynamoLedger, policy: Callable[[str], JobPolicy]) -> TellCare:
    talks, timers = DynamoTalks(settings.ledger_table, settings.record_life), _timers(settings)
    voice = Voice(talks, talks, pace := DynamoPace(settings.ledger_table), timers, time.sleep, settings.gather)
    offering = Offering(
        channel=_channels(settings),
        outbox=DynamoOutbox(settings.ledger_table),
        talk=Talk(talks, pace, voice),
        mutes=DynamoMutes(settings.ledger_table),
        health=DynamoChannelHealth(settings.ledger_table),
        dead_letters=SqsDeadLetters(settings.alert_dlq_url),
        books=ledger,
        timers=timers,
    )
    where = routes.read(routes.PATH.read_text(encoding="utf-8"))
    return TellCare(offering, Settling(talks, talks, voice), talks, ledger, timers, where, policy)


def _channels(settings: Settings) -> StackChannels:
    def slack(name: str) -> SlackChannel:
        return SlackChannel(name, settings.slack_secret_arn, buttons=settings.slack_buttons)

    fixed: list[Channel] = [EventsChannel()]
    if settings.slack_secret_arn:
        fixed.append(slack("slack"))
    if settings.topic_arn:
        fixed.append(SnsChannel(settings.topic_arn))
    return StackChannels(tuple(fixed), slack if settings.slack_secret_arn else None)


def _timers(settings: Settings) -> SchedulerTimers:
    """They wake ``failure_alert`` itself."""
    return SchedulerTimers(
        settings.timer_group, settings.alert_function_arn, settings.timer_role_arn, settings.timer_dlq_arn
    )
