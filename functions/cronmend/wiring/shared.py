"""What several functions are made of."""

from dataclasses import replace

from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.timers import SchedulerTimers
from cronmend.jobs import policies
from cronmend.jobs.policies import Policies
from cronmend.settings import Settings


def policies_of(settings: Settings) -> Policies:
    """The template's default policy holds for jobs that jobs.toml does not mention."""
    known = policies.read(policies.PATH.read_text(encoding="utf-8"))
    return replace(known, defaults=replace(known.defaults, rerun=settings.default_policy))


def ledger(settings: Settings) -> DynamoLedger:
    return DynamoLedger(settings.ledger_table, settings.record_life, settings.budget.per_hour)


def timers(settings: Settings, wakes: str) -> SchedulerTimers:
    """They wake the function of this ARN."""
    return SchedulerTimers(settings.timer_group, wakes, settings.timer_role_arn, settings.timer_dlq_arn)
