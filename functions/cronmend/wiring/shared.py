"""Parts that several functions use."""

import os
from collections.abc import Callable, Mapping
from copy import replace
from functools import cache
from pathlib import Path

from cronmend.adapters.event_queue import SqsEventQueue
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.published import DynamoPublished, Edition, File, RecentlyPublished
from cronmend.adapters.timers import SchedulerTimers
from cronmend.alerting import routes
from cronmend.alerting.routes import Routes
from cronmend.deploys.holds import Which
from cronmend.jobs import policies
from cronmend.jobs.policies import Policies
from cronmend.model import Follow
from cronmend.settings import Settings, is_published


@cache
def published(table: str) -> RecentlyPublished:
    """One for all use cases of a function."""
    return RecentlyPublished(DynamoPublished(table))


class Current[T]:
    """The use case that a factory builds, built again when a file that it read was published again.

    It is kept otherwise: its clients and what they know serve many events.
    """

    def __init__(self, build: Callable[[], T]) -> None:
        self._build = build
        self.cache_clear()

    def cache_clear(self) -> None:
        self._editions: tuple[Edition, ...] | None = None
        """Of the files that were read for it; None as long as nothing is built."""

    def __call__(self) -> T:
        files = published(os.environ["LEDGER_TABLE"]) if is_published(os.environ) else None
        editions = files.editions() if files else ()
        if editions != self._editions:
            self._built = self._build()
            self._editions = files.known() if files else ()
        return self._built


def policies_of(settings: Settings) -> Policies:
    """The policies, with the stack's defaults for jobs that aren't in jobs.toml."""
    known = policies.read(_text(settings, File.JOBS, policies.PATH))
    defaults = replace(known.defaults, rerun=settings.default_policy, stale_after=settings.stale_after)
    return replace(known, defaults=defaults)


def routes_of(settings: Settings) -> Routes:
    return routes.read(_text(settings, File.ALERTS, routes.PATH))


def _text(settings: Settings, file: File, packaged: Path) -> str:
    found = published(settings.ledger_table).read(file) if settings.published else None
    return found.text if found else packaged.read_text(encoding="utf-8")


def following_policies(settings: Settings, which: Which) -> Policies:
    """As :func:`policies_of`, for ``follow``: no job follows its service if the stack lets none.

    One that isn't in jobs.toml does so only if the stack lets all.
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
