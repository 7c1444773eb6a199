"""Parts that several functions use."""

import os
from collections.abc import Mapping
from dataclasses import replace

from cronmend.adapters.event_queue import SqsEventQueue
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.timers import SchedulerTimers
from cronmend.deploys.holds import Which
from cronmend.jobs import policies
from cronmend.jobs.policies import Policies
from cronmend.model import Follow
from cronmend.settings import Settings


def policies_of(settings: Settings) -> Policies:
    """The policies, with the stack's defaults for jobs that aren't in jobs.toml."""
    known = policies.read(policies.PATH.read_text(encoding="utf-8"))
    defaults = replace(known.defaults, rerun=settings.default_policy, stale_after=settings.stale_after)
    return replace(known, defaults=defaults)


def following_policies(settings: Settings, which: Which) -> Policies:
    """The same, for schedules that follow a service: a job that isn't in jobs.toml does so only if the stack lets all.

    No job does if the stack lets none.
    """
    known = policies_of(settings)
    if which is Which.NONE:
        jobs = {job: replace(policy, follow=Follow.NONE) for job, policy in known.jobs.items()}
        return replace(known, jobs=jobs)
    follow = Follow.SERVICE if which is Which.ALL else Follow.NONE
    return replace(known, defaults=replace(known.defaults, follow=follow))


def ledger(settings: Settings) -> DynamoLedger:
    return DynamoLedger(settings.ledger_table, settings.record_life, settings.budget.per_hour)


def timers(settings: Settings, target_arn: str) -> SchedulerTimers:
    """Timers that trigger this function, or send to this queue."""
    return SchedulerTimers(settings.timer_group, target_arn, settings.timer_role_arn, settings.timer_dlq_arn)


def healing_timers(settings: Settings) -> SchedulerTimers:
    """Timers that trigger ``rerun`` through its queue, which keeps them until they are handled."""
    return timers(settings, settings.rerun_queue_arn)


def queue(env: Mapping[str, str] = os.environ) -> SqsEventQueue:
    """The function's own queue."""
    settings = Settings.from_env(env)
    return SqsEventQueue(settings.queue_url, settings.dead_letters_url)
