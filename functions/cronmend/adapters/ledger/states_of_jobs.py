"""The states of many jobs, a hundred with each call."""

from collections.abc import Iterable, Mapping

from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.rows import rows_of
from cronmend.adapters.ledger.table import Table
from cronmend.model.incident import JobState


class DynamoStatesOfJobs(Table):
    permissions = ("dynamodb:BatchGetItem",)

    def of(self, jobs: Iterable[str]) -> Mapping[str, JobState]:
        places = [(f"JOB#{job}", "BOOK") for job in dict.fromkeys(jobs)]
        found = rows_of(self._client, self._table, places, "read the states of jobs")
        states = (from_item(JobState, item["book"]) for item in found.values())
        return {state.job: state for state in states}
