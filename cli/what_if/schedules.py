"""Every schedule and rule of the account and Region that starts ECS tasks, whatever its cluster."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from cronmend.adapters.event_rules import EventRules
from cronmend.adapters.reads import denials
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.jobs.identity import RULE
from cronmend.model import LiveSchedule, Missing


class _AnyCluster:
    """Contains the ARN of every cluster."""

    def __contains__(self, arn: object) -> bool:
        return ":cluster/" in str(arn)


@dataclass(frozen=True, slots=True)
class ScheduleReader:
    permissions = (*SchedulerSchedules.permissions, *EventRules.permissions)

    scheduler: Any
    events: Any

    def all(self) -> Sequence[LiveSchedule | Missing]:
        """Missing for each that AWS lists and doesn't return.

        Raises:
            Denied: they may not be read.
            Retryable: AWS doesn't answer.
        """
        return [*self._of_scheduler(), *self._of_rules()]

    def _of_scheduler(self) -> Iterator[LiveSchedule | Missing]:
        schedules = SchedulerSchedules(self.scheduler)
        for listed in schedules.listed(_AnyCluster()):
            yield schedules.get(listed.source)

    def _of_rules(self) -> Iterator[LiveSchedule]:
        """A rule that reacts to events starts jobs, too."""
        rules = EventRules(self.events)
        with denials("list the rules of EventBridge", "events"):
            pages = self.events.get_paginator("list_rules").paginate(PaginationConfig={"PageSize": 100})
            names = [rule["Name"] for page in pages for rule in page["Rules"]]
        for name in names:
            yield from rules.targets(f"{RULE}{name}")
