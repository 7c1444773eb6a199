"""Events for the functions' own handlers, in an account that answers every call: each container is a new one."""

import contextlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Self, cast
from unittest import mock

import boto3
from aws_lambda_powertools.utilities import parameters
from aws_lambda_powertools.utilities.typing import LambdaContext

import deploy_state.app
import failure_alert.app
import rerun.app
import task_state.app
from cli.bench.canned_aws import CannedAws
from cli.bench.scene_events import Case, event_of, full_id, queued, stopped
from cronmend import telemetry
from cronmend.adapters import mode, recent_services, schedules
from cronmend.adapters.ledger.timetables import DynamoTimetables
from cronmend.adapters.schedule_lists import AwsScheduleLists
from cronmend.jobs.identity import NAME_KEPT, SCHEDULER
from cronmend.jobs.timetables import of_schedule
from local.aws import ACCOUNT, CLUSTER, CLUSTER_ARN, REGION
from local.slack import BOT_TOKEN, SlackReceiver

_ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
_TOPIC = _ARN.format("sns", "alerts")
SECRET = _ARN.format("secretsmanager", "secret:slack")
ENVIRONMENT = {
    "LEDGER_TABLE": "ledger",
    "CLUSTERS": CLUSTER,
    "CLUSTER_ARN_PREFIX": CLUSTER_ARN.removesuffix(CLUSTER),
    "MODE_PARAMETER": "/cronmend/mode",
    "TIMER_GROUP": "cronmend-timers",
    "TIMER_ROLE_ARN": _ARN.format("iam", "role/timers"),
    "TIMER_DLQ_ARN": _ARN.format("sqs", "timers-dlq"),
    "RERUN_QUEUE_ARN": _ARN.format("sqs", "rerun"),
    "QUEUE_URL": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/events",
    "ALERT_FUNCTION_ARN": _ARN.format("lambda", "function:alert"),
    "TOPIC_ARN": _TOPIC,
    "SLACK_SECRET_ARN": SECRET,
    "DEFAULT_RERUN_POLICY": "safe",
    "HOLD_SCHEDULES": "all",
    "POWERTOOLS_METRICS_NAMESPACE": "Cronmend",
    "POWERTOOLS_SERVICE_NAME": "cronmend",
}
_BUILT = (
    *(app.use_case for app in (task_state.app, deploy_state.app, failure_alert.app)),
    *(rerun.app.timer_use_case, rerun.app.hold_use_case, task_state.app.queue, rerun.app.queue),
)
_JUST_NOW = timedelta(seconds=5)


@dataclass
class Context:
    """The parts of Lambda's context that Powertools and the handlers use; ``left`` is in milliseconds."""

    left: Callable[[], int] = lambda: 180_000
    function_name: str = "cronmend-bench"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = _ARN.format("lambda", "function:cronmend-bench")
    aws_request_id: str = "bench"

    def get_remaining_time_in_millis(self) -> int:
        return self.left()


@dataclass(frozen=True, slots=True)
class _Fixed:
    """Stands in for ``datetime``: how long this machine takes must not decide what is sent."""

    at: datetime

    def now(self, zone: tzinfo) -> datetime:
        return self.at.astimezone(zone)


_CONTEXT = Context()


def jobs(count: int) -> Sequence[str]:
    """Names of schedules that share their first 19 characters."""
    return [f"nightly-report-for-tenant-{number:04}" for number in range(count)]


class Runs:
    """The ends of runs, as ECS reports them to ``task_state``."""

    def __init__(self, case: Case) -> None:
        """In a new container."""
        forget()
        self._case = case

    def end(self, name: str, task_id: str, started_by: str = "", ago: timedelta = _JUST_NOW) -> None:
        """Raises ValueError if the run isn't diagnosed as the case says."""
        event = stopped(name, self._case, task_id, started_by or f"{SCHEDULER}{name[:NAME_KEPT]}", ago)
        _handled(task_state.app.handler, event)
        (category,) = [
            item["run"]["M"]["category"]["S"]
            for item in _items()
            if "run" in item and item["run"]["M"]["task_id"]["S"] == full_id(task_id)
        ]
        if category != self._case.category.value:
            raise ValueError(f"{self._case.event}: diagnosed as {category}, not {self._case.category.value}")


class Alerts(AbstractContextManager["Alerts"]):
    """What follows a failure: its messages, to a stand-in for Slack, a topic and a bus; and a re-run."""

    def __init__(self, account: CannedAws) -> None:
        self._account = account
        self._slack = SlackReceiver(on_message=lambda _: account.calls.update(["slack:message"]))
        self._seen: set[str] = set()
        self._now = datetime.now(UTC)
        self.started_by = ""
        """Of the re-run."""

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        slack = self._stack.enter_context(self._slack)
        self._account.secret = json.dumps({"token": BOT_TOKEN, "channel": "#alerts", "api": slack.api_url})
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def deliver(self) -> None:
        """The batch of the stream with the messages that were written since the last one, ten seconds after it."""
        forget()
        self._now += timedelta(seconds=10)
        records = [
            {"eventID": name, "dynamodb": {"NewImage": item, "SequenceNumber": name}} for name, item in self._new()
        ]
        with mock.patch.object(failure_alert.app, "datetime", _Fixed(self._now)):
            answer = answer_of(failure_alert.app.handler, {"Records": records})
        if not records or answer["batchItemFailures"]:
            raise ValueError(f"{len(records)} messages, of which some weren't delivered: {answer}")

    def _new(self) -> Iterator[tuple[str, Any]]:
        for item in _items():
            name = item["sk"]["S"]
            if name.startswith("MESSAGE#") and name not in self._seen:
                self._seen.add(name)
                yield name, item

    def rerun(self, name: str) -> None:
        """The timer of the job's planned re-run fires."""
        forget()
        (timer,) = [
            each for each in self._account.timers.values() if each["kind"] == "rerun" and each["job"].endswith(name)
        ]
        _handled(rerun.app.handler, timer)
        self.started_by = self._account.started_by
        if not self.started_by:
            raise ValueError("the re-run didn't start")


def marker(phase: str) -> Mapping[str, Any]:
    return event_of(phase, "cronmend.deploy", {"family": "webapp", "release": "v2", "minutes": 30})


def hold(schedules: int) -> None:
    """A deploy starts, and all schedules are held. Raises ValueError if they aren't."""
    forget()
    held = answer_of(deploy_state.app.handler, marker("started"))["switched"]
    if len(held) != schedules:
        raise ValueError(f"{len(held)} of {schedules} schedules were held")


@contextmanager
def unhurried() -> Iterator[None]:
    """What a container has read stays recent: how long this machine takes must not decide what is read again."""
    day = timedelta(days=1)
    with (
        mock.patch.object(schedules, "LIST_AGE", day),
        mock.patch.object(recent_services, "AGE", day),
        mock.patch.object(mode, "SECONDS", int(day.total_seconds())),
    ):
        yield


def keep_timetables() -> None:
    """The ledger has the timetables of all schedules, as ``reconcile`` keeps them."""
    lists, now = AwsScheduleLists([CLUSTER_ARN]), datetime.now(UTC)
    timetables = DynamoTimetables(ENVIRONMENT["LEDGER_TABLE"], boto3.client("dynamodb"))
    for listed in lists.listed():
        for schedule in lists.read(listed.source):
            timetables.put(of_schedule(schedule, listed, now))


def _handled(handler: Callable[..., Any], event: Mapping[str, Any]) -> None:
    """As the function's queue delivers it. Raises ValueError if it would be delivered again."""
    answer = answer_of(handler, {"Records": [queued(event)]})
    if answer["batchItemFailures"]:
        raise ValueError("the event would be delivered again")


def answer_of(handler: Callable[..., Any], event: Mapping[str, Any], context: Context = _CONTEXT) -> Any:
    """Without the function's log and metrics."""
    level = telemetry.logger.log_level
    telemetry.logger.setLevel("CRITICAL")
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return handler(dict(event), cast(LambdaContext, context))
    finally:
        telemetry.logger.setLevel(level)


def forget() -> None:
    """What a container keeps between two events."""
    parameters.clear_caches()  # type: ignore[no-untyped-call] # Powertools gives it no type
    for use_case in _BUILT:
        use_case.cache_clear()


def _items() -> Sequence[Any]:
    return boto3.client("dynamodb").scan(TableName=ENVIRONMENT["LEDGER_TABLE"])["Items"]
