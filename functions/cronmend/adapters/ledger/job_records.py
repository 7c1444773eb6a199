"""What the page of one job shows, in six calls of the ledger."""

from collections.abc import Sequence
from typing import Final

from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.latest_runs import DynamoLatestRuns
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.adapters.ledger.rows import latest_rows, rows_of
from cronmend.adapters.ledger.table import Table
from cronmend.board.story import Records
from cronmend.jobs.policies import JobPolicy
from cronmend.model.incident import Attempt, Incident
from cronmend.model.keys import stable_key

_INCIDENTS: Final = 9
_RUNS: Final = 40
_ATTEMPTS: Final = 100


class DynamoJobRecords(Table):
    permissions = ("dynamodb:Query", "dynamodb:BatchGetItem")

    def read(self, job: str, policy: JobPolicy) -> Records:
        """Raises Retryable if the ledger doesn't answer."""
        found = latest_rows(
            self._client, self._table, f"JOB#{job}", "INCIDENT#", _INCIDENTS, f"list the incidents of {job}"
        )
        incidents = [from_item(Incident, each["incident"]) for each in found]
        latest = incidents[0] if incidents else None
        return Records(
            job=job,
            incidents=incidents,
            runs=DynamoLatestRuns(self._table, self._client).of(job, _RUNS),
            attempts=self._attempts(latest) if latest else (),
            messages=DynamoOutbox(self._table, self._client).of_incident(job, latest.id) if latest else (),
            policy=policy,
        )

    def _attempts(self, incident: Incident) -> Sequence[Attempt]:
        numbers = range(2, min(incident.reruns, _ATTEMPTS) + 2)
        places = [(f"ATTEMPT#{stable_key(incident.id, number)}", "ATTEMPT") for number in numbers]
        found = rows_of(self._client, self._table, places, f"read the re-runs of {incident.job}")
        return [from_item(Attempt, found[place]["attempt"]) for place in places if place in found]
