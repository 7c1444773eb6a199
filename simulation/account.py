"""The user's account: schedules, task definitions, a service and its database, as their APIs show them."""

import json
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from cronmend.deploys import Deployment, Image, Release, Service
from cronmend.deploys.holds import marked, unmarked
from cronmend.errors import NotFound
from cronmend.jobs.identity import RULE
from cronmend.model import LiveSchedule, LogPlace, Missing, Mode, TaskDefinitionRef
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import Listed
from simulation.jobs import Job
from simulation.witness import Witness

ARN = "arn:aws:ecs:eu-west-2:111122223333"
CLUSTER = f"{ARN}:cluster/app-prod"
SERVICE = "web"
CONTAINER = "web"
_PLACES: Mapping[str, LogPlace | Missing] = {CONTAINER: LogPlace("/ecs/app-prod", "web", "eu-west-2")}
_NETWORK = {"awsvpcConfiguration": {"Subnets": ["subnet-1"], "SecurityGroups": ["sg-1"], "AssignPublicIp": "DISABLED"}}
_SPOT = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}, {"capacityProvider": "FARGATE", "weight": 1}]


def at(time: float) -> datetime:
    return datetime.fromtimestamp(time, UTC)


@dataclass
class Account:
    start: float
    jobs: Mapping[str, Job]
    witness: Witness
    schedules: dict[str, LiveSchedule] = field(default_factory=dict)
    registered: dict[tuple[str, int], float] = field(default_factory=dict)
    service: Service = field(init=False)
    migrated: set[int] = field(default_factory=set)
    """The revisions whose migration the database has."""
    mode: Mode = Mode.HEAL
    changed: dict[str, tuple[int, float]] = field(default_factory=dict)
    """How often each schedule was changed, and when it was last."""

    def __post_init__(self) -> None:
        self.registered = {("webapp", 1): self.start - 86400, ("tools", 1): self.start - 86400}
        old = at(self.start - 86400)
        self.service = Service(SERVICE, Deployment(TaskDefinitionRef("webapp", 1), "COMPLETED", old, old))
        for job in self.jobs.values():
            self.schedules[job.name] = _live(job, self.start)
            self._saw(job.name, "people")

    def newest(self, family: str) -> int:
        return max(revision for known, revision in self.registered if known == family)

    def change(self, job: str, by: str, **changes: Any) -> None:
        """Someone updates a schedule; ``by`` is who."""
        if (known := self.schedules.get(job)) and (changed := replace(known, **changes)) != known:
            self.schedules[job] = changed
            self._saw(job, by)

    def delete(self, job: str) -> None:
        if self.schedules.pop(job, None):
            self.witness.saw("schedule", job=job, by="people", state=None)

    def move(self, job: str, revision: int, by: str) -> None:
        """Let the schedule start another revision of its family."""
        if known := self.schedules.get(job):
            arn = f"{ARN}:task-definition/{self.jobs[job].family}:{revision}"
            self.change(job, by, parameters={**known.parameters, "TaskDefinitionArn": arn})

    def _saw(self, job: str, by: str) -> None:
        self.changed[job] = self.changed.get(job, (0, 0.0))[0] + 1, self.witness.now()
        self.witness.saw("schedule", job=job, by=by, state=plain(self.schedules[job]))


def plain(schedule: LiveSchedule) -> dict[str, Any]:
    return {
        "enabled": schedule.enabled,
        "expression": schedule.expression,
        "target": dict(schedule.parameters),
        "input": schedule.target_input,
        "description": schedule.description,
    }


def _live(job: Job, start: float) -> LiveSchedule:
    parameters: dict[str, Any] = {
        "TaskDefinitionArn": f"{ARN}:task-definition/{job.family}:1",
        "TaskCount": job.count,
        "NetworkConfiguration": _NETWORK,
        **({"CapacityProviderStrategy": _SPOT} if job.spot else {"LaunchType": "FARGATE"}),
    }
    override: dict[str, Any] = {"name": CONTAINER, "command": list(job.command)}
    if job.declares:
        slot = "<aws.scheduler.scheduled-time>"
        override["environment"] = [
            {"name": "CRONMEND_JOB", "value": job.declares},
            {"name": "CRONMEND_SLOT", "value": slot},
        ]
    rate = job.expression.startswith("rate") and not job.is_rule and bool(job.slots)
    return LiveSchedule(
        job=job.name,
        arn=f"arn:aws:scheduler:eu-west-2:111122223333:schedule/{job.name}",
        enabled=True,
        expression=job.expression,
        timezone=job.timezone,
        cluster_arn=CLUSTER,
        parameters=parameters,
        target_input=json.dumps({"containerOverrides": [override]}),
        created=at(job.slots[0] if rate else start - 86400) if not job.is_rule else None,
        flexible=at(start + job.flexible) - at(start),
        description=f"Runs {job.short}",
    )


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
        known = self._known(job)
        if known.parameters["TaskDefinitionArn"] != before:
            return False
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
        return TaskDefinition(TaskDefinitionRef(ref.family, revision), at(registered), _PLACES)


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


def digest(family: str, revision: int) -> str:
    return f"sha256:{family}-{revision}"


def rolling(service: Service, revision: int, now: float) -> Service:
    """The service while a rollout to the revision is in progress."""
    primary = Deployment(TaskDefinitionRef("webapp", revision), "IN_PROGRESS", at(now), at(now))
    release = Release("IN_PROGRESS", at(now))
    return Service(SERVICE, primary, (service.primary,), release)


def rolled_out(service: Service, now: float) -> Service:
    primary = replace(service.primary, rollout="COMPLETED", updated_at=at(now))
    release = Release("SUCCESSFUL", service.primary.created_at, at(now))
    return Service(SERVICE, primary, (), release)


def rolled_back(service: Service, now: float) -> Service:
    """COMPLETED again on the former revision; only the release shows the rollback."""
    former = service.others[0] if service.others else service.primary
    release = Release("ROLLBACK_SUCCESSFUL", service.primary.created_at, at(now))
    return Service(SERVICE, replace(former, rollout="COMPLETED", updated_at=at(now)), (), release)
