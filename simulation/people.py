"""What people do in a history: disable, mute, acknowledge, run by hand, request a run twice, switch healing off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cronmend.errors import Permanent
from cronmend.incoming.own_payloads import run_request_payload
from cronmend.model import Mode
from cronmend.model.wakeups import RunRequest
from simulation.account import CONTAINER, Account
from simulation.chance import Chance
from simulation.ecs import Ecs, Task
from simulation.handlers import UseCases
from simulation.jobs import WEEK, Job
from simulation.kernel import Kernel
from simulation.lambdas import Lambdas

ACTS = ("disable", "mute", "acknowledge", "ask", "ask", "insist", "by_hand", "stop", "mode", "delete")
MOST = 5


@dataclass
class People:
    kernel: Kernel
    chance: Chance
    account: Account
    ecs: Ecs
    lambdas: Lambdas
    clear: float
    """When the history's last day ends."""

    def plan(self, start: float) -> None:
        for number in range(int(self.chance.number("acts") * (MOST + 1))):
            name = f"act/{number}"
            at = self.chance.between(start, self.clear - 7200, f"{name}/at")
            job = self.chance.one(sorted(self.account.jobs) or [""], f"{name}/job")
            act = getattr(self, f"_{self.chance.one(ACTS, name)}")
            if job and self.chance.keeps(name):
                self.kernel.at(at, lambda act=act, job=job, name=name: act(self.account.jobs[job], name))  # type: ignore[misc] # bound for this act
        for rare in (job for job in self.account.jobs.values() if job.is_rare):
            self._mute_for_long(rare, start)

    def _mute_for_long(self, job: Job, start: float) -> None:
        """For longer than records are kept."""
        name = f"act/long/{job.short}"
        if self.chance.happens(0.5, name):
            until = self.chance.between(start + (WEEK + 3) * 86400.0, self.clear, f"{name}/until")
            self.kernel.at(start, lambda: self._mute_until(job, until, name))

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        self.kernel.at(self.kernel.now + seconds, act)

    def _disable(self, job: Job, name: str) -> None:
        """For a while, or for good. A schedule that is already disabled may be held, and is left alone."""
        if (known := self.account.schedules.get(job.name)) and known.enabled:
            self.account.change(job.name, "people", enabled=False)
            if self.chance.likely(0.6, f"{name}/back"):
                back = self.chance.between(300, 20000, f"{name}/long")
                self._after(back, lambda: self.account.change(job.name, "people", enabled=True))

    def _delete(self, job: Job, name: str) -> None:
        if self.chance.likely(0.4, f"{name}/really"):
            self.account.delete(job.name)

    def _mute(self, job: Job, name: str) -> None:
        self._mute_until(job, self.kernel.now + self.chance.between(600, 7200, f"{name}/long"), name)

    def _mute_until(self, job: Job, until: float, name: str) -> None:
        def act(use_cases: UseCases, now: datetime) -> None:
            self.account.witness.saw("muted", job=job.name, until=until)
            use_cases.people.mute(job.name, now + timedelta(seconds=until - now.timestamp()), "ada", "", now)

        self._use(name, act)

    def _acknowledge(self, job: Job, name: str) -> None:
        def act(use_cases: UseCases, now: datetime) -> None:
            try:
                use_cases.people.acknowledge(job.name, "ada", now)
            except Permanent:
                self.account.witness.saw("nothing_open", job=job.name)

        self._use(name, act)

    def _use(self, name: str, act: Callable[[UseCases, datetime], None]) -> None:
        self.lambdas.invoke("person", name, act, self.kernel.now)

    def _ask(self, job: Job, name: str) -> None:
        self._request(job, name, force=False)

    def _insist(self, job: Job, name: str) -> None:
        self._request(job, name, force=True)

    def _request(self, job: Job, name: str, *, force: bool) -> None:
        """The button is pressed twice, or the client repeats a request that got no answer."""
        twice = self.chance.likely(0.5, f"{name}/twice")
        for number in range(2 if twice else 1):
            same = self.chance.likely(0.5, f"{name}/same")
            asked = name if same else f"{name}/{number}"
            self.account.witness.saw("asked", job=job.name, id=asked, force=force)
            request = run_request_payload(RunRequest(job.name, asked, force, by="ada"))
            delay = number * self.chance.one((0.0, 0.3, 5.0, 90.0), f"{name}/delay")
            self.lambdas.invoke("rerun_asked", f"{name}/{number}", request, self.kernel.now + delay)

    def _by_hand(self, job: Job, name: str) -> None:
        """With the AWS CLI, unknown to Cronmend; it may carry the schedule's own environment."""
        if known := self.account.schedules.get(job.name):
            revision = int(known.parameters["TaskDefinitionArn"].rsplit(":", 1)[-1])
            override = {"name": CONTAINER, "command": list(job.command)}
            key = name.replace("/", "-")
            task = Task(f"hand-{key}", job.name, job.family, revision, "ada", override, self.kernel.now)
            self.ecs.start(task, by="hand")

    def _stop(self, job: Job, name: str) -> None:
        for task in self.ecs.alive(job.name)[:1]:
            self.ecs.stop(task)

    def _mode(self, job: Job, name: str) -> None:
        mode = self.chance.one((Mode.OFF, Mode.SHADOW), f"{name}/mode")
        self._switch(mode)
        self._after(self.chance.between(600, 20000, f"{name}/long"), lambda: self._switch(Mode.HEAL))

    def _switch(self, mode: Mode) -> None:
        self.account.mode = mode
        self.account.witness.saw("mode", mode=mode.value)
