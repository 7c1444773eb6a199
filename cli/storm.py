"""``cronmend bench storm``: many jobs fail at once, over the ports in memory; what reaches people is counted."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cronmend.care.gather import Deploys, Gatherer
from cronmend.care.guards import Budget
from cronmend.care.offer import Offering
from cronmend.care.settle import Settling
from cronmend.care.stopped import StoppedCare
from cronmend.care.talk import Talk
from cronmend.care.tell import TellCare
from cronmend.care.voice import Voice
from cronmend.deploys import Bounds, Deployment, DeployNote, Service
from cronmend.messages import Message
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
from cronmend.policies import JobPolicy
from cronmend.ports import TaskDefinition
from cronmend.records import Timer
from cronmend.routes import Route, Routes
from cronmend.treat import Limits
from local.ledger import MemoryLedger
from local.telling import (
    MemoryChannel,
    MemoryDeadLetters,
    MemoryHealth,
    MemoryMutes,
    MemoryOutbox,
    MemoryPace,
    MemoryTalks,
    MemoryThreads,
    by_name,
)

BATCH = 100
"""Messages that one call of ``failure_alert`` is given, as in the template."""
SPREAD = timedelta(minutes=1)
AFTER = timedelta(hours=2)
"""Until the last conversation has settled."""
BEGAN = datetime(2026, 5, 6, 10, 0, tzinfo=UTC)
CLUSTER = "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod"
DEFINITION = "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:2"
GROUP = "nightly"


@dataclass
class _World:
    """A site that has long been deployed, and whose jobs all meet the same error; every read port in one."""

    log: Callable[[str], Log]

    def named(self, prefix: str) -> Sequence[LiveSchedule]:
        return [self.get(f"{GROUP}/{prefix}")]

    def get(self, reference: str) -> LiveSchedule:
        arn = f"arn:aws:scheduler:eu-west-2:111122223333:schedule/{reference}"
        return LiveSchedule(reference, arn, True, "cron(0 * * * ? *)", "UTC", CLUSTER, _PARAMETERS, "{}")

    def tail(self, place: LogPlace) -> Log:
        return self.log(place.stream)

    def of_family(self, cluster_arn: str, family: str) -> tuple[Service, ...]:
        at = BEGAN - timedelta(days=9)
        return (Service("web", Deployment(TaskDefinitionRef(family, 2), "COMPLETED", at, at)),)

    def images(self, service: Service) -> dict[str, str]:
        return {}

    def of(self, cluster_arn: str) -> Sequence[DeployNote]:
        return ()

    def write(self, note: DeployNote, now: datetime) -> bool:
        return True

    def alive(self, cluster_arn: str, family: str) -> Sequence[LiveTask]:
        return ()

    def now(self) -> Mode:
        return Mode.HEAL

    def open_until(self, now: datetime) -> datetime | None:
        return None

    def open(self, until: datetime, message: Message, now: datetime) -> bool:
        return True

    def close(self, now: datetime) -> bool:
        return False


class _Definitions:
    def get(self, reference: str) -> TaskDefinition:
        logs: dict[str, LogPlace | Missing] = {"web": LogPlace("/ecs/app-prod", "web", "eu-west-2")}
        return TaskDefinition(TaskDefinitionRef("webapp", 2), BEGAN - timedelta(days=10), logs)


@dataclass
class _Timers:
    timers: dict[tuple[str, ...], Timer] = field(default_factory=dict)

    def set(self, timer: Timer) -> None:
        name = (timer.kind.value, timer.incident, timer.what, str(timer.attempt), str(timer.look))
        self.timers.setdefault(name, timer)

    def bring_forward(self, timer: Timer) -> None:
        self.set(timer)

    def strike(self, until: datetime) -> Iterator[Timer]:
        """Each timer that is due, in order; what one sets is due, too."""
        while due := sorted((each for each in self.timers.values() if each.at <= until), key=lambda each: each.at):
            self.timers = {name: each for name, each in self.timers.items() if each is not due[0]}
            yield due[0]


_PARAMETERS = {"TaskDefinitionArn": DEFINITION, "LaunchType": "FARGATE"}


@dataclass(frozen=True, slots=True)
class Storm:
    """``messages``: what people were sent, in all channels; ``updates``: new forms of messages they had."""

    failures: int
    records: int
    findable: int
    """Jobs that the ledger has an open incident and a conversation of."""
    messages: int
    updates: int
    first_after: float
    """Seconds from the first failure, in the story's own time, to the first message."""
    seconds: float


def storm(failures: int, causes: int, progress: Callable[[int], None]) -> Storm:
    """Let ``failures`` jobs fail within a minute, of ``causes`` different causes."""
    began = time.perf_counter()
    world = _World(lambda stream: _log(int(stream.rsplit("-", 1)[-1]) % causes))
    ledger, timers, talks, outbox = MemoryLedger(), _Timers(), MemoryTalks(), MemoryOutbox()
    slack, sns = MemoryThreads("slack", gap=timedelta(seconds=1)), MemoryChannel("sns")
    stopped, tell = _stopped(world, ledger, timers), _tell(ledger, timers, talks, outbox, slack, sns)
    first = BEGAN
    for number in range(failures):
        at = BEGAN + SPREAD * number / failures
        stopped.handle(_failed(number, at), at)
        if (number + 1) % BATCH == 0 or number + 1 == failures:
            first = _delivered(tell, ledger, outbox, slack, at, first)
            progress(number + 1)
    for timer in timers.strike(BEGAN + AFTER):
        _, told = tell.wake(timer, timer.at)
        tell.refresh(told, timer.at)
    told_of = sum(len(members) for conversation, members in talks.joined.items() if conversation.startswith("slack#"))
    updates = sum(each.replaced is not None for each in slack.sent)
    return Storm(
        failures=failures,
        records=len(ledger.runs),
        findable=min(told_of, sum(book.incident is not None for book in ledger.books.values())),
        messages=len(slack.sent) - updates + len(sns.sent),
        updates=updates,
        first_after=(first - BEGAN).total_seconds(),
        seconds=round(time.perf_counter() - began, 2),
    )


def _delivered(
    tell: TellCare, ledger: MemoryLedger, outbox: MemoryOutbox, slack: MemoryChannel, at: datetime, first: datetime
) -> datetime:
    """One batch of the stream. When the first message was sent: at the end of the first batch."""
    had = bool(slack.sent)
    batch, ledger.messages = ledger.messages, []
    outbox.messages += batch
    told = [conversation for message in batch for conversation in tell.deliver(message, at)]
    tell.refresh(told, at)
    return first if had else at


def _stopped(world: _World, ledger: MemoryLedger, timers: _Timers) -> StoppedCare:
    definitions = _Definitions()
    deploys = Deploys(definitions, world, world, Bounds())
    return StoppedCare(
        gatherer=Gatherer(world, definitions, world, deploys),
        books=ledger,
        records=ledger,
        timers=timers,
        policy=lambda job: JobPolicy(job, container="web"),
        modes=world,
        circuit=world,
        running=world,
        limits=Limits(),
        budget=Budget(),
    )


def _tell(
    ledger: MemoryLedger,
    timers: _Timers,
    talks: MemoryTalks,
    outbox: MemoryOutbox,
    slack: MemoryChannel,
    sns: MemoryChannel,
) -> TellCare:
    pace = MemoryPace()
    voice = Voice(talks, talks, pace, timers, lambda seconds: None)
    offering = Offering(
        channel=by_name(slack, sns),
        outbox=outbox,
        talk=Talk(talks, pace, voice),
        mutes=MemoryMutes(),
        health=MemoryHealth(),
        dead_letters=MemoryDeadLetters(),
        books=ledger,
        timers=timers,
    )
    routes = Routes({"default": Route("default", channels=("slack", "sns"))})
    return TellCare(offering, Settling(talks, talks, voice), talks, ledger, timers, routes, JobPolicy)


def _failed(number: int, at: datetime) -> StoppedTask:
    job = f"job-{number:06}"
    task_id = f"task-{number}"
    return StoppedTask(
        event_id=task_id,
        task_arn=f"{CLUSTER.replace(':cluster/', ':task/')}/{task_id}",
        cluster_arn=CLUSTER,
        task_definition=TaskDefinitionRef("webapp", 2),
        task_definition_arn=DEFINITION,
        version=6,
        containers=(Container("web", 1, image="site:2", image_digest="sha256:2"),),
        overrides=(ContainerOverride("web", ("python", "manage.py", job), {"CRONMEND_JOB": f"{GROUP}/{job}"}),),
        job_container="web",
        started_by=f"chronos-schedule/{job}",
        group="family:webapp",
        stop_code="EssentialContainerExited",
        stopped_reason="Essential container in task exited",
        created_at=at - timedelta(seconds=30),
        started_at=at - timedelta(seconds=20),
        stopped_at=at,
    )


def _log(cause: int) -> Log:
    """What differs between causes is a word: numbers and quoted values don't tell causes apart."""
    column = "".join(chr(ord("a") + int(digit)) for digit in str(cause))
    return (
        "Traceback (most recent call last):",
        '  File "/app/manage.py", line 22, in <module>',
        "    main()",
        f"django.db.utils.ProgrammingError: column home_homepage.{column} does not exist",
    )
