"""Timers as one-time schedules of EventBridge Scheduler, in a group of their own."""

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.errors import NotFound
from cronmend.incoming.timer_forms import payload
from cronmend.model.incident import LEAD
from cronmend.model.wakeups import HoldTimer, RerunTimer

if TYPE_CHECKING:
    from types_boto3_scheduler import EventBridgeSchedulerClient

    from cronmend.model.alert_wakeups import Timer


class SchedulerTimers:
    permissions = ("scheduler:CreateSchedule", "scheduler:UpdateSchedule", "iam:PassRole")

    def __init__(
        self,
        group: str,
        target_arn: str,
        role_arn: str,
        dlq_arn: str,
        client: "EventBridgeSchedulerClient | None" = None,
    ) -> None:
        """``target_arn`` names the function that the timers invoke, or the queue that they send to."""
        self._group = group
        self._target_arn = target_arn
        self._role_arn = role_arn
        self._dlq_arn = dlq_arn
        self._client = client or session().client("scheduler", config=CONFIG)

    def set(self, timer: "Timer") -> None:
        """Equal timers have one name, so ConflictException means that the timer is already set."""
        with our_errors(f"set the timer {timer.name}"), suppress(self._client.exceptions.ConflictException):
            self._client.create_schedule(**self._schedule(timer))

    def bring_forward(self, timer: RerunTimer | HoldTimer) -> None:
        try:
            with our_errors(f"bring the timer {timer.name} forward"):
                self._client.update_schedule(**self._schedule(timer))
        except NotFound:
            self.set(timer)

    def _schedule(self, timer: "Timer") -> dict[str, Any]:
        """It deletes itself after it has fired. A time in the past becomes the nearest time that Scheduler accepts."""
        at = max(timer.at, datetime.now(UTC) + LEAD)
        return {
            "GroupName": self._group,
            "Name": timer.name,
            "ScheduleExpression": f"at({_whole_second(at):%Y-%m-%dT%H:%M:%S})",
            "ScheduleExpressionTimezone": "UTC",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "ActionAfterCompletion": "DELETE",
            "Target": {
                "Arn": self._target_arn,
                "RoleArn": self._role_arn,
                "Input": json.dumps(payload(timer)),
                "DeadLetterConfig": {"Arn": self._dlq_arn},
                "RetryPolicy": {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600},
            },
        }


def _whole_second(at: datetime) -> datetime:
    """Rounded up, so that a timer never fires early."""
    return at.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1 if at.microsecond else 0)
