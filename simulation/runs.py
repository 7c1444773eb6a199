"""How long a run takes, and what ends it: its code, the state of the account, or a reason of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulation import causes
from simulation.account import Account
from simulation.causes import Cause
from simulation.chance import Chance
from simulation.deploys import Deploy, steps
from simulation.ecs import Task
from simulation.jobs import HOUR, UNMET, Job
from simulation.kernel import Kernel

SHARE_OF_HANGS = 0.006
"""The share of runs that wait for hours, or forever, for something that doesn't come."""
FOR_EVER = 24_000 * HOUR
SHARE_OF_ONCE = 0.05
"""The share of runs that fail for a reason of their own."""
SHARE_OF_IDLE = 0.04
"""The share of runs that exit with 0 and have done nothing."""


@dataclass(frozen=True, slots=True)
class Runs:
    kernel: Kernel
    chance: Chance
    clear: float
    """From then on, no run hangs or fails for a reason of its own."""
    jobs: Mapping[str, Job]
    deploys: Mapping[int, Deploy]
    account: Account
    away: Sequence[tuple[float, float]]
    """When the database is away."""

    def seconds(self, task: Task) -> float:
        usual = self.jobs[task.job].seconds if task.job in self.jobs else 60.0
        if self.hangs(task):
            return self.chance.one((3 * HOUR, 8 * HOUR, FOR_EVER), f"hangs/{task.id}/long")
        if self.chance.happens(0.02, f"long/{task.id}"):
            return usual + self.chance.between(1800, 7200, f"long/{task.id}/by")
        return usual * self.chance.between(0.5, 1.5, f"seconds/{task.id}")

    def hangs(self, task: Task) -> bool:
        """Whether it stops writing to its log soon after its start."""
        return self.kernel.now < self.clear and self.chance.happens(SHARE_OF_HANGS, f"hangs/{task.id}")

    def cause(self, task: Task) -> Cause:
        once = self._once(task)
        if once and not once.ran:
            return once
        return self._of_code(task) or once or self._idle(task) or causes.SUCCESS

    def _idle(self, task: Task) -> Cause | None:
        """Only for a job whose owner doesn't count such a run as a success."""
        if (unmet := UNMET[self.jobs[task.job].expects]) and self.kernel.now < self.clear:
            name = f"idle/{task.id}"
            return self.chance.one(unmet, f"{name}/cause") if self.chance.happens(SHARE_OF_IDLE, name) else None
        return None

    def _once(self, task: Task) -> Cause | None:
        if self.kernel.now < self.clear and self.chance.happens(SHARE_OF_ONCE, f"once/{task.id}"):
            return self.chance.one(causes.ONCE, f"once/{task.id}/cause")
        return None

    def _of_code(self, task: Task) -> Cause | None:
        """The cause that ends every run of this code now; None if there is none."""
        if task.family == "webapp" and (found := self._of_schema(task.revision) or self._of_setting(task.revision)):
            return found
        share = 0.5 if self.jobs[task.job].is_rare else 0.04
        if self.chance.happens(share, f"bug/{task.job}/{task.revision}"):
            return causes.BUG
        if any(begin <= self.kernel.now < end for begin, end in self.away):
            return causes.DEPENDENCY
        return None

    def _of_schema(self, revision: int) -> Cause | None:
        migrated = self.account.migrated
        mine: Deploy | None = self.deploys.get(revision)
        if mine and mine.needs and revision not in migrated:
            migrates = any(step.word == "migrated" for step in steps(mine, self.chance))
            return causes.RACE if migrates else causes.HALF_DONE
        if any(
            each.breaks and each.revision > revision and each.revision in migrated for each in self.deploys.values()
        ):
            return causes.OLD_CODE
        return None

    def _of_setting(self, revision: int) -> Cause | None:
        mine: Deploy | None = self.deploys.get(revision)
        if mine is None or not mine.setting:
            return None
        served = next((step.at for step in steps(mine, self.chance) if step.word == "served"), None)
        if mine.setting == "forgotten" or served is None:
            return causes.CONFIG
        return causes.UNSET if self.kernel.now < served else None
