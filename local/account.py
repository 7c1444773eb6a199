"""The whole emulated account: emulator, local Fargate, bus, scheduler, registry, Slack stand-in and inbox."""

import json
import os
import secrets
import shutil
import urllib.request
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from local.aws import Clients, Endpoints
from local.bus import Bus
from local.emulator import INBOX, Emulator
from local.emulator_front import KILLING, REDELIVERY, THROTTLING
from local.fargate.front import LocalFargate
from local.fargate.pull import Puller
from local.fargate.task import Task
from local.images import site_image
from local.lock import holder, take
from local.messages.click import USER, Clicker
from local.messages.events import EventCollector
from local.messages.inbox import Inbox
from local.messages.server import MessageServer
from local.patience import PATIENCE
from local.pipeline import CONTAINER, LOG_GROUP, REPOSITORY, STREAM_PREFIX, Pipeline
from local.registry import Registry
from local.root import ROOT
from local.sam import Progress, Sam
from local.scheduler import LocalScheduler
from local.schedules import repair, update_request
from local.site_runner import SiteRunner
from local.slack import BOT_TOKEN, SlackReceiver

STATE = ROOT / ".local"
RELEASES = (1, 2, 3)
STACK = "cronmend"
TIMERS = f"{STACK}-timers"
"""The group of Cronmend's timers."""
LONG_DUE = timedelta(minutes=1)
SLACK_CHANNEL = "C0ALERTS"


class AccountInUse(RuntimeError):
    """Another process already has an account in the directory."""


class LocalAccount:
    """An emulated AWS account that exists as long as this context. Nothing of it outlives this process.

    Args:
        state: a directory for this account alone; anything in it is removed.
        database_url: the example site's database; ``""`` for SQLite in ``state``.
        environment: more variables for the emulator and the functions in it.
    """

    def __init__(self, state: Path, *, database_url: str = "", environment: Mapping[str, str] | None = None) -> None:
        self.state = state
        self.endpoints = Endpoints.on_free_ports()
        self.clients = Clients(self.endpoints)
        self.registry = Registry()
        self.inbox = Inbox()
        self.messages = MessageServer(self.inbox)
        self.slack = SlackReceiver(on_message=self.inbox.put)
        self.bus = Bus(self.clients)
        inbox = {INBOX: self.messages.sns_address}
        self.emulator = Emulator(self.endpoints, state, {**inbox, **(environment or {})})
        puller = Puller(self.registry.address, state / "images")
        port = int(self.endpoints.ecs.rsplit(":", 1)[-1])
        self.fargate = LocalFargate(self.endpoints.aws, puller, self.clients.logs, self.bus.publish, port)
        self.scheduler = LocalScheduler(self.clients, self.fargate.run_task)
        site = {"DATABASE_URL": database_url} if database_url else {"SITE_DATABASE": str(state / "site.sqlite3")}
        self.pipeline = Pipeline(self.clients, site)
        self.site = SiteRunner(state / "ci", site)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """
        Raises:
            AccountInUse: another process has an account in ``state``.
        """
        with ExitStack() as stack:
            # These hold a port since their construction.
            for server in (self.registry, self.slack, self.messages, self.fargate):
                stack.push(server)
            stack.callback(os.close, _lock(self.state))
            _clear(self.state)
            stack.enter_context(self.registry)
            stack.enter_context(self.slack)
            stack.enter_context(self.messages)
            stack.enter_context(self.emulator)
            stack.enter_context(self.bus)
            stack.enter_context(self.fargate)
            stack.callback(self.scheduler.stop)
            self._push_images()
            self.pipeline.create_base()
            stack.enter_context(EventCollector(self.clients, self.inbox.put))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def deploy(self, parameters: Mapping[str, str], progress: Progress = lambda _: None) -> None:
        """``sam build`` and ``sam deploy`` of the real template."""
        sam = Sam(self.endpoints, ROOT / "template.yaml", self.state / "sam", progress)
        sam.deploy(sam.build(), STACK, parameters)
        self.repair_schedules()

    def output(self, name: str) -> str:
        """An output of the deployed stack."""
        (stack,) = self.clients.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
        return next(each["OutputValue"] for each in stack.get("Outputs", []) if each["OutputKey"] == name)

    def waiting(self, queue_url: str) -> int:
        """About how many messages of a queue aren't deleted: delivered later, waiting, or being handled."""
        answer = self.clients.sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["All"])
        counts = answer["Attributes"].items()
        return sum(int(count) for name, count in counts if name.startswith("ApproximateNumberOfMessages"))

    def set_variables(self, variables: Mapping[str, str]) -> None:
        """Add environment variables to all deployed functions, which the template doesn't set."""
        functions = self.clients.functions
        for page in functions.get_paginator("list_functions").paginate():
            for each in page["Functions"]:
                given = {**each.get("Environment", {}).get("Variables", {}), **variables}
                functions.update_function_configuration(
                    FunctionName=each["FunctionName"], Environment={"Variables": given}
                )

    def reconcile(self) -> None:
        """Invoke the function that runs every five minutes, and wait for it.

        Raises:
            RuntimeError: it failed.
        """
        answer = self.clients.functions.invoke(FunctionName=f"{STACK}-reconcile", Payload=b"{}")
        if "FunctionError" in answer:
            raise RuntimeError(f"reconcile failed: {answer['Payload'].read().decode()}")

    def disable_rules(self, function: str) -> None:
        """Disable the rules that trigger a function; ``function`` is its name in the template."""
        events = self.clients.events
        for page in events.get_paginator("list_rules").paginate():
            for rule in page["Rules"]:
                if function in rule["Name"]:
                    events.disable_rule(Name=rule["Name"])

    def slack_secret(self) -> str:
        """Create a secret for the Slack stand-in, with a bot token; returns its ARN."""
        text = json.dumps({"token": BOT_TOKEN, "channel": SLACK_CHANNEL, "api": self.slack.api_url})
        return self.clients.secrets.create_secret(Name="cronmend/slack", SecretString=text)["ARN"]

    def slack_buttons(self) -> Mapping[str, str]:
        """Create the signing secret, let the page of messages click, and return the parameters that deploy buttons."""
        secret = secrets.token_hex(16)
        self.messages.clicker = Clicker(self.endpoints, self.clients, self.slack, secret, STACK)
        arn = self.clients.secrets.create_secret(Name="cronmend/slack-signing", SecretString=secret)["ARN"]
        return {"SlackSigningSecretArn": arn, "SlackAllowed": USER}

    def throttle(self, *, on: bool) -> tuple[int, int]:
        """Throttle DynamoDB and ECS, or stop it; returns how many calls were made since it was on, and rejected."""
        counted = self._put(THROTTLING, {"on": on})
        ecs = self.fargate.throttling
        ecs.switch(on=on)
        return counted["calls"] + ecs.calls, counted["rejected"] + ecs.rejected

    def kill_functions_after(self, calls: Iterable[str], times: int) -> None:
        """Kill the functions after the next ``times`` calls of each kind, such as ``DynamoDB_20120810.PutItem``."""
        self._put(KILLING, {"calls": dict.fromkeys(calls, times)})

    def kills(self) -> int:
        """How many calls were fatal since the last :meth:`kill_functions_after`."""
        kills: int = self._put(KILLING, {})["kills"]
        return kills

    def redeliver(self) -> int:
        """Let each message of a queue that is delivered again later be delivered now; returns how many there were."""
        messages: int = self._put(REDELIVERY, {})["messages"]
        return messages

    def fire_timers(self, name: str) -> int:
        """Date back the timers of Cronmend whose names start so, such as ``rerun-``; returns how many there were."""
        scheduler, count = self.clients.scheduler, 0
        past = f"at({datetime.now(UTC) - LONG_DUE:%Y-%m-%dT%H:%M:%S})"
        for page in scheduler.get_paginator("list_schedules").paginate(GroupName=TIMERS, NamePrefix=name):
            for each in page["Schedules"]:
                # It may have fired meanwhile.
                with suppress(scheduler.exceptions.ResourceNotFoundException):
                    timer: Any = scheduler.get_schedule(GroupName=TIMERS, Name=each["Name"])
                    scheduler.update_schedule(**update_request({**timer, "ScheduleExpression": past}))
                    count += 1
        return count

    def _put(self, path: str, content: Mapping[str, Any]) -> Any:
        body = json.dumps(content).encode()
        request = urllib.request.Request(self.endpoints.aws + path, data=body, method="PUT")  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 - as above
            return json.loads(answer.read())

    def repair_schedules(self) -> int:
        """Restore what the emulator's CloudFormation loses; returns how many schedules changed."""
        return repair(self.endpoints, self.clients)

    def task_log(self, task_arn: str) -> list[str]:
        """The container's output from CloudWatch Logs; ``[]`` if it never ran."""
        stream = f"{STREAM_PREFIX}/{CONTAINER}/{task_arn.rsplit('/', 1)[-1]}"
        logs = self.clients.logs
        try:
            page = logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=stream, startFromHead=True)
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in page["events"]]

    def wait_until_stopped(self, task_arn: str, seconds: float) -> Task:
        """The task, after its STOPPED event was delivered.

        Raises:
            TimeoutError: it is still running, or its events aren't delivered, after ``seconds``.
        """
        life = self.fargate.store.life(task_arn)
        if life is None or not life.join(seconds) or not self.bus.idle(seconds):
            raise TimeoutError(f"{task_arn} has not stopped within {seconds:.0f} s")
        return life.task

    def settled(self, seconds: float) -> bool:
        """Whether each service deployment has ended, and every event so far is delivered, within ``seconds`` each."""
        return self.fargate.rollouts.settled(seconds) and self.bus.idle(seconds)

    def _push_images(self) -> None:
        for release in RELEASES:
            self.registry.push(REPOSITORY, release, site_image(release))


def _lock(directory: Path) -> int:
    path = directory.with_name(f"{directory.name}.lock")
    try:
        return take(path)
    except BlockingIOError as error:
        raise AccountInUse(f"Process {holder(path)} has an account in '{directory}'. Stop it first.") from error


def _clear(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
