"""The account as it was, as the ports of Cronmend's use cases read it at the time of the replay's clock."""

import heapq
from bisect import bisect_right
from collections.abc import Callable, Container, Mapping, Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice, takewhile
from operator import attrgetter
from typing import Final

from cli.what_if.ending import End
from cli.what_if.past import DatedLog, Past
from cli.what_if.runs import PastRun
from cronmend.deploys import Image, Service, of_same_repository
from cronmend.model import LiveSchedule, LiveTask, Log, LogPlace, Missing, Mode, StoppedTask, TaskDefinitionRef
from cronmend.model.expected_logs import WholeLog
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import Listed
from cronmend.model.wakeups import HealingTimer

_START: Final = datetime.min.replace(tzinfo=UTC)


@dataclass
class Clock:
    """Virtual time: what is due happens in its order, and nothing waits."""

    now: datetime = _START
    _due: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    _count: int = 0

    def at(self, time: datetime, action: Callable[[], object]) -> None:
        self._count += 1
        heapq.heappush(self._due, (max(time, self.now), self._count, action))

    def run(self, until: datetime) -> None:
        while self._due and self._due[0][0] <= until:
            self.now, _, action = heapq.heappop(self._due)
            action()
        self.now = until


@dataclass
class PastTimers:
    clock: Clock
    fire: Callable[[HealingTimer], None]
    _set: dict[str, int] = field(default_factory=dict)
    _count: int = 0

    def set(self, timer: HealingTimer) -> None:
        if timer.name not in self._set:
            self.bring_forward(timer)

    def bring_forward(self, timer: HealingTimer) -> None:
        self._count += 1
        number = self._set[timer.name] = self._count
        self.clock.at(timer.at, lambda: self._fire(timer, number))

    def _fire(self, timer: HealingTimer, number: int) -> None:
        if self._set.get(timer.name) == number:
            self.fire(timer)


@dataclass
class World:
    """The past and its runs, the time, and the tasks that the replay has started."""

    past: Past
    runs: Sequence[PastRun]
    clock: Clock = field(default_factory=Clock)
    rerun_logs: dict[str, Log | Missing] = field(default_factory=dict)
    """By the ID of a task that the replay has started."""
    active_reruns: dict[str, LiveTask] = field(default_factory=dict)
    """By the same."""

    @cached_property
    def of_job(self) -> Mapping[str, Sequence[PastRun]]:
        """A job's own runs, oldest first."""
        found: dict[str, list[PastRun]] = {}
        for run in self.runs:
            found.setdefault(run.job, []).append(run)
        return found

    @cached_property
    def _logs(self) -> Mapping[str, DatedLog | Missing]:
        return {arn.rpartition("/")[2]: log for arn, log in self.past.logs.items()}

    def log(self, task_id: str) -> Log | Missing:
        found = self.rerun_logs.get(task_id) or self._logs.get(task_id, Missing("its log was not read"))
        return found.lines if isinstance(found, DatedLog) else found

    def next_run(self, job: str, after: datetime) -> PastRun | None:
        """The first run of the job that its schedule started after this time."""
        runs = self.of_job.get(job, ())
        place = bisect_right(runs, after, key=lambda each: each.start.at)
        return runs[place] if place < len(runs) else None

    def has_failure(self, like: PastRun, before: PastRun) -> bool:
        """Whether a run of the same family failed that started from now on and before that one."""
        family, since = like.revision.family, self.clock.now
        place = bisect_right(self.runs, since, key=lambda each: each.start.at)
        between = takewhile(lambda each: each.start.at < before.start.at, islice(self.runs, place, None))
        return any(each.ending.end is End.FAILED and each.revision.family == family for each in between)


@dataclass(frozen=True, slots=True)
class PastSchedules:
    world: World

    def named(
        self, prefix: str, cluster_arn: str, since: datetime | None = None, work: str = ""
    ) -> Sequence[LiveSchedule]:
        jobs = self.world.past.schedules.values()
        kept = (each for each in jobs if each.cluster_arn == cluster_arn)
        return [self._then(each) for each in kept if each.job.startswith(prefix) or each.name.startswith(prefix)]

    def get(self, job: str) -> LiveSchedule | Missing:
        found = self.world.past.schedules.get(job)
        return self._then(found) if found else Missing(f"the schedule {job} doesn't exist any more")

    def listed(self, clusters: Container[str]) -> Sequence[Listed]:
        return ()

    def _then(self, schedule: LiveSchedule) -> LiveSchedule:
        """Enabled, since it started runs; with the revision of its latest run, if its target names a revision."""
        reference = TaskDefinitionRef.parse(schedule.parameters.get("TaskDefinitionArn", "unknown"))
        runs = self.world.of_job.get(schedule.job, ())
        place = bisect_right(runs, self.world.clock.now, key=lambda each: each.start.at)
        schedule = replace(schedule, enabled=True)
        if reference.revision is None or not place:
            return schedule
        parameters = {**schedule.parameters, "TaskDefinitionArn": runs[place - 1].start.definition_arn}
        return replace(schedule, parameters=parameters)


@dataclass(frozen=True, slots=True)
class PastDefinitions:
    world: World

    def get(self, reference: str) -> TaskDefinition | Missing:
        wanted = TaskDefinitionRef.parse(reference)
        known = [each for each in self.world.past.definitions.values() if isinstance(each, TaskDefinition)]
        if wanted.revision is not None:
            found = next((each for each in known if each.ref == wanted), None)
        else:
            there = [each for each in known if each.ref.family == wanted.family and each.registered_at <= self._now]
            found = max(there, key=attrgetter("registered_at"), default=None)
        return found or Missing(f"the task definition {reference} is gone, or was not read")

    @property
    def _now(self) -> datetime:
        return self.world.clock.now


@dataclass(frozen=True, slots=True)
class PastServices:
    world: World

    def running(
        self, cluster_arn: str, family: str, image: str = "", since: datetime | None = None
    ) -> tuple[Service, ...] | Missing:
        services = self.world.past.services
        if isinstance(services, Missing):
            return services
        shown = [then for each in services if (then := each.at(self.world.clock.now))]
        own = tuple(each for each in shown if each.primary.task_definition.family == family)
        return own or tuple(each for each in shown if image and of_same_repository(each.images, image))

    def images(self, service: Service) -> tuple[Image, ...]:
        return () if service.is_rolling_out else service.images

    def of_service(self, cluster_arn: str, service: str) -> Sequence[TaskDefinitionRef]:
        services = self.world.past.services
        known = () if isinstance(services, Missing) else services
        shown = (each.at(self.world.clock.now) for each in known if each.present.cluster_arn == cluster_arn)
        named = (each for each in shown if each and each.name == service)
        return [one.task_definition for each in named for one in (each.primary, *each.others)]


@dataclass(frozen=True, slots=True)
class ReplayedLogs:
    world: World

    def tail(self, place: LogPlace) -> Log | Missing:
        return self.world.log(place.stream.rpartition("/")[2])

    def whole(self, place: LogPlace, is_complete: Callable[[WholeLog], bool]) -> WholeLog | Missing:
        found = self.tail(place)
        return found if isinstance(found, Missing) else WholeLog(found, from_start=False)


@dataclass(frozen=True, slots=True)
class PastTasks:
    """The tasks that ran then, as far as their ends are known."""

    world: World

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        now = self.world.clock.now
        tasks = [live(each.task) for each in self.world.runs if each.start.at <= now < each.ended_at]
        found = (*tasks, *self.world.active_reruns.values())
        return [each for each in found if each.cluster_arn == cluster_arn and each.task_definition.family == family]


def live(task: StoppedTask) -> LiveTask:
    """The task while it ran."""
    return LiveTask(
        task.task_arn, task.cluster_arn, task.task_definition, task.started_by, task.overrides, task.created_at
    )


class Healing:
    """Cronmend's mode in the replay: as it is after the trial in shadow mode."""

    def now(self) -> Mode:
        return Mode.HEAL
