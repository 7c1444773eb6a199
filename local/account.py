"""AWS on this machine, tied together: emulator, local Fargate, bus, scheduler, registry and Slack's stand-in."""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from local.aws import Clients, Endpoints
from local.bus import Bus
from local.emulator import Emulator
from local.fargate.front import LocalFargate
from local.fargate.pull import Puller
from local.fargate.task import Task
from local.images import site_image
from local.lock import holder, take
from local.pipeline import CONTAINER, LOG_GROUP, REPOSITORY, STREAM_PREFIX, Pipeline
from local.registry import Registry
from local.sam import ROOT, Progress, Sam
from local.scheduler import LocalScheduler
from local.schedules import repair
from local.site_runner import SiteRunner
from local.slack import BOT_TOKEN, SlackReceiver

STATE = ROOT / ".local"
RELEASES = (1, 2, 3)
STACK = "cronmend"
SLACK_CHANNEL = "C0ALERTS"


class AccountInUse(RuntimeError):
    """Two accounts can't share a directory."""


class LocalAccount:
    """An AWS account that lives as long as this context; nothing of it outlives this process.

    Args:
        state: a directory of its own; what an earlier account left there is removed.
        database_url: the example site's database; empty for SQLite in ``state``.
        environment: further variables for the emulator and the functions in it.
    """

    def __init__(self, state: Path, *, database_url: str = "", environment: Mapping[str, str] | None = None) -> None:
        self.state = state
        self.endpoints = Endpoints.on_free_ports()
        self.clients = Clients(self.endpoints)
        self.registry = Registry()
        self.slack = SlackReceiver()
        self.bus = Bus(self.clients)
        self.emulator = Emulator(self.endpoints, state, environment)
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
            # These have had a port since they were made.
            for server in (self.registry, self.slack, self.fargate):
                stack.push(server)
            stack.callback(os.close, _take(self.state))
            _empty(self.state)
            stack.enter_context(self.registry)
            stack.enter_context(self.slack)
            stack.enter_context(self.emulator)
            stack.enter_context(self.bus)
            stack.enter_context(self.fargate)
            stack.callback(self.scheduler.stop)
            self._push_images()
            self.pipeline.lay_ground()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def deploy(self, parameters: Mapping[str, str], progress: Progress = lambda _: None) -> None:
        """``sam build`` and ``sam deploy`` of the real template."""
        sam = Sam(self.endpoints, ROOT / "template.yaml", self.state / "sam", progress)
        sam.deploy(sam.build(), STACK, parameters)
        self.repair_schedules()

    def slack_secret(self) -> str:
        """The ARN of a new secret with which Slack's stand-in is reached as a bot."""
        text = json.dumps({"token": BOT_TOKEN, "channel": SLACK_CHANNEL, "api": self.slack.api_url})
        return self.clients.secrets.create_secret(Name="cronmend/slack", SecretString=text)["ARN"]

    def repair_schedules(self) -> int:
        """Put back what the emulator's CloudFormation loses; returns how many schedules needed it."""
        return repair(self.endpoints, self.clients)

    def task_log(self, task_arn: str) -> list[str]:
        """What the task's container printed, as CloudWatch Logs has it; nothing where it never ran."""
        stream = f"{STREAM_PREFIX}/{CONTAINER}/{task_arn.rsplit('/', 1)[-1]}"
        logs = self.clients.logs
        try:
            page = logs.get_log_events(logGroupName=LOG_GROUP, logStreamName=stream, startFromHead=True)
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in page["events"]]

    def wait_until_stopped(self, task_arn: str, seconds: float) -> Task:
        """The task once its STOPPED event was delivered.

        Raises:
            TimeoutError: it runs on, or the bus is not done, after ``seconds``.
        """
        life = self.fargate.store.life(task_arn)
        if life is None or not life.join(seconds) or not self.bus.idle(seconds):
            raise TimeoutError(f"{task_arn} has not stopped within {seconds:.0f} s")
        return life.task

    def _push_images(self) -> None:
        for release in RELEASES:
            self.registry.push(REPOSITORY, release, site_image(release))


def _take(directory: Path) -> int:
    path = directory.with_name(f"{directory.name}.lock")
    try:
        return take(path)
    except BlockingIOError as error:
        raise AccountInUse(f"process {holder(path)} has an account in {directory}: end it first") from error


def _empty(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
