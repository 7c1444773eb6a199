"""The account's schedules, task definitions and services, as the ports of the use cases read and write them."""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import datetime

from cronmend.deploys import Image, Service
from cronmend.deploys.holds import marked, unmarked
from cronmend.errors import NotFound
from cronmend.jobs.identity import RULE
from cronmend.model import LiveSchedule, Missing, Mode, TaskDefinitionRef
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import Listed
from simulation.account import CONTAINER, PLACES, SERVICE, Account, at, digest


@dataclass(frozen=True, slots=True)
class Schedules:
    """Schedules of EventBridge Scheduler and, with ``rules``, the rules of EventBridge."""

    account: Account
    rules: bool = True

    def named(
        self, prefix: str, cluster_arn: str, since: datetime | None = None, work: str = ""
    ) -> Sequence[LiveSchedule] | Missing:
        rule, name = self.rules and prefix.startswith(RULE), prefix.removeprefix(RULE)
        known = [each for each in self.account.schedules.values() if each.cluster_arn == cluster_arn]
        return [each for each in known if each.name.startswith(name) and each.job.startswith(RULE) == rule]

    def listed(self, clusters: Container[str]) -> Sequence[Listed]:
        known = [each for each in ScheduleLists(self.account).listed() if not each.source.startswith(RULE)]
        return [each for each in known if self.account.schedules[each.source].cluster_arn in clusters]

    def get(self, job: str) -> LiveSchedule | Missing:
        found = None if job.startswith(RULE) and not self.rules else self.account.schedules.get(job)
        return found or Missing(f"the schedule {job} doesn't exist")


@dataclass(frozen=True, slots=True)
class ScheduleLists:
    account: Account

    def listed(self) -> Sequence[Listed]:
        """EventBridge doesn't say when a rule was changed."""
        known = ((job, *self.account.changed[job]) for job in self.account.schedules)
        return [Listed(job, str(times), None if job.startswith(RULE) else at(time)) for job, times, time in known]

    def versions(self) -> dict[str, str]:
        return {job: str(self.account.changed[job][0]) for job in self.account.schedules}

    def read(self, source: str) -> Sequence[LiveSchedule]:
        found = self.account.schedules.get(source)
        return [found] if found else []


@dataclass(frozen=True, slots=True)
class Switches:
    account: Account

    def hold(self, job: str, mark: str) -> None:
        if (known := self._known(job)).enabled:
            self.account.change(job, "cronmend", enabled=False, description=marked(known.description, mark))

    def release(self, job: str, mark: str) -> bool:
        known = self._known(job)
        if mark in known.description:
            self.account.change(job, "cronmend", enabled=True, description=unmarked(known.description, mark))
        return mark in known.description

    def move(self, job: str, before: str, after: str) -> bool:
        """If its answer is lost, the client repeats the write, not the read before it."""
        known = self._known(job)
        if known.parameters["TaskDefinitionArn"] == after:
            return True
        if known.parameters["TaskDefinitionArn"] != before:
            return False
        was, now = (TaskDefinitionRef.parse(each).revision or 0 for each in (before, after))
        self.account.witness.saw("moved", job=job, revision=now, early=self.account.too_early(job, was, now))
        self.account.change(job, "follow", parameters={**known.parameters, "TaskDefinitionArn": after})
        return True

    def _known(self, job: str) -> LiveSchedule:
        if job not in self.account.schedules or job.startswith(RULE):
            raise NotFound(f"there is no schedule {job}")
        return self.account.schedules[job]


@dataclass(frozen=True, slots=True)
class Definitions:
    account: Account

    def get(self, reference: str) -> TaskDefinition | Missing:
        ref = TaskDefinitionRef.parse(reference)
        revision = ref.revision or self.account.newest(ref.family)
        registered = self.account.registered.get((ref.family, revision))
        if registered is None:
            return Missing(f"there is no task definition {reference}")
        gone = self.account.deregistered.get((ref.family, revision))
        since = None if gone is None else at(gone)
        return TaskDefinition(TaskDefinitionRef(ref.family, revision), at(registered), PLACES, deregistered_at=since)


@dataclass(frozen=True, slots=True)
class Services:
    account: Account

    def running(
        self, cluster_arn: str, family: str, image: str = "", since: datetime | None = None
    ) -> tuple[Service, ...] | Missing:
        return (self.account.service,) if family == "webapp" else ()

    def images(self, service: Service) -> tuple[Image, ...]:
        return (Image(CONTAINER, "", digest("webapp", service.primary.task_definition.revision or 0)),)

    def of_service(self, cluster_arn: str, service: str) -> Sequence[TaskDefinitionRef]:
        return (self.account.service.primary.task_definition,) if service == SERVICE else ()


@dataclass(frozen=True, slots=True)
class Modes:
    account: Account

    def now(self) -> Mode | Missing:
        return self.account.mode
