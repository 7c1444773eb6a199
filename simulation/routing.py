"""Where the messages of a history go, and when: channels, fallback, quiet hours, digests, reminders, escalation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta

from cronmend.alerting.quiet_hours import QuietHours
from cronmend.alerting.routes import DEFAULT, Healed, Route, Routes
from cronmend.model import OnOverdue
from simulation.chance import Chance
from simulation.jobs import Job
from simulation.kernel import Kernel
from simulation.witness import Witness

DAY = 86400.0
HEALED = (Healed.QUIET, Healed.QUIET, Healed.DIGEST, Healed.NONE)


@dataclass(frozen=True, slots=True)
class Routing:
    kernel: Kernel
    chance: Chance
    witness: Witness
    jobs: Mapping[str, Job]
    may_stop: bool
    """Whether the stack allows Cronmend to stop runs."""

    def routes(self, start: float, clear: float) -> Routes:
        names = self.chance.one((("slack", "sns", "events"), ("slack",), ("sns",)), "channels")
        remind = self.chance.one((None, 1, 6, 24), "reminds")
        route = Route(
            DEFAULT,
            (*names, "slack:GONE") if self.chance.likely(0.1, "lacks") else names,
            fallback=("sns",) if names == ("slack",) else (),
            quiet=self._quiet(start, clear),
            healed=self.chance.one(HEALED, "healed"),
            remind_after=None if remind is None else timedelta(hours=remind),
            escalate_to="second" if self.chance.likely(0.3, "escalates") else "",
        )
        for job in self.jobs.values():
            self._is_routed(job, names, route)
        return Routes({DEFAULT: route, "second": Route("second", ("sns",))})

    def _is_routed(self, job: Job, names: tuple[str, ...], route: Route) -> None:
        self.witness.saw(
            "job",
            job=job.name,
            kept=job.short[:19],
            policy=job.policy.rerun.value,
            attempts=job.policy.attempts,
            deadline=job.policy.deadline.total_seconds(),
            stale=job.policy.stale_after.total_seconds(),
            max_runtime=job.policy.max_runtime.total_seconds() if job.policy.max_runtime else None,
            silent_after=job.policy.silent_after.total_seconds() if job.policy.silent_after else None,
            stops=self.may_stop and job.policy.on_overdue is OnOverdue.STOP,
            declares=job.declares,
            follows=job.policy.follow.value,
            work=job.work,
            channels=list(names),
            fallback=list(route.fallback),
        )

    def _quiet(self, start: float, clear: float) -> QuietHours | None:
        if not self.chance.likely(0.15, "quiet"):
            return None
        begin, hours = int(self.chance.between(0, 24, "quiet/at")), int(self.chance.between(1, 9, "quiet/long"))
        for day in range(-1, int((clear - start) / DAY) + 1):
            first = start - start % DAY + day * DAY + begin * 3600
            self.kernel.at(first, lambda until=first + hours * 3600: self._is_quiet(until))  # type: ignore[misc] # bound for this day
        return QuietHours(time(begin), time((begin + hours) % 24))

    def _is_quiet(self, until: float) -> None:
        """For people, quiet hours mute all jobs."""
        for job in self.jobs:
            self.witness.saw("muted", job=job, until=until)
