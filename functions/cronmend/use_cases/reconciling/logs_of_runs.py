"""Find what the logs of the latest successes show: each job's once a day, because no other run's log is read."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from cronmend.jobs import log_findings
from cronmend.jobs.job_container import log_place
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Category, Log, Missing
from cronmend.model.findings import Finding, FindingKind, Looked, OnFinding
from cronmend.model.incident import RunRecord
from cronmend.model.keys import stable_key
from cronmend.model.timetables import Timetable
from cronmend.ports.findings import LatestRuns, Tails
from cronmend.ports.healing import TaskDefinitions
from cronmend.use_cases.reconciling.in_use import InUseReader

MOST_JOBS: Final = 50
"""Whose logs one look reads: each takes up to ten calls of GetLogEvents, of which AWS allows ten a second."""
_RUNS_READ: Final = 2 * log_findings.RUNS
"""Records among which the successes are looked for."""


class LogsOfRuns(Struct, frozen=True):
    in_use: InUseReader
    runs: LatestRuns
    definitions: TaskDefinitions
    logs: Tails
    policy: Callable[[str], JobPolicy]

    @property
    def kinds(self) -> frozenset[FindingKind]:
        return log_findings.KINDS

    def look(self, now: datetime) -> Looked:
        """
        Raises:
            Retryable, Permanent: the ledger, ECS or CloudWatch Logs can't be read.
        """
        active = [each for each in self.in_use.read(now).active if self._is_wanted(each)]
        due = [each for each in active if hour_of(each.job) == now.hour][:MOST_JOBS]
        read, found = set[str](), list[Finding]()
        for each in due:
            if logs := tuple(self._logs(each)):
                read.add(each.job)
                found += log_findings.of_logs(each, logs)
        return Looked(tuple(found), frozenset(each.job for each in active) - read)

    def _is_wanted(self, timetable: Timetable) -> bool:
        return self.policy(timetable.job).on_finding is not OnFinding.NONE

    def _logs(self, timetable: Timetable) -> Iterator[Log]:
        for run in self._successes(timetable.job):
            log = self._log(timetable, run)
            if not isinstance(log, Missing):
                yield log

    def _successes(self, job: str) -> Sequence[RunRecord]:
        latest = self.runs.of(job, _RUNS_READ)
        return [run for run in latest if run.category is Category.SUCCESS and run.ran][: log_findings.RUNS]

    def _log(self, timetable: Timetable, run: RunRecord) -> Log | Missing:
        definition = self.definitions.get(run.task_definition)
        if isinstance(definition, Missing):
            return definition
        replaced = timetable.target.containers if timetable.target else ()
        place = log_place(definition, self.policy(timetable.job), replaced, run.task_id)
        return place if isinstance(place, Missing) else self.logs.tail(place)


def hour_of(job: str) -> int:
    """Of the day, in UTC, in which the job's logs are read: all jobs share the hours evenly."""
    return int(stable_key(job, 0), 16) % 24
