"""The records of a job's latest runs, in two calls of the ledger."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.rows import latest_rows, rows, rows_of
from cronmend.adapters.ledger.table import Table
from cronmend.model.incident import RunRecord


class DynamoLatestRuns(Table):
    permissions = ("dynamodb:Query", "dynamodb:BatchGetItem")

    def of(self, job: str, most: int) -> Sequence[RunRecord]:
        """The latest first. Raises Retryable if the ledger doesn't answer."""
        what = f"list the runs of {job}"
        pointers = latest_rows(self._client, self._table, f"JOB#{job}", "RUN#", most, what)
        places = {each["sk"]: (f"TASK#{task_of(each)}", "RUN") for each in pointers if "run" not in each}
        found = rows_of(self._client, self._table, list(places.values()), f"read the runs of {job}")
        records = (each.get("run") or found.get(places[each["sk"]], {}).get("run") for each in pointers)
        return [from_item(RunRecord, each) for each in records if each]

    def run(self, job: str, task_id: str) -> RunRecord | None:
        """A success that only its job's list has, by a search of the list. Raises Retryable as ``of``."""
        listed = rows(self._client, self._table, f"JOB#{job}", f"list the runs of {job}", "RUN#")
        return next(
            (from_item(RunRecord, each["run"]) for each in listed if "run" in each and task_of(each) == task_id), None
        )


def list_key(stopped_at: datetime, task_id: str) -> str:
    """The sort key of a run in its job's list."""
    return f"RUN#{stopped_at.isoformat()}#{task_id}"


def task_of(listed: Mapping[str, Any]) -> str:
    """The task ID of a run in its job's list."""
    return str(listed["sk"]).rsplit("#", 1)[-1]
