"""What the page of one job shows, in six calls of the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.adapters.ledger.rows import rows_of
from cronmend.adapters.ledger.table import Table
from cronmend.board.story import Records
from cronmend.jobs.policies import JobPolicy
from cronmend.model.incident import Attempt, Incident, RunRecord
from cronmend.model.keys import stable_key

_INCIDENTS: Final = 9
_RUNS: Final = 40
_ATTEMPTS: Final = 100


class DynamoJobRecords(Table):
    permissions = ("dynamodb:Query", "dynamodb:BatchGetItem")

    def read(self, job: str, policy: JobPolicy) -> Records:
        """Raises Retryable if the ledger doesn't answer."""
        incidents = [from_item(Incident, each["incident"]) for each in self._latest(job, "INCIDENT#", _INCIDENTS)]
        latest = incidents[0] if incidents else None
        return Records(
            job=job,
            incidents=incidents,
            runs=self._runs(job),
            attempts=self._attempts(latest) if latest else (),
            messages=DynamoOutbox(self._table, self._client).of_incident(job, latest.id) if latest else (),
            policy=policy,
        )

    def _runs(self, job: str) -> Sequence[RunRecord]:
        ids = [item["sk"].rsplit("#", 1)[-1] for item in self._latest(job, "RUN#", _RUNS)]
        places = [(f"TASK#{task_id}", "RUN") for task_id in ids]
        found = rows_of(self._client, self._table, places, f"read the runs of {job}")
        return [from_item(RunRecord, found[place]["run"]) for place in places if place in found]

    def _attempts(self, incident: Incident) -> Sequence[Attempt]:
        numbers = range(2, min(incident.reruns, _ATTEMPTS) + 2)
        places = [(f"ATTEMPT#{stable_key(incident.id, number)}", "ATTEMPT") for number in numbers]
        found = rows_of(self._client, self._table, places, f"read the re-runs of {incident.job}")
        return [from_item(Attempt, found[place]["attempt"]) for place in places if place in found]

    def _latest(self, job: str, prefix: str, most: int) -> Sequence[Mapping[str, Any]]:
        with our_errors(f"list the records of {job} in the ledger"):
            answer = self._client.query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
                ExpressionAttributeValues={":pk": {"S": f"JOB#{job}"}, ":prefix": {"S": prefix}},
                ScanIndexForward=False,
                Limit=most,
                ConsistentRead=True,
            )
        return [stored_form.read(item) for item in answer["Items"]]
