"""The ports in memory; tests check their state after the call."""

from collections.abc import Callable, Container, Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cronmend.deploys import Image, Service
from cronmend.deploys.holds import marked, unmarked
from cronmend.errors import CronmendError, NotFound
from cronmend.jobs.refusal import Refusal
from cronmend.model import LiveSchedule, LiveTask, Log, LogPlace, Missing, Mode, TaskDefinitionRef
from cronmend.model.alert_wakeups import Timer
from cronmend.model.expected_logs import WholeLog
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import Listed

NOW = datetime(2026, 5, 6, 11, 1, 21, tzinfo=UTC)


@dataclass
class FakeTimers[T: Timer]:
    timers: dict[str, T] = field(default_factory=dict)

    def set(self, timer: T) -> None:
        self.timers.setdefault(timer.name, timer)

    def bring_forward(self, timer: T) -> None:
        self.timers[timer.name] = timer

    def due(self) -> list[T]:
        """All timers that are set, soonest first."""
        return sorted(self.timers.values(), key=lambda timer: timer.at)

    def of[K](self, kind: type[K]) -> list[K]:
        """The timers of a kind, soonest first."""
        return [timer for timer in self.due() if isinstance(timer, kind)]


@dataclass
class FakeSchedules:
    schedules: dict[str, LiveSchedule] = field(default_factory=dict)

    def named(
        self, prefix: str, cluster_arn: str, since: datetime | None = None, work: str = ""
    ) -> Sequence[LiveSchedule] | Missing:
        known = self.schedules.values()
        return [each for each in known if each.name.startswith(prefix) and each.cluster_arn == cluster_arn]

    def listed(self, clusters: Container[str]) -> Sequence[Listed]:
        """A version is the schedule's text."""
        return [Listed(job, repr(each)) for job, each in self.schedules.items() if each.cluster_arn in clusters]

    def get(self, job: str) -> LiveSchedule | Missing:
        return self.schedules.get(job, Missing(f"the schedule {job} doesn't exist"))


@dataclass
class FakeSwitches:
    schedules: FakeSchedules
    switched: list[tuple[str, bool]] = field(default_factory=list)

    def hold(self, job: str, mark: str) -> None:
        known = self._known(job)
        if known.enabled:
            self._write(replace(known, enabled=False, description=marked(known.description, mark)))

    def release(self, job: str, mark: str) -> bool:
        known = self._known(job)
        if mark not in known.description:
            return False
        self._write(replace(known, enabled=True, description=unmarked(known.description, mark)))
        return True

    def move(self, job: str, before: str, after: str) -> bool:
        known = self._known(job)
        if known.parameters["TaskDefinitionArn"] != before:
            return False
        self.schedules.schedules[job] = replace(known, parameters={**known.parameters, "TaskDefinitionArn": after})
        return True

    def _known(self, job: str) -> LiveSchedule:
        if job not in self.schedules.schedules:
            raise NotFound(f"there is no schedule {job}")
        return self.schedules.schedules[job]

    def _write(self, schedule: LiveSchedule) -> None:
        self.schedules.schedules[schedule.job] = schedule
        self.switched.append((schedule.job, schedule.enabled))


@dataclass
class FakeDefinitions:
    definitions: dict[str, TaskDefinition] = field(default_factory=dict)

    def get(self, reference: str) -> TaskDefinition | Missing:
        found = self.definitions.get(reference.rsplit("/", 1)[-1])
        return found or Missing(f"there is no task definition {reference}")


@dataclass
class FakeServices:
    services: tuple[Service, ...] | Missing = ()
    digests: Mapping[str, str] = field(default_factory=dict)

    def running(
        self, cluster_arn: str, family: str, image: str = "", since: datetime | None = None
    ) -> tuple[Service, ...] | Missing:
        return self.services

    def images(self, service: Service) -> tuple[Image, ...] | Missing:
        return service.images or tuple(Image(name, "", digest) for name, digest in self.digests.items())

    def of_service(self, cluster_arn: str, service: str) -> Sequence[TaskDefinitionRef]:
        known = () if isinstance(self.services, Missing) else self.services
        return [each.primary.task_definition for each in known if each.name == service]


@dataclass
class FakeLogs:
    logs: dict[str, Log] = field(default_factory=dict)
    """By stream."""

    def tail(self, place: LogPlace) -> Log | Missing:
        return self.logs.get(place.stream, Missing(f"there is no log stream {place.stream}"))

    def whole(self, place: LogPlace, is_complete: Callable[[WholeLog], bool]) -> WholeLog | Missing:
        log = self.tail(place)
        return log if isinstance(log, Missing) else WholeLog(log)


@dataclass
class FakeModes:
    mode: Mode | Missing = Mode.HEAL

    def now(self) -> Mode | Missing:
        return self.mode


@dataclass
class FakeTasks:
    """Starts one task per clientToken, as ECS does; ``refusals`` are its next answers without a task."""

    active_tasks: list[LiveTask] = field(default_factory=list)
    started: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    refusal: CronmendError | None = None
    refusals: list[Refusal] = field(default_factory=list)

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return self.active_tasks

    def run(self, request: Mapping[str, Any]) -> str | Refusal:
        if self.refusal:
            raise self.refusal
        if self.refusals and request["clientToken"] not in self.started:
            return self.refusals.pop(0)
        self.started[request["clientToken"]] = request
        return f"arn:aws:ecs:eu-west-2:111122223333:task/app-prod/{request['clientToken']}"


def later(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)
