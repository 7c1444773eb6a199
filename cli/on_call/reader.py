"""Read jobs, incidents and runs from the ledger."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from cli.on_call.stack import CommandError, Stack
from cronmend.adapters.ledger.due import INCIDENT, INDEX, OPEN
from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.latest_runs import DynamoLatestRuns
from cronmend.adapters.ledger.rows import of_kind, rows
from cronmend.alerting.conversations import Delivery
from cronmend.jobs.identity import MADE_UP
from cronmend.model.failed_run import FailedRun
from cronmend.model.incident import Attempt, Incident, JobState, RunRecord
from cronmend.model.keys import stable_key
from cronmend.model.report import Message
from cronmend.use_cases.reconciling.overdue_runs import KEY


@dataclass(frozen=True)
class Reader:
    stack: Stack

    def job_states(self) -> list[JobState]:
        """Scans the table: a few thousand small items take no noticeable time."""
        return [from_item(JobState, item["book"]) for item in self.scan("book")]

    def open_incidents(self) -> list[Incident]:
        """By the index of promises, which has each job with an open incident: as many reads as there are such jobs."""
        jobs = [job for partition in (OPEN, INCIDENT) for job in self._indexed(partition)]
        found = (self.stack.ledger.read(job).open_incident for job in jobs)
        return sorted(filter(None, found), key=lambda each: each.began_at, reverse=True)

    def _indexed(self, partition: str) -> Iterator[str]:
        """The jobs whose state is in this partition of the index."""
        pages = self.stack.dynamodb.get_paginator("query").paginate(
            TableName=self.stack.table,
            IndexName=INDEX,
            KeyConditionExpression="promise = :partition",
            ExpressionAttributeValues={":partition": {"S": partition}},
        )
        for page in pages:
            yield from (item["pk"]["S"].removeprefix("JOB#") for item in page["Items"] if item["kind"]["S"] == "book")

    def incidents(self) -> list[Incident]:
        """Scans the table, after the open ones are read: one that ends in between isn't missed."""
        still_open = self.open_incidents()
        over = (from_item(Incident, item["incident"]) for item in self.scan("incident"))
        found = {each.id: each for each in (*over, *still_open)}
        return sorted(found.values(), key=lambda each: each.began_at, reverse=True)

    def broken_job(self, name: str) -> str:
        """As :meth:`job`; among jobs of one name, the one with an open incident."""
        matching = {each.job for each in self.open_incidents() if name in (each.job, each.job.rsplit("/", 1)[-1])}
        return next(iter(matching)) if len(matching) == 1 else self.job(name)

    def job(self, name: str) -> str:
        """The job's id. A schedule's name alone is enough if only one job has it, which takes a scan of the table.

        An ID that Cronmend made up, because the job of a run wasn't certain, may end with the same name: it counts
        only if no job has it.

        Raises:
            CommandError: no such job; the message lists similar names.
        """
        if "/" in name and self.stack.ledger.read(name).version:
            return name
        known = sorted(job_state.job for job_state in self.job_states())
        named = [job for job in known if name in (job, job.rsplit("/", 1)[-1])]
        matching = [job for job in named if not job.startswith(MADE_UP)] or self._scheduled(name) or named
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise CommandError(f"Several jobs are named '{name}': {', '.join(matching)}. Use one of these names.")
        names = {job.rsplit("/", 1)[-1]: job for job in known} | {job: job for job in known}
        near = dict.fromkeys(names[each] for each in get_close_matches(name, names, 5, 0.4))
        hint = f"Did you mean {', '.join(near)}?" if near else "`cronmend jobs next` lists those of jobs.toml."
        if ids := _defined(name):
            hint = f"jobs.toml defines {', '.join(ids)}: deploy it, then run the command again."
        raise CommandError(f"No job named '{name}' has a run on record or a schedule in the account. {hint}")

    def _scheduled(self, name: str) -> list[str]:
        """The jobs with a schedule of this name: one that has never run isn't in the ledger."""
        own = name.rsplit("/", 1)[-1]
        pages = self.stack.client("scheduler").get_paginator("list_schedules").paginate(NamePrefix=own)
        found = [each for page in pages for each in page["Schedules"] if each["Name"] == own]
        return [job for each in found if name in (job := f"{each['GroupName']}/{own}", own)]

    def runs(self, job: str, most: int) -> list[RunRecord]:
        """The latest first."""
        return list(self._latest.of(job, most))

    def run(self, task: str, job: str = "") -> RunRecord:
        """By id or ARN. A run that has not ended may be on record as overdue.

        Args:
            job: its name or ID; without it, a run that just succeeded isn't found.

        Raises:
            CommandError: no such run or job.
        """
        task_id = task.rsplit("/", 1)[-1]
        if run := self.stack.ledger.run(task_id) or self.stack.ledger.run(f"{KEY}{task_id}"):
            return run
        if job and (listed := self._latest.run(self.job(job), task_id)):
            return listed
        of_job = f" of {job}" if job else ""
        remedy = "`cronmend history JOB` lists a job's runs with their tasks"
        hint = "" if job else ", and `cronmend why TASK --job JOB` shows one that succeeded"
        raise CommandError(f"The ledger has no run of task '{task_id}'{of_job}. {remedy}{hint}.")

    @property
    def _latest(self) -> DynamoLatestRuns:
        return DynamoLatestRuns(self.stack.table, self.stack.dynamodb)

    def incident_of(self, run: RunRecord) -> Incident | None:
        """Among those of the run's job."""
        if not run.incident:
            return None
        current = self.stack.ledger.read(run.job).open_incident
        if current and current.id == run.incident:
            return current
        found = (from_item(Incident, item["incident"]) for item in self._of_job(run.job, "INCIDENT#"))
        return next((each for each in found if each.id == run.incident), None)

    def _of_job(self, job: str, prefix: str) -> list[Mapping[str, Any]]:
        stack = self.stack
        return rows(stack.dynamodb, stack.table, f"JOB#{job}", f"list {prefix} of {job}", prefix)

    def attempts(self, incident: Incident) -> list[Attempt]:
        keys = (stable_key(incident.id, number) for number in range(2, incident.reruns + 2))
        return [attempt for key in keys if (attempt := self.stack.ledger.attempt(key))]

    def failed(self, run: RunRecord, incident: Incident | None) -> FailedRun | None:
        """What the incident keeps of this run, if none has failed since."""
        failed = incident.failed if incident else None
        return failed if failed and failed.task_id == run.task_id else None

    def messages(self, incident: Incident) -> Sequence[tuple[Message, Mapping[str, Delivery]]]:
        """Each with its delivery to each channel."""
        return self.stack.outbox.of_incident(incident.job, incident.id)

    def jobs(self, pattern: str) -> str:
        """The pattern itself if it matches a recorded job, or the id of the one job of that name.

        Raises:
            CommandError: it matches no job.
        """
        if not any(sign in pattern for sign in "*?["):
            return self.job(pattern)
        if any(fnmatchcase(job_state.job, pattern) for job_state in self.job_states()):
            return pattern
        remedy = "Use a pattern for <group>/<name>, such as 'default/report-*'"
        raise CommandError(f"'{pattern}' matches no recorded job. {remedy}.")

    def scan(self, kind: str) -> Iterator[Mapping[str, Any]]:
        return of_kind(self.stack.dynamodb, self.stack.table, kind)


def _defined(name: str) -> list[str]:
    """The jobs of this name in the file of the directory; none if it can't be read, which other commands report."""
    from cli.jobs.files import DEFAULT  # noqa: PLC0415 # only a name that no job has needs the file
    from cli.jobs.job import jobs_of  # noqa: PLC0415
    from cli.toml_files.source import BadFile, load  # noqa: PLC0415

    try:
        found = jobs_of(load(DEFAULT, "").tables)
    except BadFile:
        return []
    return [job.id for job in found if name in (job.id, job.name)]
