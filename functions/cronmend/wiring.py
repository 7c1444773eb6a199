"""Puts the adapters behind the use cases: the only module that names both. Built once a container."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cronmend import policies
from cronmend.adapters.circuit import DynamoCircuit
from cronmend.adapters.deploys import DynamoDeployNotes
from cronmend.adapters.ecs import EcsRunningTasks, EcsTaskDefinitions, EcsTasks
from cronmend.adapters.holds import DynamoHolds, SchedulerSwitches
from cronmend.adapters.ledger import DynamoLedger
from cronmend.adapters.logs import CloudWatchLogs
from cronmend.adapters.mode import SsmMode
from cronmend.adapters.outbox import message_of
from cronmend.adapters.rules import AllSchedules, EventRules
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.adapters.services import EcsServiceFamilies, EcsServices
from cronmend.adapters.timers import SchedulerTimers
from cronmend.care.click import ClickCare
from cronmend.care.deploy import DeployCare, Watch
from cronmend.care.due import DueCare
from cronmend.care.gather import Deploys, Gatherer
from cronmend.care.guards import Guards
from cronmend.care.hold import Holder, Releaser
from cronmend.care.manual import ManualCare
from cronmend.care.start import Starter
from cronmend.care.stopped import StoppedCare
from cronmend.care.tell import TellCare
from cronmend.messages import Message
from cronmend.policies import Policies
from cronmend.settings import Settings


def stopped_care(env: Mapping[str, str] = os.environ) -> StoppedCare:
    settings = Settings.from_env(env)
    ledger, definitions = _ledger(settings), EcsTaskDefinitions()
    deploys = _deploys(settings, definitions)
    return StoppedCare(
        gatherer=Gatherer(AllSchedules(SchedulerSchedules(), EventRules()), definitions, CloudWatchLogs(), deploys),
        books=ledger,
        records=ledger,
        timers=_timers(settings),
        policy=policies_of(settings).of,
        modes=SsmMode(settings.mode_parameter),
        circuit=_circuit(settings),
        running=EcsRunningTasks(),
        limits=settings.limits,
        budget=settings.budget,
        hide=settings.hide,
    )


def due_care(env: Mapping[str, str] = os.environ) -> DueCare:
    settings = Settings.from_env(env)
    ledger, schedules, guards = _ledger(settings), AllSchedules(SchedulerSchedules(), EventRules()), _guards(settings)
    return DueCare(
        books=ledger,
        records=ledger,
        schedules=schedules,
        deploys=_deploys(settings, EcsTaskDefinitions()),
        timers=_timers(settings),
        guards=guards,
        starter=Starter(schedules, EcsTasks(), guards.policy),
    )


def manual_care(env: Mapping[str, str] = os.environ) -> ManualCare:
    due = due_care(env)
    return ManualCare(due.books, due.records, due.schedules, due.deploys, due.guards, due.starter)


def deploy_care(env: Mapping[str, str] = os.environ) -> DeployCare:
    settings = Settings.from_env(env)
    ledger = _ledger(settings)
    return DeployCare(
        books=ledger,
        records=ledger,
        notes=DynamoDeployNotes(settings.ledger_table),
        families=EcsServiceFamilies(),
        definitions=EcsTaskDefinitions(),
        timers=_timers(settings),
        watch=Watch(settings.cluster_arn, settings.bounds, settings.pipelines, settings.migration_commands),
        holder=_holder(settings),
    )


def release_care(env: Mapping[str, str] = os.environ) -> Releaser:
    settings = Settings.from_env(env)
    return Releaser(
        cluster_arn=settings.cluster_arn,
        holds=DynamoHolds(settings.ledger_table),
        books=_ledger(settings),
        schedules=SchedulerSchedules(),
        switches=SchedulerSwitches(),
        timers=_timers(settings),
        limits=settings.limits,
    )


def tell_care(env: Mapping[str, str] = os.environ) -> TellCare:
    """Imported here: only ``failure_alert`` pays for what tells people."""
    from cronmend.wiring_tell import tell_care_of  # noqa: PLC0415 # see above

    settings = Settings.from_env(env)
    return tell_care_of(settings, _ledger(settings), policies_of(settings).of)


def click_care(env: Mapping[str, str] = os.environ) -> ClickCare:
    """Imported here: only ``slack_action`` pays for it."""
    from cronmend.wiring_click import click_care_of  # noqa: PLC0415 # see above

    settings = Settings.from_env(env)
    return click_care_of(settings, _ledger(settings), env)


def message(image: Mapping[str, Any]) -> Message:
    """The message in the new image of a stream record."""
    return message_of(image)


def _ledger(settings: Settings) -> DynamoLedger:
    return DynamoLedger(settings.ledger_table, settings.record_life, settings.budget.per_hour)


def _circuit(settings: Settings) -> DynamoCircuit:
    return DynamoCircuit(settings.ledger_table, settings.record_life)


def _guards(settings: Settings) -> Guards:
    return Guards(
        tasks=EcsRunningTasks(),
        circuit=_circuit(settings),
        modes=SsmMode(settings.mode_parameter),
        policy=policies_of(settings).of,
        limits=settings.limits,
        budget=settings.budget,
    )


def _deploys(settings: Settings, definitions: EcsTaskDefinitions) -> Deploys:
    return Deploys(definitions, EcsServices(), DynamoDeployNotes(settings.ledger_table), settings.bounds)


def _holder(settings: Settings) -> Holder:
    return Holder(
        holds=DynamoHolds(settings.ledger_table),
        schedules=SchedulerSchedules(),
        switches=SchedulerSwitches(),
        timers=_timers(settings),
        modes=SsmMode(settings.mode_parameter),
        which=settings.hold,
        listed=[job for job, policy in policies_of(settings).jobs.items() if policy.hold_in_deploys],
    )


def _timers(settings: Settings) -> SchedulerTimers:
    return SchedulerTimers(
        settings.timer_group, settings.rerun_function_arn, settings.timer_role_arn, settings.timer_dlq_arn
    )


def policies_of(settings: Settings) -> Policies:
    """The template's default policy holds for jobs that jobs.toml does not mention."""
    known = policies.read(policies.PATH.read_text(encoding="utf-8"))
    return replace(known, defaults=replace(known.defaults, rerun=settings.default_policy))
