"""When schedules start their jobs, ``TIMETABLES``; the latest check of them, ``CHECK``; and a job's recorded runs."""

from collections.abc import Mapping, Sequence
from copy import replace
from datetime import UTC, datetime
from typing import Any

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import from_item, key, to_item
from cronmend.adapters.ledger.rows import row, rows
from cronmend.adapters.ledger.table import Table
from cronmend.model.incident import RunRecord
from cronmend.model.timetables import LastCheck, RecordedRun, Timetable, recorded

_TIMETABLES = "TIMETABLES"
_CHECK = ("CHECK", "SLOTS")


class DynamoTimetables(Table):
    """The rows have no expiry: without its row, a schedule is read again."""

    permissions = ("dynamodb:Query", "dynamodb:PutItem", "dynamodb:DeleteItem")

    def all(self) -> Sequence[Timetable]:
        found = rows(self._client, self._table, _TIMETABLES, "list the timetables")
        return tuple(from_item(Timetable, item["timetable"]) for item in found)

    def named(self, start: str) -> Mapping[str, Timetable]:
        """Those of the jobs whose IDs start so, by job."""
        found = rows(self._client, self._table, _TIMETABLES, f"list the timetables of {start}…", start)
        timetables = (from_item(Timetable, item["timetable"]) for item in found)
        return {each.job: each for each in timetables}

    def put(self, timetable: Timetable) -> None:
        item = {"pk": _TIMETABLES, "sk": timetable.job, "kind": "timetable", "timetable": to_item(timetable)}
        with our_errors(f"store the timetable of {timetable.job} in the ledger"):
            self._client.put_item(TableName=self._table, Item=stored_form.written(item))

    def remove(self, job: str) -> None:
        with our_errors(f"remove the timetable of {job} from the ledger"):
            self._client.delete_item(TableName=self._table, Key=key(_TIMETABLES, job))


class DynamoLastChecks(Table):
    permissions = ("dynamodb:GetItem", "dynamodb:PutItem")

    def read(self) -> LastCheck | None:
        found = row(self._client, self._table, *_CHECK, "read when the slots were checked")
        return from_item(LastCheck, found["check"]) if found else None

    def write(self, check: LastCheck) -> None:
        pk, sk = _CHECK
        item = {"pk": pk, "sk": sk, "kind": "check", "check": to_item(check)}
        with our_errors("store in the ledger when the slots were checked"):
            self._client.put_item(TableName=self._table, Item=stored_form.written(item))


class DynamoRecordedRuns(Table):
    """Reads the list of a job's runs. A row of an earlier version doesn't say when its run was created."""

    permissions = ("dynamodb:Query",)

    def since(self, job: str, at: datetime, *, newest: bool = True) -> Sequence[RecordedRun]:
        query = {**self._query(job, at.astimezone(UTC).isoformat()), "ConsistentRead": newest}
        pages = self._client.get_paginator("query").paginate(**query)
        with our_errors(f"list the runs of {job} in the ledger"):
            return _runs([item for page in pages for item in page["Items"]])

    def latest(self, job: str, most: int) -> Sequence[RecordedRun]:
        with our_errors(f"list the runs of {job} in the ledger"):
            answer = self._client.query(**self._query(job, ""), ScanIndexForward=False, Limit=most)
        return _runs(answer["Items"])

    def _query(self, job: str, since: str) -> dict[str, Any]:
        """``~`` sorts after every time."""
        values = {":pk": {"S": f"JOB#{job}"}, ":since": {"S": f"RUN#{since}"}, ":end": {"S": "RUN#~"}}
        return {
            "TableName": self._table,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :since AND :end",
            "ExpressionAttributeValues": values,
            "ConsistentRead": True,
        }


def _runs(items: Sequence[Mapping[str, Any]]) -> Sequence[RecordedRun]:
    rows = map(stored_form.read, items)
    found = ((_started(row), datetime.fromisoformat(row["sk"].split("#")[1])) for row in rows)
    return tuple(replace(run, stopped_at=stopped_at) for run, stopped_at in found if run)


def _started(row: Mapping[str, Any]) -> RecordedRun | None:
    if "run" in row:
        return recorded(from_item(RunRecord, row["run"]))
    return from_item(RecordedRun, row["started"]) if "started" in row else None
