"""Parts that several functions use."""

from dataclasses import replace

from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.timers import SchedulerTimers
from cronmend.jobs import policies
from cronmend.jobs.policies import Policies
from cronmend.settings import Settings


def policies_of(settings: Settings) -> Policies:
    """The policies, with the stack's defaults for jobs that aren't in jobs.toml."""
    known = policies.read(policies.PATH.read_text(encoding="utf-8"))
    defaults = replace(known.defaults, rerun=settings.default_policy, stale_after=settings.stale_after)
    return replace(known, defaults=defaults)


def ledger(settings: Settings) -> DynamoLedger:
    return DynamoLedger(settings.ledger_table, settings.record_life, settings.budget.per_hour)


def timers(settings: Settings, function_arn: str) -> SchedulerTimers:
    """Timers that trigger this function."""
    return SchedulerTimers(settings.timer_group, function_arn, settings.timer_role_arn, settings.timer_dlq_arn)
