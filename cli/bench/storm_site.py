"""A site without a recent deploy, whose jobs all fail; in memory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cronmend.deploys import Bounds, Deployment, DeployNote, Image, Service
from cronmend.healing.budgets import Budget
from cronmend.healing.situation import Limits
from cronmend.jobs.identity import JOB_VARIABLE, SCHEDULER
from cronmend.jobs.policies import JobPolicy
from cronmend.model import (
    Container,
    ContainerOverride,
    LiveSchedule,
    LiveTask,
    Log,
    LogPlace,
    Missing,
    Mode,
    StoppedTask,
    TaskDefinitionRef,
)
from cronmend.model.alert_wakeups import Timer
from cronmend.model.expected_logs import WholeLog
from cronmend.model.report import Message
from cronmend.model.runs import TaskDefinition
from cronmend.model.wakeups import HealingTimer
from cronmend.ports.healing import Services, TaskDefinitions
from cronmend.use_cases.deploy_facts import Deploys
from cronmend.use_cases.evidence import EvidenceCollector
from cronmend.use_cases.healing.collector import SituationCollector
from cronmend.use_cases.task_state import HandleStoppedTask
from local.memory.ledger import MemoryLedger

BEGAN = datetime(2026, 5, 6, 10, 0, tzinfo=UTC)
CLUSTER = "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod"
DEFINITION = "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:2"
GROUP = "nightly"


@dataclass
class World:
    """A site without a recent deploy, whose jobs all fail with the same error. It implements every read port."""

    log: Callable[[str], Log]

    def named(
        self, prefix: str, cluster_arn: str, since: datetime | None = None, work: str = ""
    ) -> Sequence[LiveSchedule]:
        return [self.get(f"{GROUP}/{prefix}")]

    def get(self, reference: str) -> LiveSchedule:
        arn = f"arn:aws:scheduler:eu-west-2:111122223333:schedule/{reference}"
        return LiveSchedule(reference, arn, True, "cron(0 * * * ? *)", "UTC", CLUSTER, _PARAMETERS, "{}")

    def tail(self, place: LogPlace) -> Log:
        return self.log(place.stream)

    def whole(self, place: LogPlace, is_complete: Callable[[WholeLog], bool]) -> WholeLog:
        return WholeLog(self.tail(place))

    def running(
        self, cluster_arn: str, family: str, image: str = "", since: datetime | None = None
    ) -> tuple[Service, ...]:
        at = BEGAN - timedelta(days=9)
        return (Service("web", Deployment(TaskDefinitionRef(family, 2), "COMPLETED", at, at)),)

    def images(self, service: Service) -> tuple[Image, ...]:
        return ()

    def of(self, cluster_arn: str) -> Sequence[DeployNote]:
        return ()

    def write(self, note: DeployNote, now: datetime) -> bool:
        return True

    def active(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return ()

    def now(self) -> Mode:
        return Mode.HEAL

    def open_until(self, now: datetime) -> datetime | None:
        return None

    def open(self, until: datetime, message: Message, now: datetime) -> bool:
        return True

    def close(self, now: datetime) -> bool:
        return False


class Definitions:
    def get(self, reference: str) -> TaskDefinition:
        logs: dict[str, LogPlace | Missing] = {"web": LogPlace("/ecs/app-prod", "web", "eu-west-2")}
        return TaskDefinition(TaskDefinitionRef("webapp", 2), BEGAN - timedelta(days=10), logs)


@dataclass
class MemoryTimers[T: Timer]:
    timers: dict[str, T] = field(default_factory=dict)

    def set(self, timer: T) -> None:
        self.timers.setdefault(timer.name, timer)

    def bring_forward(self, timer: T) -> None:
        self.set(timer)

    def fire(self, until: datetime) -> Iterator[T]:
        """Each timer that is due, in order, including those that one of them sets."""
        while due := sorted((each for each in self.timers.values() if each.at <= until), key=lambda each: each.at):
            self.timers = {name: each for name, each in self.timers.items() if each is not due[0]}
            yield due[0]


_PARAMETERS = {"TaskDefinitionArn": DEFINITION, "LaunchType": "FARGATE"}


def failed(number: int, at: datetime) -> StoppedTask:
    job = f"job-{number:06}"
    task_id = f"task-{number}"
    return StoppedTask(
        task_arn=f"{CLUSTER.replace(':cluster/', ':task/')}/{task_id}",
        cluster_arn=CLUSTER,
        task_definition=TaskDefinitionRef("webapp", 2),
        task_definition_arn=DEFINITION,
        containers=(Container("web", 1, image="site:2", image_digest="sha256:2"),),
        overrides=(ContainerOverride("web", ("python", "manage.py", job), {JOB_VARIABLE: f"{GROUP}/{job}"}),),
        job_container="web",
        started_by=f"{SCHEDULER}{job}",
        stop_code="EssentialContainerExited",
        stopped_reason="Essential container in task exited",
        created_at=at - timedelta(seconds=30),
        started_at=at - timedelta(seconds=20),
        stopped_at=at,
    )


def log_of(cause: int) -> Log:
    """Causes differ in a word: numbers and quoted values don't distinguish causes."""
    column = "".join(chr(ord("a") + int(digit)) for digit in str(cause))
    return (
        "Traceback (most recent call last):",
        '  File "/app/manage.py", line 22, in <module>',
        "    main()",
        f"django.db.utils.ProgrammingError: column home_homepage.{column} does not exist",
    )


def stopped_runs(
    world: World, ledger: MemoryLedger, definitions: TaskDefinitions, services: Services
) -> HandleStoppedTask:
    """The use case of task_state at this site."""
    return HandleStoppedTask(
        collector=EvidenceCollector(world, definitions, world, Deploys(definitions, services, world, Bounds())),
        job_states=ledger,
        records=ledger,
        timers=MemoryTimers[HealingTimer](),
        situations=SituationCollector(
            tasks=world,
            circuit=world,
            modes=world,
            policy=lambda job: JobPolicy(job, container="web"),
            limits=Limits(),
            budget=Budget(),
        ),
        on_error=_fail,
    )


def _fail(error: Exception, job: str) -> None:
    raise error
