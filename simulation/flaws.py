"""What a person should change about a job or its schedule, as the account knows it: what may truly be found of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from simulation.account import Account

MOST_OVERLAPS = 3
"""Runs that start while another one of the job is running, before that is more than a slow day."""


@dataclass
class Flaws:
    """Each is seen when it ends, or becomes another one."""

    account: Account
    since: dict[tuple[str, str, str], float] = field(default_factory=dict)
    """By job, kind, and what it is about."""

    def look(self) -> None:
        """To be called after each change in the account."""
        current = {flaw for job in self.account.schedules for flaw in self._of(job) if flaw[2]}
        for job, kind, about in sorted(self.since.keys() - current):
            since = self.since.pop((job, kind, about))
            self.account.witness.saw("flaw", job=job, kind=kind, since=since, sure=kind != "overlaps")
        for flaw in current:
            self.since.setdefault(flaw, self.account.witness.now())

    def end(self) -> None:
        """The history is over."""
        self.account.schedules = {}
        self.look()

    def _of(self, job: str) -> Iterator[tuple[str, str, str]]:
        """Each that the job may have; ``""`` as what it is about if it hasn't."""
        schedule, jobs = self.account.schedules[job], self.account.jobs
        target = str(schedule.parameters["TaskDefinitionArn"])
        yield job, "no_dead_letters", "its target" if schedule.enabled and not schedule.dead_letters else ""
        yield job, "inactive_revision", target if schedule.enabled and not self.account.is_active(schedule) else ""
        alike = (each for each in self.account.schedules if each != job and jobs[each].work == jobs[job].work != "")
        yield job, "look_alikes", " ".join(alike)
        yield job, "overlaps", "its runs" if self.account.overlaps[job] >= MOST_OVERLAPS else ""
