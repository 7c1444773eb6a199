"""CloudTrail's RunTask events of the last 90 days, which every account keeps without a trail of its own.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html: two calls a second for an account
and Region, 50 events each, the newest first.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from cli.what_if.past import TaskStart, Trail
from cronmend.adapters.reads import denials
from cronmend.errors import UNREADABLE, BadEvent
from cronmend.incoming.envelope import aware, text
from cronmend.incoming.start_failures import API_CALL, refused_start
from cronmend.incoming.task_events import override_of
from cronmend.model import ContainerOverride, TaskDefinitionRef
from cronmend.model.start_failures import RefusedStart

PACE: Final = 0.5
"""Seconds between two calls."""
_PAGE: Final = 50
_RUN_TASK: Final = ({"AttributeKey": "EventName", "AttributeValue": "RunTask"},)

type Progress = Callable[[int], None]
"""Takes how many are done."""


@dataclass
class CloudTrailReader:
    permissions = ("cloudtrail:LookupEvents",)

    client: Any
    most: int
    """How many events are read: the newest ones."""
    sleep: Callable[[float], None] = time.sleep
    _unreadable: int = field(default=0, init=False)

    def read(self, since: datetime, until: datetime, progress: Progress) -> Trail:
        """
        Raises:
            Denied: the credentials may not look up events.
            Retryable: CloudTrail doesn't answer, or throttles for too long.
        """
        starts: dict[str, TaskStart] = {}
        refused: list[RefusedStart] = []
        earliest: datetime | None = None
        for number, event in enumerate(self._events(since, until), start=1):
            progress(number)
            for found in self._of(event):
                if isinstance(found, TaskStart):
                    starts[found.task_arn] = found  # a page may repeat events of the one before
                else:
                    refused.append(found)
            if number == self.most:
                earliest = event["EventTime"]
                break
        return Trail(
            tuple(sorted(starts.values(), key=_at)), tuple(sorted(refused, key=_at)), earliest, self._unreadable
        )

    def _events(self, since: datetime, until: datetime) -> Iterator[Mapping[str, Any]]:
        page: dict[str, Any] = {}
        while True:
            with denials("look up the RunTask events in CloudTrail", "cloudtrail"):
                answer = self.client.lookup_events(
                    LookupAttributes=_RUN_TASK, StartTime=since, EndTime=until, MaxResults=_PAGE, **page
                )
            yield from answer.get("Events", ())
            if not (token := answer.get("NextToken")):
                return
            page = {"NextToken": token}
            self.sleep(PACE)

    def _of(self, event: Mapping[str, Any]) -> list[TaskStart | RefusedStart]:
        """One event in a wrong form must not hide the others."""
        try:
            return list(starts_of(json.loads(event["CloudTrailEvent"])))
        except (*UNREADABLE, BadEvent):
            self._unreadable += 1
            return []


def starts_of(record: Mapping[str, Any]) -> Iterator[TaskStart | RefusedStart]:
    """The tasks that a RunTask call started, or the start that was refused.

    A call without ``startedBy`` that was refused belongs to no schedule.
    """
    request, answer = record.get("requestParameters") or {}, record.get("responseElements") or {}
    for task in answer.get("tasks") or ():
        yield TaskStart(
            task_arn=_arn(task, "taskArn", "task"),
            cluster_arn=_arn(task, "clusterArn", "cluster"),
            definition_arn=_definition(task),
            started_by=str(task.get("startedBy") or request.get("startedBy") or ""),
            at=aware(text(record, "eventTime")),
            overrides=_overrides(request),
            launch_type=str(task.get("launchType") or ""),
        )
    if not answer.get("tasks") and request.get("startedBy"):
        shown = {**record, "requestParameters": {**request, "overrides": _shown(request.get("overrides"))}}
        refused = refused_start({"version": "0", "id": record.get("eventID"), "detail-type": API_CALL, "detail": shown})
        if refused:
            yield refused


def _arn(task: Mapping[str, Any], key: str, kind: str) -> str:
    """Raises ValueError if it can't be the ARN of this kind: what reads it later would fail for the whole past."""
    found = text(task, key)
    if f":{kind}/" not in found:
        raise ValueError(f"{key} is {found!r}")
    return found


def _definition(task: Mapping[str, Any]) -> str:
    found = _arn(task, "taskDefinitionArn", "task-definition")
    TaskDefinitionRef.parse(found)
    return found


def _overrides(request: Mapping[str, Any]) -> tuple[ContainerOverride, ...] | None:
    """None if CloudTrail shows a text in place of the overrides or of a command."""
    raw = request.get("overrides") or {}
    each = raw.get("containerOverrides") or () if isinstance(raw, Mapping) else None
    if each is None or isinstance(each, str) or any(isinstance(one.get("command"), str) for one in each):
        return None
    return tuple(override_of(_readable(one)) for one in each if one.get("name"))


def _shown(raw: Any) -> Mapping[str, Any]:
    found = _overrides({"overrides": raw})
    return {"containerOverrides": [{"name": each.name, "command": list(each.command)} for each in found or ()]}


def _readable(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without an environment that is hidden: its values may be secrets."""
    return {**raw, "environment": ()} if isinstance(raw.get("environment"), str) else raw


def _at(found: TaskStart | RefusedStart) -> datetime:
    return found.at
