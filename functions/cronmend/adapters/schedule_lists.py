"""The account's schedules and rules, as AWS lists them, so that only one that has changed has to be read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.adapters.event_rules import EventRules
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.jobs.identity import RULE
from cronmend.model import LiveSchedule, Missing
from cronmend.model.timetables import Listed

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_scheduler import EventBridgeSchedulerClient

_PAGE = 100
"""The most that ListRules accepts."""


class AwsScheduleLists:
    permissions = (
        *("scheduler:ListSchedules", "scheduler:GetSchedule"),
        *("events:ListRules", "events:DescribeRule", "events:ListTargetsByRule"),
    )

    def __init__(
        self,
        clusters: Sequence[str],
        scheduler: "EventBridgeSchedulerClient | None" = None,
        events: "EventBridgeClient | None" = None,
    ) -> None:
        self._clusters = frozenset(clusters)
        self._events = events or session().client("events", config=CONFIG)
        self._schedules, self._rules = SchedulerSchedules(scheduler), EventRules(self._events)

    def listed(self) -> Sequence[Listed]:
        return (*self._schedules.listed(self._clusters), *self._listed_rules())

    def read(self, source: str) -> Sequence[LiveSchedule]:
        if source.startswith(RULE):
            return [each for each in self._rules.targets(source) if each.cluster_arn in self._clusters]
        found = self._schedules.get(source)
        return [] if isinstance(found, Missing) or found.cluster_arn not in self._clusters else [found]

    def _listed_rules(self) -> Iterator[Listed]:
        """A list shows no target: one that has changed alone is seen when the rule changes, too."""
        with our_errors("list the rules"):
            pages = self._events.get_paginator("list_rules").paginate(PaginationConfig={"PageSize": _PAGE})
            found: list[Mapping[str, Any]] = [rule for page in pages for rule in page["Rules"]]
        for rule in found:
            if expression := rule.get("ScheduleExpression"):
                yield Listed(f"{RULE}{rule['Name']}", f"{expression} {rule.get('State', '')}")
