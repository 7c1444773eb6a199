"""The user's account: schedules, task definitions, a service and its database, as their APIs show them."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from copy import replace
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cronmend.deploys import Deployment, Release, Service
from cronmend.model import Follow, LiveSchedule, LogPlace, Missing, Mode, TaskDefinitionRef
from simulation.jobs import Job
from simulation.sight import READING
from simulation.witness import Witness

ARN = "arn:aws:ecs:eu-west-2:111122223333"
CLUSTER = f"{ARN}:cluster/app-prod"
SERVICE = "web"
STILL = float("inf")
EXPECTED = 600.0
"""Seconds after a deploy's end in which a proof of its migration may follow."""
CONTAINER = "web"
DEAD_LETTERS = "arn:aws:sqs:eu-west-2:111122223333:cronmend-start-failures"
PLACES: Mapping[str, LogPlace | Missing] = {CONTAINER: LogPlace("/ecs/app-prod", "web", "eu-west-2")}
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
    deregistered: dict[tuple[str, int], float] = field(default_factory=dict)
    service: Service = field(init=False)
    served: dict[int, float] = field(default_factory=dict)
    """Until when the service ran each revision with no rollout in progress."""
    settled: dict[int, float] = field(default_factory=dict)
    """Since when, the last time."""
    migrated: set[int] = field(default_factory=set)
    """The revisions whose migration the database has."""
    migrations: list[tuple[float, float]] = field(default_factory=list)
    """When each migration succeeded, and the newest revision that it may be for, as far as its signal shows."""
    mode: Mode = Mode.HEAL
    changed: dict[str, tuple[int, float]] = field(default_factory=dict)
    """How often each schedule was changed, and when it was last changed."""
    overlaps: Counter[str] = field(default_factory=Counter)
    """How many runs of each job started while another one was running."""
    on_change: Callable[[], None] = lambda: None
    """Called after each change of a schedule or a task definition."""

    def __post_init__(self) -> None:
        self.registered = {("webapp", 1): self.start - 86400, ("tools", 1): self.start - 86400}
        old = at(self.start - 86400)
        self.serve(Service(SERVICE, Deployment(TaskDefinitionRef("webapp", 1), "COMPLETED", old, old)))
        for job in self.jobs.values():
            self.schedules[job.name] = _live(job, self.start)
            self._saw(job.name, "people")

    @property
    def serves(self) -> int:
        return self.service.primary.task_definition.revision or 0

    def serve(self, service: Service) -> None:
        self.served |= {each: self.witness.now() for each, until in self.served.items() if until == STILL}
        self.service = service
        if not service.is_rolling_out:
            self.served[self.serves], self.settled[self.serves] = STILL, self.witness.now()
        self.witness.saw("service", revision=self.serves, rolling=service.is_rolling_out)

    def too_early(self, job: str, before: int, after: int) -> str:
        """Why the job's schedule may not be moved yet; ``""`` if it may. No marker shows for which revision a migration
        is, so one that succeeded since the revision was registered counts for it. A migration's task shows its own.
        A schedule whose own revision was deregistered needs no proof once none is expected any more."""
        if self.served.get(after, 0.0) < self.witness.now() - READING:
            return "isn't served"
        asks = self.jobs[job].policy.follow is Follow.SERVICE and after > before
        since = self.registered["webapp", after]
        proved = after in self.migrated or any(at > since and after <= newest for at, newest in self.migrations)
        is_stranded = ("webapp", before) in self.deregistered and self.witness.now() >= self.settled[after] + EXPECTED
        return "isn't migrated" if asks and not proved and not is_stranded else ""

    def migrate(self, revision: int, newest: float) -> None:
        """
        Args:
            newest: the newest revision for which Cronmend may take the migration.
        """
        self.migrated.add(revision)
        self.migrations.append((self.witness.now(), newest))

    def overlap(self, job: str) -> None:
        self.overlaps[job] += 1
        self.on_change()

    def newest(self, family: str) -> int:
        """The newest active revision."""
        return max(revision for known, revision in self.registered.keys() - self.deregistered if known == family)

    def deregister(self, family: str, revision: int) -> None:
        self.deregistered.setdefault((family, revision), self.witness.now())
        self.on_change()

    def is_active(self, schedule: LiveSchedule) -> bool:
        """Whether the revision that its target names can be run."""
        ref = TaskDefinitionRef.parse(schedule.parameters["TaskDefinitionArn"])
        return (ref.family, ref.revision) not in self.deregistered

    def change(self, job: str, by: str, **changes: Any) -> None:
        """Someone updates a schedule; ``by`` is who."""
        if (known := self.schedules.get(job)) and (changed := replace(known, **changes)) != known:
            self.schedules[job] = changed
            self._saw(job, by)

    def delete(self, job: str) -> None:
        if self.schedules.pop(job, None):
            self.witness.saw("schedule", job=job, by="people", state=None)
            self.on_change()

    def move(self, job: str, revision: int, by: str) -> None:
        """Let the schedule start another revision of its family."""
        if known := self.schedules.get(job):
            arn = f"{ARN}:task-definition/{self.jobs[job].family}:{revision}"
            self.change(job, by, parameters={**known.parameters, "TaskDefinitionArn": arn})

    def _saw(self, job: str, by: str) -> None:
        self.changed[job] = self.changed.get(job, (0, 0.0))[0] + 1, self.witness.now()
        self.witness.saw("schedule", job=job, by=by, state=plain(self.schedules[job]))
        self.on_change()


def plain(schedule: LiveSchedule) -> dict[str, Any]:
    return {
        "enabled": schedule.enabled,
        "expression": schedule.expression,
        "target": dict(schedule.parameters),
        "input": schedule.target_input,
        "description": schedule.description,
        "dead_letters": schedule.dead_letters,
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
        dead_letters=DEAD_LETTERS if job.dead_letters else "",
    )


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
