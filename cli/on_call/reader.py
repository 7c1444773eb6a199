"""Read jobs, incidents and runs from the ledger."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from cli.on_call.stack import CommandError, Stack
from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.rows import of_kind
from cronmend.alerting.conversations import DeliveryState
from cronmend.model.incident import Attempt, Incident, JobState, RunRecord
from cronmend.model.keys import stable_key
from cronmend.model.report import Message
from cronmend.use_cases.reconciling.overdue_runs import KEY

NO_RUN = "it has no recorded run. If it has never run, give its full name: <group>/<schedule name>"


@dataclass(frozen=True)
class Reader:
    stack: Stack

    def job_states(self) -> list[JobState]:
        """Scans the table: a few thousand small items take no noticeable time."""
        return [from_item(JobState, item["book"]) for item in self.scan("book")]

    def incidents(self) -> list[Incident]:
        found = (from_item(Incident, item["incident"]) for item in self.scan("incident"))
        return sorted(found, key=lambda each: each.began_at, reverse=True)

    def job(self, name: str) -> str:
        """The job's id. A schedule's name alone is enough if only one job has it.

        Raises:
            CommandError: no such job; the message lists similar names.
        """
        known = sorted(job_state.job for job_state in self.job_states())
        matching = [job for job in known if name in (job, job.rsplit("/", 1)[-1])]
        if len(matching) == 1:
            return matching[0]
        if matching:
            raise CommandError(f"Several jobs are named '{name}': {', '.join(matching)}. Use one of these names.")
        names = {job.rsplit("/", 1)[-1]: job for job in known} | {job: job for job in known}
        near = dict.fromkeys(names[each] for each in get_close_matches(name, names, 5, 0.4))
        hint = f"did you mean {', '.join(near)}?" if near else f"{NO_RUN}."
        raise CommandError(f"No job named '{name}' in the ledger: {hint}")

    def runs(self, job: str, most: int) -> list[RunRecord]:
        """The latest first."""
        pages = self.stack.dynamodb.query(
            TableName=self.stack.table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :run)",
            ExpressionAttributeValues={":pk": {"S": f"JOB#{job}"}, ":run": {"S": "RUN#"}},
            ScanIndexForward=False,
            Limit=most,
        )
        ids = [item["sk"]["S"].rsplit("#", 1)[-1] for item in pages["Items"]]
        return [run for task_id in ids if (run := self.stack.ledger.run(task_id))]

    def run(self, task: str) -> RunRecord:
        """By id or ARN. A run that has not ended may be on record as overdue.

        Raises:
            CommandError: no such run.
        """
        task_id = task.rsplit("/", 1)[-1]
        if run := self.stack.ledger.run(task_id) or self.stack.ledger.run(f"{KEY}{task_id}"):
            return run
        remedy = "`cronmend history JOB` lists a job's runs with their tasks"
        raise CommandError(f"The ledger has no run of task '{task_id}'. {remedy}.")

    def incident_of(self, run: RunRecord) -> Incident | None:
        return next((each for each in self.incidents() if each.id == run.incident), None)

    def attempts(self, incident: Incident) -> list[Attempt]:
        keys = (stable_key(incident.id, number) for number in range(2, incident.reruns + 2))
        return [attempt for key in keys if (attempt := self.stack.ledger.attempt(key))]

    def messages(self, incident: Incident) -> list[tuple[Message, tuple[str, ...]]]:
        """Each message with the channels that have it."""
        found = [item for item in self.scan("message") if item["message"]["incident"] == incident.id]
        return [(from_item(Message, item["message"]), _channels_with(item)) for item in found]

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


def _channels_with(item: Mapping[str, Any]) -> tuple[str, ...]:
    states = {name: DeliveryState(each["state"]) for name, each in item.get("delivered", {}).items()}
    return tuple(sorted(name for name, state in states.items() if state in {DeliveryState.SENT, DeliveryState.JOINED}))
