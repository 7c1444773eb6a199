"""Runs EventBridge Scheduler's ECS targets, which the emulator stores but never runs.

The emulator itself invokes Lambda targets.
"""

import json
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from cronmend.jobs.cron import CronError, parse
from local.aws import Clients
from local.fargate.errors import EcsError
from local.schedule_target import is_ecs, run_task_request

type Schedule = Mapping[str, Any]
"""GetSchedule's answer."""
type RunTask = Callable[[dict[str, Any]], Mapping[str, Any]]

PRECISION = timedelta(seconds=1)
"""Of the slot that a run is given: runs with equal ones count as tasks of one call."""
SECONDS_BETWEEN_TICKS = 0.5
"""The emulator deletes a one-time schedule when it is due, so one not seen before would be lost."""


@dataclass(frozen=True, slots=True)
class Fired:
    """The result of a slot: the tasks it started, or why it started none."""

    job: str
    at: datetime
    tasks: tuple[str, ...] = ()
    error: str = ""


class LocalScheduler:
    def __init__(self, clients: Clients, run_task: RunTask, since: datetime | None = None) -> None:
        self._clients = clients
        self._run_task = run_task
        self._last = since or datetime.now(UTC)
        self._known: dict[str, Schedule] = {}
        self._latest: dict[str, datetime] = {}
        self._lock = threading.Lock()
        self._is_ready: Callable[[], bool] = lambda: True
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._tick_until_stopped, name="scheduler", daemon=True)

    def start(self, is_ready: Callable[[], bool] = lambda: True) -> None:
        """Tick with the real clock until :meth:`stop`.

        Args:
            is_ready: whether the schedules can be read. While they can't, due slots stay due.
        """
        self._is_ready = is_ready
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def tick(self, now: datetime) -> list[Fired]:
        """Start everything that is due after the last tick and up to ``now``."""
        with self._lock:
            before, self._known = self._known, {_key(each): each for each in self._read()}
            # A one-time schedule may be missing because it was due: the emulator deletes those.
            vanished = [each for key, each in before.items() if key not in self._known and _is_one_time(each)]
            due = [(s, at) for s in (*self._known.values(), *vanished) for at in slots(s, self._last, now)]
            self._last = max(self._last, now)
            return [self._fire(schedule, at) for schedule, at in sorted(due, key=lambda pair: pair[1])]

    def fire(self, group: str, name: str, at: datetime | None = None) -> Fired:
        """Start the job now, as if its scheduled time had come, unless the schedule is disabled."""
        schedule = self._clients.scheduler.get_schedule(GroupName=group, Name=name)
        slot = at or self._slot_now(_key(schedule))
        if schedule["State"] != "ENABLED":
            return Fired(_key(schedule), slot, error="the schedule is disabled")
        return self._fire(schedule, slot)

    def _slot_now(self, key: str) -> datetime:
        """Now, or later if the schedule has been fired within the same second: its slots differ, as at AWS."""
        with self._lock:
            now = datetime.now(UTC)
            slot = max(now, self._latest.get(key, now - PRECISION) + PRECISION)
            self._latest[key] = slot
        return slot

    def _tick_until_stopped(self) -> None:
        while not self._end.wait(SECONDS_BETWEEN_TICKS):
            try:
                if self._is_ready():
                    self.tick(datetime.now(UTC))
            except (ClientError, BotoCoreError):
                # The emulator is stopping or busy. Due slots stay due.
                continue

    def _read(self) -> Iterator[Schedule]:
        for page in self._clients.scheduler.get_paginator("list_schedules").paginate():
            for entry in page["Schedules"]:
                try:
                    schedule = self._clients.scheduler.get_schedule(GroupName=entry["GroupName"], Name=entry["Name"])
                except self._clients.scheduler.exceptions.ResourceNotFoundException:
                    continue
                if is_ecs(schedule["Target"]):
                    yield schedule

    def _fire(self, schedule: Schedule, at: datetime) -> Fired:
        request = run_task_request(schedule, at, secrets.token_hex(8))
        try:
            answer = self._run_task(request)
        except EcsError as error:
            self._dead_letter(schedule, at, request, error)
            return Fired(_key(schedule), at, error=str(error))
        self._after(schedule)
        # A lack of capacity is not an error for EventBridge Scheduler, and it reports nothing.
        failures = ", ".join(str(failure.get("reason")) for failure in answer["failures"])
        return Fired(_key(schedule), at, tuple(task["taskArn"] for task in answer["tasks"]), failures)

    def _after(self, schedule: Schedule) -> None:
        if not _is_one_time(schedule) or schedule.get("ActionAfterCompletion") != "DELETE":
            return
        try:
            self._clients.scheduler.delete_schedule(GroupName=schedule["GroupName"], Name=schedule["Name"])
        except self._clients.scheduler.exceptions.ResourceNotFoundException:
            return

    def _dead_letter(self, schedule: Schedule, at: datetime, request: Mapping[str, Any], error: EcsError) -> None:
        """https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html"""
        arn = (schedule["Target"].get("DeadLetterConfig") or {}).get("Arn")
        if not arn:
            return
        attributes: Any = {
            name: {"DataType": "String", "StringValue": value}
            for name, value in {
                "ERROR_CODE": error.code,
                "ERROR_MESSAGE": error.message,
                "EXECUTION_ID": secrets.token_hex(8),
                "IS_PAYLOAD_TRUNCATED": "false",
                "RETRY_ATTEMPTS": "0",
                "SCHEDULED_TIME": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "SCHEDULE_ARN": schedule["Arn"],
                "TARGET_ARN": "arn:aws:scheduler:::aws-sdk:ecs:runTask",
            }.items()
        }
        queue = self._clients.sqs.get_queue_url(QueueName=arn.rsplit(":", 1)[-1])["QueueUrl"]
        self._clients.sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(request), MessageAttributes=attributes)


def slots(schedule: Schedule, after: datetime, until: datetime) -> Iterable[datetime]:
    """The schedule's slots in (after, until]; none if it is disabled or its expression isn't valid."""
    if schedule.get("State") != "ENABLED":
        return ()
    try:
        parsed = parse(
            schedule["ScheduleExpression"],
            schedule.get("ScheduleExpressionTimezone") or "UTC",
            # A rate without a start counts from the schedule's creation.
            start=schedule.get("StartDate") or (_creation(schedule) if _is_rate(schedule) else None),
            end=schedule.get("EndDate"),
        )
    except CronError:
        return ()
    return list(parsed.between(after, until))


def _key(schedule: Schedule) -> str:
    return f"{schedule['GroupName']}/{schedule['Name']}"


def _is_one_time(schedule: Schedule) -> bool:
    return str(schedule["ScheduleExpression"]).startswith("at(")


def _is_rate(schedule: Schedule) -> bool:
    return str(schedule["ScheduleExpression"]).startswith("rate(")


def _creation(schedule: Schedule) -> datetime | None:
    created = schedule.get("CreationDate")
    return created if isinstance(created, datetime) else None
