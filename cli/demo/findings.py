"""Findings take days: the demo dates back what the ledger has of a schedule, of a finding and of the last search."""

from copy import replace
from datetime import UTC, datetime, timedelta

from cronmend.adapters.ledger.findings import DynamoFindings
from cronmend.adapters.ledger.timetables import DynamoTimetables
from local.account import LocalAccount


class FindingAges:
    def __init__(self, account: LocalAccount, table: str) -> None:
        self._timetables = DynamoTimetables(table, account.clients.dynamodb)
        self._findings = DynamoFindings(table, timedelta(days=1), account.clients.dynamodb)

    def date_schedule_back(self, job: str, age: timedelta) -> bool:
        """Let the job's schedule be disabled for this long; False if the ledger doesn't have it as disabled."""
        found = [each for each in self._timetables.all() if each.job == job and not each.enabled]
        for each in found:
            self._timetables.put(replace(each, since=datetime.now(UTC) - age))
        return bool(found)

    def date_search_back(self, age: timedelta) -> None:
        """Let the last search, and all that it found, be this old."""
        before = self._findings.read()
        for each in before.known:
            self._findings.put(replace(each, found_at=each.found_at - age))
        if before.looked_at:
            self._findings.looked(before.looked_at - age)
