"""The records of a job's latest runs, in two calls of the ledger."""

from collections.abc import Sequence

from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.rows import latest_rows, rows_of
from cronmend.adapters.ledger.table import Table
from cronmend.model.incident import RunRecord


class DynamoLatestRuns(Table):
    permissions = ("dynamodb:Query", "dynamodb:BatchGetItem")

    def of(self, job: str, most: int) -> Sequence[RunRecord]:
        """The latest first. Raises Retryable if the ledger doesn't answer."""
        what = f"list the runs of {job}"
        pointers = latest_rows(self._client, self._table, f"JOB#{job}", "RUN#", most, what)
        places = [(f"TASK#{pointer['sk'].rsplit('#', 1)[-1]}", "RUN") for pointer in pointers]
        found = rows_of(self._client, self._table, places, f"read the runs of {job}")
        return [from_item(RunRecord, found[place]["run"]) for place in places if place in found]
