"""An hourly job whose schedule follows the service of its family, with a clock."""

from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from cronmend.deploys import DeployNote, Phase, Progress, Release
from cronmend.deploys.following import Following
from cronmend.jobs import timetables
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Follow, Missing, Signal, TaskDefinitionRef
from cronmend.model.report import Message
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import Listed
from cronmend.use_cases.healing.followed_services import FollowedServices
from cronmend.use_cases.healing.following import FollowServices, FoundFollowing
from cronmend.use_cases.healing.mover import Mover
from local.memory.deploys import MemoryFollowings
from local.memory.timetables import MemoryTimetables
from tests.fakes import NOW, FakeSchedules, later
from tests.samples import CLUSTER, JOB, definition, schedule, service
from tests.use_cases.test_crashes import Crash, Killed
from tests.use_cases.world import World

PREFIX = "arn:aws:ecs:eu-west-2:111122223333:task-definition/"


@dataclass
class Notes:
    messages: list[Message]

    def add(self, message: Message, now: datetime) -> bool:
        is_new = all(each.incident != message.incident for each in self.messages)
        self.messages += [message] if is_new else []
        return is_new


@dataclass
class Followers:
    """The schedule starts webapp:1, as the service does."""

    world: World = field(default_factory=lambda: World(schedules=FakeSchedules({JOB: schedule(1)})))
    rows: MemoryFollowings = field(default_factory=MemoryFollowings)
    known: MemoryTimetables = field(default_factory=MemoryTimetables)
    notes: Notes = field(init=False)
    policy: JobPolicy = field(default_factory=lambda: JobPolicy(follow=Follow.SERVICE))
    revisions: list[TaskDefinitionRef] = field(default_factory=list)
    definitions: dict[str, TaskDefinition] = field(default_factory=dict)
    now: datetime = NOW
    is_allowed: bool = True

    def __post_init__(self) -> None:
        self.notes = Notes(self.rows.messages)
        self.definitions = {f"webapp:{number}": definition(number, later(-90 + number)) for number in (1, 2, 3, 4)}

    def active(self, family: str) -> Sequence[TaskDefinitionRef]:
        return [each for each in self.revisions if each.family == family]

    def of(self, job: str) -> JobPolicy:
        return replace(self.policy, job=job)

    def refresh(self) -> None:
        """What ``reconcile`` reads of the schedules before it looks whether they follow."""
        self.known.rows = {
            job: timetables.of_schedule(each, Listed(job, "v"), self.now)
            for job, each in self.world.schedules.schedules.items()
        }

    @property
    def use_case(self) -> FollowServices:
        deploys = replace(self.world.deploys, definitions=self)
        mover = Mover(self.rows, self.world.schedules, self.world.switches, self.world.holds, self.notes, self.rows)
        services = FollowedServices(deploys, self, self)
        return FollowServices(self.rows, self.known, services, mover, self.world.modes, self.of, self.is_allowed)

    def get(self, reference: str) -> TaskDefinition | Missing:
        return self.definitions.get(reference.rsplit("/", 1)[-1], Missing(f"there is no task definition {reference}"))

    def check(self, minutes: float = 0, *, refreshed: bool = True) -> FoundFollowing:
        """Check some minutes later; ``refreshed`` as ``reconcile`` does, and not after an event."""
        self.now += timedelta(minutes=minutes)
        if refreshed:
            self.refresh()
        return self.use_case.check(self.now)

    def deploys(self, revision: int, rollout: str = "COMPLETED") -> None:
        """The service's deployment ends now, or is in progress."""
        self.world.services.services = (service(revision, rollout, created=self.now, updated=self.now),)

    def rolls_back(self, revision: int) -> None:
        """The deployment is taken back: the service runs the revision of before again."""
        release = Release("ROLLBACK_SUCCESSFUL", self.now, self.now)
        assert release.progress is Progress.ROLLED_BACK
        self.world.services.services = (replace(service(revision), release=release),)

    def deregisters(self, revision: int) -> None:
        known = self.definitions[f"webapp:{revision}"]
        self.definitions[f"webapp:{revision}"] = replace(known, deregistered_at=self.now)

    def migrates(self, phase: Phase = Phase.FINISHED, family: str = "webapp") -> None:
        note = DeployNote(
            CLUSTER,
            family,
            Signal.MIGRATION_TASK,
            phase,
            self.now,
            self.now - timedelta(minutes=1),
            later(999),
            key="m1",
        )
        self.world.notes.notes[CLUSTER, note.row] = note

    def sets(self, target: str, job: str = JOB) -> None:
        """Someone else writes the schedule's target."""
        known = self.world.schedules.schedules[job]
        parameters = {**known.parameters, "TaskDefinitionArn": f"{PREFIX}{target}"}
        self.world.schedules.schedules[job] = replace(known, parameters=parameters)

    def target(self, job: str = JOB) -> str:
        return str(self.world.schedules.schedules[job].parameters["TaskDefinitionArn"]).removeprefix(PREFIX)

    def row(self, job: str = JOB) -> Following:
        return self.rows.rows[job]

    def moves(self) -> list[tuple[str, str, bool]]:
        return [(_name(each.before), _name(each.after), each.back) for each in self.row().moves]

    def cut_off(self, effect: str = "put") -> None:
        """A check dies right after it has stored what it is about to do (``put``), or after the ``move``."""
        crash = Crash(1)
        crash.wrap(self.world.switches if effect == "move" else self.rows, effect)
        with pytest.raises(Killed):
            self.check()

    @property
    def told(self) -> list[str]:
        return [each.report.headline for each in self.rows.messages]


def proved(it: Followers) -> None:
    """Release 2 is deployed, and its migration has succeeded before."""
    it.check()
    it.now += timedelta(minutes=5)
    it.migrates()
    it.deploys(2)


def _name(arn: str) -> str:
    return arn.removeprefix(PREFIX)
