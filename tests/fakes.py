"""The ports in memory; tests check their state after the call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cronmend.deploys import DeployNote, Service
from cronmend.deploys.holds import Hold
from cronmend.errors import CronmendError, NotFound
from cronmend.jobs.refusal import Refusal
from cronmend.model import LiveSchedule, LiveTask, Log, LogPlace, Missing, Mode
from cronmend.model.alert_wakeups import Timer
from cronmend.model.report import Message
from cronmend.model.runs import TaskDefinition
from local.memory.ledger import MemoryLedger

NOW = datetime(2026, 5, 6, 11, 1, 21, tzinfo=UTC)


@dataclass
class FakeDeployNotes:
    notes: dict[tuple[str, str], DeployNote] = field(default_factory=dict)

    def of(self, cluster_arn: str) -> Sequence[DeployNote]:
        return [note for (cluster, _), note in self.notes.items() if cluster == cluster_arn]

    def write(self, note: DeployNote, now: datetime) -> bool:
        known = self.notes.get((note.cluster_arn, note.row))
        if known and known.version != note.version:
            return False
        self.notes[note.cluster_arn, note.row] = replace(note, version=note.version + 1)
        return True


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

    def named(self, prefix: str) -> Sequence[LiveSchedule] | Missing:
        return [each for each in self.schedules.values() if each.name.startswith(prefix)]

    def get(self, job: str) -> LiveSchedule | Missing:
        return self.schedules.get(job, Missing(f"the schedule {job} doesn't exist"))


@dataclass
class FakeHolds:
    holds: dict[tuple[str, str], Hold] = field(default_factory=dict)

    def get(self, cluster_arn: str, job: str) -> Hold | None:
        return self.holds.get((cluster_arn, job))

    def of(self, cluster_arn: str) -> Sequence[Hold]:
        return [hold for (cluster, _), hold in self.holds.items() if cluster == cluster_arn]

    def put(self, hold: Hold) -> Hold | None:
        known = self.holds.get((hold.cluster_arn, hold.job))
        if (known.version if known else 0) != hold.version:
            return None
        written = replace(hold, version=hold.version + 1)
        self.holds[hold.cluster_arn, hold.job] = written
        return written

    def remove(self, hold: Hold) -> None:
        known = self.holds.get((hold.cluster_arn, hold.job))
        if known and (known.version, known.id) == (hold.version, hold.id):
            del self.holds[hold.cluster_arn, hold.job]


@dataclass
class FakeSwitches:
    schedules: FakeSchedules
    switched: list[tuple[str, bool]] = field(default_factory=list)

    def switch(self, job: str, *, enabled: bool) -> None:
        if job not in self.schedules.schedules:
            raise NotFound(f"there is no schedule {job}")
        if self.schedules.schedules[job].enabled != enabled:
            self.schedules.schedules[job] = replace(self.schedules.schedules[job], enabled=enabled)
            self.switched.append((job, enabled))


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

    def of_family(self, cluster_arn: str, family: str) -> tuple[Service, ...] | Missing:
        return self.services

    def images(self, service: Service) -> Mapping[str, str]:
        return self.digests

    def of_service(self, cluster_arn: str, service: str) -> Sequence[str]:
        known = () if isinstance(self.services, Missing) else self.services
        return [each.primary.task_definition.family for each in known if each.name == service]


@dataclass
class FakeLogs:
    logs: dict[str, Log] = field(default_factory=dict)
    """By stream."""

    def tail(self, place: LogPlace) -> Log | Missing:
        return self.logs.get(place.stream, Missing(f"there is no log stream {place.stream}"))


@dataclass
class FakeModes:
    mode: Mode | Missing = Mode.HEAL

    def now(self) -> Mode | Missing:
        return self.mode


@dataclass
class FakeCircuit:
    ledger: MemoryLedger
    until: datetime | None = None

    def open_until(self, now: datetime) -> datetime | None:
        return self.until if self.until and self.until > now else None

    def open(self, until: datetime, message: Message, now: datetime) -> bool:
        if self.open_until(now):
            return False
        self.until = until
        self.ledger.put(message, now)
        return True

    def close(self, now: datetime) -> bool:
        was_open, self.until = self.open_until(now) is not None, None
        self.ledger.claimed.clear()
        return was_open


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
