"""Play one history from its seed: an account, the functions in it, and what can be observed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cronmend.deploys.holds import Which
from cronmend.jobs.policies import Policies
from cronmend.model import Follow, LiveSchedule
from simulation import causes
from simulation.account import CONTAINER, Account, at
from simulation.chance import Chance
from simulation.channels import ANSWERS, ARCHIVED, Answers, Channel, Threads
from simulation.deploys import deploys, steps
from simulation.ecs import Ecs, Json, Task
from simulation.flaws import Flaws
from simulation.following import Comparison, following, follows
from simulation.handlers import Outside, UseCases
from simulation.jobs import AFTER, HOUR, Job, jobs
from simulation.kernel import Kernel
from simulation.lambdas import Lambdas, Timers, Wakeups
from simulation.people import People
from simulation.pipeline import Pipeline
from simulation.refusals import Refusals
from simulation.routing import Routing
from simulation.runs import Runs
from simulation.seam import Points, Seam
from simulation.stores import Stores
from simulation.stream import Stream
from simulation.weather import Weather
from simulation.witness import Entry, Witness

DATES = ((2026, 5, 6), (2026, 5, 6), (2026, 3, 29), (2026, 10, 25), (2026, 3, 8), (2026, 11, 1))
"""Ordinary days, and those on which the clocks of London or New York change."""
DAY = 86400.0
TAIL = AFTER * HOUR
"""How long Cronmend has after the last slot and the last fault to finish what is left, in seconds."""
FAULTS = ("stall/", "echo/", "deaf/", "throttle/", "lost/", "late/", "twice/", "replay/", "log/", "slack/")
"""The first parts of the names of optional events that are faults of AWS or Slack."""
SEEMS_OPEN = 2 * 3600.0
"""Seconds after the last step of a deploy during which a signal may still say that it is open or just ended."""
EVIDENCE = 3600.0
"""Seconds for which Cronmend waits for evidence that it can't read."""
IDLE = frozenset({causes.IDLE, causes.EMPTY})
"""Causes that only the log shows."""
SHARE_OF_NEVER = 0.01
"""The share of slots for which EventBridge Scheduler starts no run, although there is capacity."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A history's outcome: what the world saw, and which optional events happened."""

    seed: int
    entries: list[Entry]
    happened: tuple[str, ...]
    events: int


class History:
    def __init__(
        self,
        seed: int,
        days: int = 1,
        dropped: frozenset[str] = frozenset(),
        kinds: frozenset[str] | None = None,
        points: Points | None = None,
        follow: Follow | None = None,
    ) -> None:
        """``follow``: of every job; None to draw it. The pipelines move the schedules that follow nothing."""
        self.seed = seed
        self.chance = chance = Chance(seed, dropped)
        start = datetime(*chance.one(DATES, "date"), tzinfo=UTC).timestamp()
        self.start, self.clear = start, start + days * DAY
        self.kernel = kernel = Kernel(start, self.clear + TAIL)
        self.witness = witness = Witness(lambda: kernel.now)
        self.weather = weather = Weather(chance, start, self.clear, kinds)
        self.jobs = {job.name: following(job, chance, follow) for job in jobs(chance, start, days)}
        self.deploys = {deploy.revision: deploy for deploy in deploys(chance, start, self.clear)}
        self.account = account = Account(start, self.jobs, witness)
        self.flaws = Flaws(account)
        account.on_change = self.flaws.look
        account.on_change()
        self.lambdas = Lambdas(kernel, chance, weather, witness)
        shortages = tuple(self._periods("shortage")) if "capacity" in weather.kinds else ()
        away = tuple(self._periods("database"))
        runs = Runs(kernel, chance, self.clear, self.jobs, self.deploys, account, away)
        self.ecs = Ecs(kernel, chance, weather, account, witness, runs.cause, runs.seconds, runs.hangs, self._deliver)
        self.ecs.shortages = shortages
        self.refusals = Refusals(kernel, chance, self.lambdas, account, witness, self.clear)
        for outage in weather.outages:
            witness.saw("outage", service=outage.service, start=outage.start, end=outage.end)
        self._build(Seam(kernel, weather, points or Points()))
        self._plan()
        chance.on_happened = self._happened

    def _happened(self, name: str) -> None:
        """No function sees a fault; it is recorded for people who read the walk."""
        if name.startswith(FAULTS):
            self.witness.saw("fault", name=name)

    def _build(self, seam: Seam) -> None:
        self.stores = stores = Stores(self.kernel, self.chance, self.witness)
        timers = Timers(self.kernel, self.chance, self.weather, self.lambdas)
        channels = {
            "slack": Threads("slack", seam, self.witness, self.weather, self._odd_answers()),
            "sns": Channel("sns", seam, self.witness),
            "events": Channel("events", seam, self.witness, groups=False),
        }
        policies = Policies({job.name: job.policy for job in self.jobs.values()})
        which = self.chance.one((Which.NONE, Which.LISTED, Which.ALL), "which")
        wakeups = Wakeups(self.kernel, self.lambdas)
        may_stop = self.chance.likely(0.7, "may_stop")
        routes = Routing(self.kernel, self.chance, self.witness, self.jobs, may_stop).routes(self.start, self.clear)
        outside = Outside(
            *(self.account, self.ecs, timers, wakeups, channels, routes, policies, which, self.witness),
            *(may_stop, Comparison(self.lambdas, any(follows(job.policy) for job in self.jobs.values()))),
        )
        use_cases = UseCases(seam, stores, outside, lambda: at(self.kernel.now))
        stream = Stream(self.kernel, self.chance, self.weather, self.lambdas, self.witness, stores.streamed)
        stream.handle = use_cases.batch
        seam.after = stream.look
        self.lambdas.handlers = use_cases.handlers()
        self.lambdas.finds_nothing = use_cases.finds_nothing()

    def _odd_answers(self) -> Answers | None:
        """An archived channel has a fallback at once. All else is as if Slack were away."""
        period = next(self._periods("archived"), None) if "slack" in self.weather.kinds else None
        if period is None:
            return None
        answers = Answers(*period, self.chance.one(ANSWERS, "archived/answer"))
        if answers.answer != ARCHIVED:
            self.witness.saw("outage", service="slack", start=answers.start, end=answers.end)
        return answers

    def _plan(self) -> None:
        for job in self.jobs.values():
            for number, slot in enumerate(job.slots):
                self._slot(job, number, slot)
        pipeline = Pipeline(self.kernel, self.chance, self.account, self.lambdas)
        for deploy in self.deploys.values():
            pipeline.plan(deploy)
        People(self.kernel, self.chance, self.account, self.ecs, self.lambdas, self.clear).plan(self.start)
        self.lambdas.triggered(self.start)

    def run(self) -> Outcome:
        self.kernel.run()
        self.flaws.end()
        self.witness.saw("end")
        return Outcome(self.seed, self.witness.entries, tuple(self.chance.happened), self.lambdas.events)

    def _slot(self, job: Job, number: int, slot: float) -> None:
        name = f"{job.name}/{number}"
        late = self.chance.between(0, 59, f"{name}/late") + job.flexible * self.chance.number(f"{name}/flexible")
        self.kernel.at(slot + late, lambda: self._fires(job, number, slot))

    def _fires(self, job: Job, number: int, slot: float) -> None:
        """EventBridge Scheduler calls RunTask. Without capacity, the slot has no run. Without a dead-letter queue, a
        refusal leaves no trace, either."""
        schedule = self.account.schedules.get(job.name)
        if schedule is None or not schedule.enabled:
            return
        never = self.kernel.now < self.clear and self.chance.happens(SHARE_OF_NEVER, f"never/{job.short}/{number}")
        refusal = self.refusals.answer(job, schedule, number)
        if self.ecs.is_short or never or (refusal and not schedule.dead_letters):
            grace = (job.policy.grace or timedelta()).total_seconds()
            self.witness.saw("unmet", job=job.name, slot=slot, flexible=job.flexible, grace=grace)
        elif refusal:
            self.refusals.refuse(job, schedule, number, slot, refusal)
        elif self.chance.keeps(f"slot/{job.short}/{number}"):
            self._starts(job, schedule, number, slot)

    def _starts(self, job: Job, schedule: LiveSchedule, number: int, slot: float) -> None:
        environment = [
            {"name": "CRONMEND_JOB", "value": job.declares},
            {"name": "CRONMEND_SLOT", "value": at(slot).isoformat().replace("+00:00", "Z")},
        ]
        override: Json = {"name": CONTAINER, "command": list(job.command)}
        if job.declares:
            override["environment"] = environment
        revision = int(schedule.parameters["TaskDefinitionArn"].rsplit(":", 1)[-1])
        by = job.name[:36] if job.is_rule else f"chronos-schedule/{job.short[:19]}"
        for one in range(job.count):
            key = f"{job.short}-{number}-{one}"
            task = Task(key, job.name, job.family, revision, by, override, self.kernel.now)
            self.ecs.start(task, by="schedule", slot=slot)

    def _periods(self, name: str) -> Iterator[tuple[float, float]]:
        for number in range(2):
            if self.chance.happens(0.35, f"{name}/{number}"):
                begin = self.chance.between(self.start, self.clear - 3600, f"{name}/{number}/at")
                yield begin, begin + self.chance.between(120, 5400, f"{name}/{number}/long")

    def _in_deploy(self) -> bool:
        """Whether a deploy is in progress, may still seem to be, or ended a short time ago."""
        return any(
            each.start - 5 <= self.kernel.now <= max(step.at for step in steps(each, self.chance)) + SEEMS_OPEN
            for each in self.deploys.values()
        )

    def _deliver(self, task: Task, event: Json) -> None:
        cause = task.cause or causes.SUCCESS
        if cause in IDLE:
            self.witness.idle[task.id] = task.job
            self.kernel.at(self.kernel.now + EVIDENCE, lambda: self.witness.unread.add(task.id))
        delivered = task.started_by != "ada" and self.lambdas.deliver("task_state", task.id, event)
        self.witness.saw(
            "stopped",
            task=task.id,
            job=task.job,
            created=round(task.created, 3),
            cause=cause.name,
            passes=cause.passes,
            ran=cause.ran,
            known=cause.known,
            maybe=("deploy" if self._in_deploy() else "alone") if cause.maybe else "",
            delivered=delivered,
        )
