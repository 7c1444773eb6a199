"""The ledger in memory, for tests, and for benchmarks that shouldn't measure a database."""

from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cronmend.healing.due_times import due_of_message
from cronmend.model.incident import Attempt, Change, Commit, Found, Incident, JobState, RunRecord
from cronmend.model.report import Message

HOUR = timedelta(hours=1)


@dataclass
class MemoryLedger:
    """Job states and records in memory. It rejects the same writes as the table's conditions."""

    hourly_reruns: int = 30
    job_states: dict[str, JobState] = field(default_factory=dict)
    runs: dict[str, RunRecord] = field(default_factory=dict)
    attempts: dict[str, Attempt] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    claimed: list[datetime] = field(default_factory=list)
    """When re-runs of any job were claimed."""
    circuit_until: datetime | None = None
    unoffered: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    """When a message, by its job, incident and change, has to be offered to its channels at the latest."""

    def read(self, job: str) -> JobState:
        return self.job_states.get(job, JobState(job))

    def run(self, task_id: str, job: str = "", stopped_at: datetime | None = None) -> RunRecord | None:
        known = self.runs.get(task_id)
        is_found = known and (not known.is_listed_only or (known.job, known.stopped_at) == (job, stopped_at))
        return known if is_found else None

    def attempt(self, key: str) -> Attempt | None:
        return self.attempts.get(key)

    def look_up(
        self,
        job: str = "",
        task_id: str = "",
        attempt: str = "",
        stopped_at: datetime | None = None,
        *,
        circuit: bool = False,
    ) -> Found:
        known = self.run(task_id, job, stopped_at)
        is_listed = known and (stopped_at is None or (known.job, known.stopped_at) == (job, stopped_at))
        until = self.circuit_until if circuit else None
        return Found(self.read(job) if job else None, known if is_listed else None, self.attempt(attempt), until)

    def waiting(self, cluster_arn: str) -> Sequence[Incident]:
        incidents = [
            job_state.incident
            for job_state in self.job_states.values()
            if job_state.incident and job_state.incident.planned
        ]
        races = [each for each in incidents if each.diagnosis.waits_for_deploy]
        return [each for each in races if each.cluster_arn == cluster_arn]

    def commit(self, change: Change, now: datetime) -> Commit:
        if refusal := self._refusal(change, now):
            return refusal
        self.job_states[change.job_state.job] = replace(change.job_state, version=change.job_state.version + 1)
        if change.run:
            self.runs[change.run.task_id] = change.run
        if change.claim:
            self.attempts[change.claim.key] = change.claim
            self.claimed.append(now)
        for message in change.messages:
            self.put(message, now)
        return Commit.DONE

    def put(self, message: Message, now: datetime) -> None:
        self.messages.append(message)
        self.unoffered[message.job, message.incident, message.change] = due_of_message(now)

    def started(self, attempt: Attempt, task_arn: str) -> None:
        self.attempts[attempt.key] = replace(attempt, task_arn=task_arn)

    def _refusal(self, change: Change, now: datetime) -> Commit | None:
        run_known = change.run is not None and change.run.task_id in self.runs
        if run_known or (change.claim is not None and change.claim.key in self.attempts):
            return Commit.KNOWN
        if change.claim and sum(now - at < HOUR for at in self.claimed) >= self.hourly_reruns:
            return Commit.OVER_BUDGET
        return Commit.AGAIN if self.read(change.job_state.job).version != change.job_state.version else None
