"""A deploy has gone on: bring the re-runs forward that waited for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cronmend import incidents
from cronmend.care.write import write
from cronmend.ports import LEAD, Books, Records, ServiceFamilies, Timers
from cronmend.records import Change, Incident, JobBook, Timer, TimerKind


@dataclass(frozen=True, slots=True)
class DeployCare:
    """Hurries what waits. The guards are checked when the re-run is due, so hurrying one too many does no harm."""

    books: Books
    records: Records
    families: ServiceFamilies
    timers: Timers

    def service_settled(self, cluster_arn: str, service: str, now: datetime) -> tuple[Timer, ...]:
        """A service's deployment has ended; answers the timers that were brought forward."""
        waiting: list[Incident] = []
        for family in self.families.of_service(cluster_arn, service):
            waiting.extend(self.records.waiting(cluster_arn, family))
        return tuple(timer for incident in waiting for timer in self._hurry(incident, now))

    def _hurry(self, incident: Incident, now: datetime) -> Iterable[Timer]:
        """The book first, then the timer: a crash in between leaves the timer where it was, and it still comes."""
        at = now + LEAD

        def decide(book: JobBook) -> Change | None:
            current = book.incident
            if current is None or current.id != incident.id or current.planned is None or current.planned.at <= at:
                return None
            return incidents.hurried(book, at)

        change, _ = write(self.books, incident.job, now, decide)
        if change.book.incident is None:
            return
        for timer in incidents.timers_of(change.book.incident):
            if timer.kind is TimerKind.RERUN:
                self.timers.bring_forward(timer)
                yield timer
