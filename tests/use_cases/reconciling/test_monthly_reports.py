"""Each route that asks for it is told once of the month before."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cli.board import sample_report
from cronmend.alerting.routes import Route, Routes
from cronmend.board.period import Past, Period
from cronmend.model.report import Message
from cronmend.use_cases.reconciling.monthly_reports import MonthlyReports

FIRST = datetime(2026, 11, 1, 9, 2, tzinfo=UTC)


@dataclass
class Ledger:
    messages: dict[tuple[str, str, str], Message] = field(default_factory=dict)
    read_for: list[Period] = field(default_factory=list)

    def read(self, period: Period, now: datetime) -> Past:
        self.read_for.append(period)
        return Past(sample_report.past().facts, period)

    def message(self, job: str, incident: str, change: str) -> Message | None:
        return self.messages.get((job, incident, change))

    def of_incident(self, job: str, incident: str) -> list[object]:
        raise NotImplementedError

    def add(self, message: Message, now: datetime) -> bool:
        key = (message.job, message.incident, message.change)
        return self.messages.setdefault(key, message) is message


def reports(ledger: Ledger) -> MonthlyReports:
    routes = {name: Route(name, monthly_report=name != "quiet") for name in ("default", "data", "quiet")}
    return MonthlyReports(ledger, ledger, ledger, Routes(routes))  # type: ignore[arg-type] # what it calls


def test_each_route_that_asks_is_told_once() -> None:
    ledger = Ledger()
    assert reports(ledger).check(FIRST) == ("default", "data")
    assert reports(ledger).check(FIRST + timedelta(minutes=5)) == ()
    assert [each.route for each in ledger.messages.values()] == ["default", "data"]
    assert len(ledger.read_for) == 1


def test_on_other_days_nothing_is_read() -> None:
    ledger = Ledger()
    assert reports(ledger).check(FIRST + timedelta(days=2)) == ()
    assert ledger.read_for == []


def test_the_next_month_is_told_again() -> None:
    ledger = Ledger()
    reports(ledger).check(FIRST)
    assert reports(ledger).check(FIRST + timedelta(days=30)) == ("default", "data")
