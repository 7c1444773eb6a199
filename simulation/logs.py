"""The logs of runs: late, empty or gone, as CloudWatch Logs shows them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cronmend.model import Log, LogPlace, Missing
from cronmend.model.expected_logs import WholeLog
from simulation.account import at
from simulation.ecs import Ecs, Task
from simulation.witness import Witness


@dataclass(frozen=True, slots=True)
class Logs:
    """A log that is late can't be read yet."""

    ecs: Ecs

    def tail(self, place: LogPlace) -> Log | Missing:
        log = self._lines(place)
        return log or Missing(f"log stream {place.stream} in {place.group} is empty")

    def whole(self, place: LogPlace, is_complete: Callable[[WholeLog], bool]) -> WholeLog | Missing:
        log = self._lines(place)
        return log if isinstance(log, Missing) else WholeLog(log)

    def last_event_at(self, place: LogPlace) -> datetime | Missing | None:
        """A run that doesn't hang writes all the time."""
        task, now = self._task(place), self.ecs.kernel.now
        if isinstance(task, Missing):
            return task
        last = now if task.silent_from is None else min(now, task.silent_from)
        return at(last) if last != task.started else None

    def _lines(self, place: LogPlace) -> Log | Missing:
        task = self._task(place)
        return task if isinstance(task, Missing) else task.cause.log if task.cause else ()

    def _task(self, place: LogPlace) -> Task | Missing:
        """The task whose log it is; Missing while its stream can't be found."""
        task = self.ecs.tasks.get(place.stream.rsplit("/", 1)[-1])
        is_faulty = self.ecs.weather.has("log_faults", self.ecs.kernel.now)
        if task is None or (is_faulty and self.ecs.chance.happens(0.12, f"log/{task.id}")):
            return Missing(f"the log stream {place.stream} doesn't exist")
        return task


@dataclass(frozen=True, slots=True)
class WatchedLogs:
    """Records which logs couldn't be read. Whether such a log is as its owner expects can't be known."""

    logs: Any
    witness: Witness

    def tail(self, place: LogPlace) -> Log | Missing:
        log: Log | Missing = self.logs.tail(place)
        return log

    def whole(self, place: LogPlace, is_complete: Callable[[WholeLog], bool]) -> WholeLog | Missing:
        log: WholeLog | Missing = Missing("")
        try:
            log = self.logs.whole(place, is_complete)
        finally:
            if isinstance(log, Missing):
                self.witness.unread.add(place.stream.rsplit("/", 1)[-1])
        return log
