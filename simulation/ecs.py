"""ECS: tasks from start to stop, RunTask as Cronmend calls it, and the resulting events and logs."""

import json
from collections.abc import Callable, Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from typing import Any

from cronmend.deploys.migrations import is_migration
from cronmend.errors import Permanent
from cronmend.incoming.task_events import override_of
from cronmend.jobs import refusal
from cronmend.jobs.refusal import Refusal
from cronmend.model import LiveTask, TaskDefinitionRef
from cronmend.ports.overdue import Alive
from simulation import causes
from simulation.account import ARN, CLUSTER, CONTAINER, Account, at, digest
from simulation.causes import Cause
from simulation.chance import Chance
from simulation.kernel import Kernel
from simulation.weather import Weather
from simulation.witness import Witness

type Json = dict[str, Any]

STUCK = 0.004
"""The share of tasks whose containers don't start for long."""


@dataclass
class Task:
    id: str
    job: str
    family: str
    revision: int
    started_by: str
    override: Json
    created: float
    started: float | None = None
    stopped: float | None = None
    cause: Cause | None = None
    silent_from: float | None = None
    """When it writes its last line, if it hangs after that."""

    @property
    def arn(self) -> str:
        return f"{ARN}:task/app-prod/{self.id}"


@dataclass
class Ecs:
    kernel: Kernel
    chance: Chance
    weather: Weather
    account: Account
    witness: Witness
    cause_of: Callable[[Task], Cause]
    seconds_of: Callable[[Task], float]
    hangs: Callable[[Task], bool]
    deliver: Callable[[Task, Json], None]
    tasks: dict[str, Task] = field(default_factory=dict)
    living: dict[str, Task] = field(default_factory=dict)
    """Those that haven't stopped."""
    tokens: dict[str, Task] = field(default_factory=dict)
    shortages: Sequence[tuple[float, float]] = ()
    """When there is no capacity."""

    def start(self, task: Task, **facts: object) -> None:
        if any(each.created < task.created for each in self.alive(task.job)):
            self.account.overlap(task.job)
        self.tasks[task.id] = self.living[task.id] = task
        self.witness.saw("started", task=task.id, job=task.job, started_by=task.started_by, **facts)
        waits = self.chance.between(15, 70, f"{task.id}/pull")
        if self.kernel.now < self.weather.clear and self.chance.happens(STUCK, f"stuck/{task.id}"):
            waits = self.chance.between(300, 4 * 3600, f"stuck/{task.id}/long")
        self.kernel.at(self.kernel.now + waits, lambda: self._begins(task))

    def stop(self, task: Task, cause: Cause = causes.CANCELLED) -> None:
        """A person stops it, or Cronmend."""
        if task.stopped is None:
            task.cause = cause
            self._ends(task)

    def alive(self, job: str) -> list[Task]:
        return [each for each in self.living.values() if each.job == job]

    def _begins(self, task: Task) -> None:
        if task.stopped is not None:
            return
        task.cause = self.cause_of(task)
        if not task.cause.ran:
            self._ends(task)
            return
        task.started = self.kernel.now
        self.witness.saw("running", task=task.id)
        if self.hangs(task):
            self._falls_silent(task)
        self.kernel.at(self.kernel.now + self.seconds_of(task), lambda: self._ends(task))

    def _falls_silent(self, task: Task) -> None:
        """At once, or after some minutes."""
        minutes = self.chance.one((0, 1, 7), f"hangs/{task.id}/silent")
        at = task.silent_from = self.kernel.now + 60.0 * minutes
        self.kernel.at(at, lambda: self.witness.saw("silent", task=task.id))

    def _ends(self, task: Task) -> None:
        if task.stopped is not None or task.cause is None:
            return
        task.stopped = self.kernel.now
        del self.living[task.id]
        self.deliver(task, event(task))

    @property
    def is_short(self) -> bool:
        return any(start <= self.kernel.now < end for start, end in self.shortages)

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        """Without those that are about to end: ECS lists by desired status."""
        known = (each for each in self.living.values() if each.family == family)
        return [_live(each) for each in known if self._is_listed(each)]

    def stopped(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        """ECS forgets a task an hour after its end."""
        known = (each for each in self.tasks.values() if each.stopped is not None and each.family == family)
        return [_live(each) for each in known if self.kernel.now - (each.stopped or 0.0) < 3600]

    def _is_listed(self, task: Task) -> bool:
        """ECS is eventually consistent: a new task may be listed seconds later."""
        slow = self.weather.has("late", self.kernel.now)
        return not slow or self.kernel.now - task.created >= 5 * self.chance.number(f"{task.id}/listed")

    def run(self, request: Mapping[str, Any]) -> str | Refusal:
        if known := self.tokens.get(request["clientToken"]):
            return known.arn
        if self.is_short:
            return refusal.of([{"reason": "Capacity is unavailable at this time"}])
        tags = {tag["key"]: tag["value"] for tag in request.get("tags", ())}
        ref = TaskDefinitionRef.parse(request["taskDefinition"])
        override: Json = next(iter(request["overrides"].get("containerOverrides", [])), {})
        key, job = request["clientToken"], tags.get("cronmend:job", "")
        revision = ref.revision or self.account.newest(ref.family)
        if (ref.family, revision) in self.account.deregistered:
            raise Permanent("ClientException: TaskDefinition is inactive")
        task = Task(f"r{key}", job, ref.family, revision, request["startedBy"], override, self.kernel.now)
        self.tokens[key] = task
        self.start(task, by="cronmend", attempt=tags.get("cronmend:incident", ""), target=_target(request))
        return task.arn


@dataclass(frozen=True, slots=True)
class LiveTasks:
    """All tasks of the cluster that run, and StopTask."""

    ecs: Ecs

    def alive(self, cluster_arn: str) -> Alive:
        return Alive([_live(each) for each in self.ecs.living.values()])

    def stop(self, task: LiveTask, reason: str) -> None:
        known = self.ecs.tasks[task.task_arn.rsplit("/", 1)[-1]]
        self.ecs.stop(known, replace(causes.TOO_LONG, stopped_reason=reason))


def _target(request: Mapping[str, Any]) -> Json:
    """The parts of the request that have to be the schedule's own."""
    override: Json = next(iter(request["overrides"].get("containerOverrides", [])), {})
    names = ("taskDefinition", "networkConfiguration", "launchType")
    return {"command": override.get("command"), **{name: request.get(name) for name in names}}


def _live(task: Task) -> LiveTask:
    ref = TaskDefinitionRef(task.family, task.revision)
    began, status = (None, "PENDING") if task.started is None else (at(task.started), "RUNNING")
    override = (override_of(task.override),)
    return LiveTask(task.arn, CLUSTER, ref, task.started_by, override, at(task.created), began, status)


def _time(seconds: float) -> str:
    return at(seconds).isoformat(timespec="milliseconds")


def event(task: Task) -> Json:
    """The Task State Change of its end."""
    cause = task.cause or causes.SUCCESS
    container: Json = {"name": CONTAINER, "lastStatus": "STOPPED", "image": f"registry.example/{task.family}:prod"}
    if cause.ran:
        container |= {"exitCode": cause.exit_code, "imageDigest": digest(task.family, task.revision)}
    if cause.reason:
        container["reason"] = cause.reason
    detail: Json = {
        "taskArn": task.arn,
        "clusterArn": CLUSTER,
        "taskDefinitionArn": f"{ARN}:task-definition/{task.family}:{task.revision}",
        "lastStatus": "STOPPED",
        "startedBy": task.started_by,
        "launchType": "FARGATE",
        "cpu": "256",
        "memory": "512",
        "containers": [container],
        "overrides": {"containerOverrides": [task.override]},
        "createdAt": _time(task.created),
        "stopCode": cause.stop_code,
        "stoppedReason": cause.stopped_reason,
        "stoppedAt": _time(task.stopped or task.created),
    }
    if task.started is not None:
        detail["startedAt"] = _time(task.started)
    return envelope("aws.ecs", "ECS Task State Change", detail, task.stopped or task.created, task.id)


def envelope(source: str, kind: str, detail: Json, time: float, name: str, resources: Sequence[str] = ()) -> Json:
    head = {"version": "0", "id": name, "source": source, "detail-type": kind, "time": _time(time)}
    return {**head, "resources": list(resources), "detail": detail}


def migration(name: str, revision: int, now: float, exit_code: int | None, since: float) -> Json:
    """The event of a migration that runs as a task of its own; without an exit code, it is running."""
    command = ["python", "manage.py", "migrate", "--noinput"]
    if not is_migration(command):
        raise ValueError(f"{json.dumps(command)} is no migration")
    container: Json = {"name": CONTAINER, "image": "registry.example/webapp:prod"}
    if exit_code is not None:
        container["exitCode"] = exit_code
    detail: Json = {
        "taskArn": f"{ARN}:task/app-prod/{name}",
        "clusterArn": CLUSTER,
        "taskDefinitionArn": f"{ARN}:task-definition/webapp:{revision}",
        "lastStatus": "RUNNING" if exit_code is None else "STOPPED",
        "containers": [container],
        "overrides": {"containerOverrides": [{"name": CONTAINER, "command": command}]},
        "createdAt": _time(since),
        "startedAt": _time(since),
    }
    if exit_code is not None:
        detail["stoppedAt"] = _time(now)
    return envelope("aws.ecs", "ECS Task State Change", detail, now, f"{name}-{detail['lastStatus']}")
