"""What ``rerun`` is made of."""

import os
from collections.abc import Mapping

from cronmend.adapters.ecs import EcsTaskDefinitions, EcsTasks
from cronmend.adapters.event_rules import AllSchedules, EventRules
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.schedules import SchedulerSchedules, SchedulerSwitches
from cronmend.settings import Settings
from cronmend.use_cases.healing.attempts import Attempts
from cronmend.use_cases.healing.held_schedules import Releaser
from cronmend.use_cases.healing.requested_run import RunOnRequest
from cronmend.use_cases.healing.run_task import TaskStarter
from cronmend.use_cases.rerun import HandleTimer
from cronmend.wiring import looking, shared


def due_care(env: Mapping[str, str] = os.environ) -> HandleTimer:
    settings = Settings.from_env(env)
    ledger, schedules = shared.ledger(settings), AllSchedules(SchedulerSchedules(), EventRules())
    timers = shared.timers(settings, settings.rerun_function_arn)
    situations = looking.situations(settings)
    starter = TaskStarter(schedules, EcsTasks(), situations.policy)
    return HandleTimer(
        job_states=ledger,
        records=ledger,
        schedules=schedules,
        deploys=looking.deploys(settings, EcsTaskDefinitions()),
        timers=timers,
        situations=situations,
        attempts=Attempts(ledger, schedules, timers, situations, starter),
    )


def manual_care(env: Mapping[str, str] = os.environ) -> RunOnRequest:
    due = due_care(env)
    return RunOnRequest(due.job_states, due.records, due.schedules, due.deploys, due.situations, due.attempts.starter)


def release_care(env: Mapping[str, str] = os.environ) -> Releaser:
    settings = Settings.from_env(env)
    return Releaser(
        cluster_arn=settings.cluster_arn,
        holds=DynamoHolds(settings.ledger_table),
        job_states=shared.ledger(settings),
        schedules=SchedulerSchedules(),
        switches=SchedulerSwitches(),
        timers=shared.timers(settings, settings.rerun_function_arn),
        limits=settings.limits,
    )
