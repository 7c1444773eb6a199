"""The true flaws of jobs and their schedules, which a person should fix. A finding that names none of them is wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from simulation.account import Account

MOST_OVERLAPS = 3
"""This many starts of a job while another run of it is active are a flaw; fewer may come from one slow day."""


@dataclass
class Flaws:
    """Each flaw is recorded when it ends or changes."""

    account: Account
    since: dict[tuple[str, str, str], float] = field(default_factory=dict)
    """When each current flaw began, by its job, its kind and what it is about."""

    def look(self) -> None:
        """Record the flaws that have ended. Call it after each change in the account."""
        current = {flaw for job in self.account.schedules for flaw in self._of(job) if flaw[2]}
        for job, kind, about in sorted(self.since.keys() - current):
            since = self.since.pop((job, kind, about))
            self.account.witness.saw("flaw", job=job, kind=kind, since=since, sure=kind != "overlaps")
        for flaw in current:
            self.since.setdefault(flaw, self.account.witness.now())

    def end(self) -> None:
        """Record the flaws that are left when the history is over."""
        self.account.schedules = {}
        self.look()

    def _of(self, job: str) -> Iterator[tuple[str, str, str]]:
        """Each flaw that the job may have; what it is about is ``""`` if the job doesn't have it."""
        schedule, jobs = self.account.schedules[job], self.account.jobs
        target = str(schedule.parameters["TaskDefinitionArn"])
        yield job, "no_dead_letters", "its target" if schedule.enabled and not schedule.dead_letters else ""
        yield job, "inactive_revision", target if schedule.enabled and not self.account.is_active(schedule) else ""
        alike = (each for each in self.account.schedules if each != job and jobs[each].work == jobs[job].work != "")
        yield job, "look_alikes", " ".join(alike)
        yield job, "overlaps", "its runs" if self.account.overlaps[job] >= MOST_OVERLAPS else ""
