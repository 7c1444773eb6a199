"""Puts the adapters behind the use cases: the only module that names both. Built once a container."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cronmend import policies
from cronmend.adapters.ecs import EcsServices, EcsTaskDefinitions, EcsTasks
from cronmend.adapters.ledger import DynamoLedger, message_of
from cronmend.adapters.logs import CloudWatchLogs
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.adapters.timers import SchedulerTimers
from cronmend.care.deploy import DeployCare
from cronmend.care.due import DueCare
from cronmend.care.gather import Deploys, Gatherer
from cronmend.care.stopped import StoppedCare
from cronmend.care.tell import TellCare
from cronmend.policies import Policies
from cronmend.ports import Channel
from cronmend.records import Message
from cronmend.settings import Settings


def stopped_care(env: Mapping[str, str] = os.environ) -> StoppedCare:
    settings = Settings.from_env(env)
    ledger, definitions = _ledger(settings), EcsTaskDefinitions()
    deploys = Deploys(definitions, EcsServices(), settings.bounds)
    return StoppedCare(
        gatherer=Gatherer(SchedulerSchedules(), definitions, CloudWatchLogs(), deploys),
        books=ledger,
        records=ledger,
        timers=_timers(settings),
        policy=_policies(settings).of,
        mode=settings.mode,
        limits=settings.limits,
    )


def due_care(env: Mapping[str, str] = os.environ) -> DueCare:
    settings = Settings.from_env(env)
    ledger = _ledger(settings)
    return DueCare(
        books=ledger,
        records=ledger,
        schedules=SchedulerSchedules(),
        deploys=Deploys(EcsTaskDefinitions(), EcsServices(), settings.bounds),
        tasks=EcsTasks(),
        timers=_timers(settings),
        policy=_policies(settings).of,
        mode=settings.mode,
        limits=settings.limits,
        budget=settings.budget,
    )


def deploy_care(env: Mapping[str, str] = os.environ) -> DeployCare:
    settings = Settings.from_env(env)
    ledger = _ledger(settings)
    return DeployCare(books=ledger, records=ledger, families=EcsServices(), timers=_timers(settings))


def tell_care(env: Mapping[str, str] = os.environ) -> TellCare:
    settings = Settings.from_env(env)
    return TellCare(channels=_channels(settings), deliveries=_ledger(settings))


def message(image: Mapping[str, Any]) -> Message:
    """The message in the new image of a stream record."""
    return message_of(image)


def _channels(settings: Settings) -> Sequence[Channel]:
    """Imported here: only ``failure_alert`` pays for Slack's library."""
    from cronmend.adapters.slack import SlackChannel  # noqa: PLC0415 # see above
    from cronmend.adapters.sns import SnsChannel  # noqa: PLC0415 # see above

    channels: list[Channel] = []
    if settings.slack_secret_arn:
        channels.append(SlackChannel(settings.slack_secret_arn))
    if settings.topic_arn:
        channels.append(SnsChannel(settings.topic_arn))
    return channels


def _ledger(settings: Settings) -> DynamoLedger:
    return DynamoLedger(settings.ledger_table, settings.record_life, settings.hourly_reruns)


def _timers(settings: Settings) -> SchedulerTimers:
    return SchedulerTimers(
        settings.timer_group, settings.rerun_function_arn, settings.timer_role_arn, settings.timer_dlq_arn
    )


def _policies(settings: Settings) -> Policies:
    """The template's default policy holds for jobs that jobs.toml does not mention."""
    known = policies.read(policies.PATH.read_text(encoding="utf-8"))
    return replace(known, defaults=replace(known.defaults, rerun=settings.default_policy))
