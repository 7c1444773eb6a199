"""The account's schedules and rules, as AWS lists them, so that only one that has changed has to be read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.adapters.event_rules import EventRules
from cronmend.adapters.schedules import SchedulerSchedules, version_of
from cronmend.jobs.identity import RULE
from cronmend.model import LiveSchedule, Missing
from cronmend.model.timetables import Listed

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient
    from types_boto3_scheduler import EventBridgeSchedulerClient

_PAGE = 100
"""The most that ListSchedules and ListRules accept."""


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
        self._scheduler = scheduler or session().client("scheduler", config=CONFIG)
        self._events = events or session().client("events", config=CONFIG)
        self._schedules, self._rules = SchedulerSchedules(self._scheduler), EventRules(self._events)

    def listed(self) -> Sequence[Listed]:
        return (*self._listed_schedules(), *self._listed_rules())

    def read(self, source: str) -> Sequence[LiveSchedule]:
        if source.startswith(RULE):
            return [each for each in self._rules.targets(source) if each.cluster_arn in self._clusters]
        found = self._schedules.get(source)
        return [] if isinstance(found, Missing) or found.cluster_arn not in self._clusters else [found]

    def _listed_schedules(self) -> Iterator[Listed]:
        with our_errors("list the schedules"):
            pages = self._scheduler.get_paginator("list_schedules").paginate(PaginationConfig={"PageSize": _PAGE})
            found = [each for page in pages for each in page["Schedules"]]
        for each in found:
            if each["Target"]["Arn"] in self._clusters:
                changed_at = each.get("LastModificationDate")
                yield Listed(f"{each['GroupName']}/{each['Name']}", version_of(changed_at), changed_at)

    def _listed_rules(self) -> Iterator[Listed]:
        """A list shows no target: one that has changed alone is seen when the rule changes, too."""
        with our_errors("list the rules"):
            pages = self._events.get_paginator("list_rules").paginate(PaginationConfig={"PageSize": _PAGE})
            found: list[Mapping[str, Any]] = [rule for page in pages for rule in page["Rules"]]
        for rule in found:
            if expression := rule.get("ScheduleExpression"):
                yield Listed(f"{RULE}{rule['Name']}", f"{expression} {rule.get('State', '')}")
