"""People are told once of each finding, and again only if it ended and came back."""

from collections.abc import Set
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from cronmend.alerting.routes import Route, RouteRule, Routes
from cronmend.errors import Retryable
from cronmend.jobs.policies import JobPolicy
from cronmend.model.findings import Finding, FindingKind, KnownFinding, Looked, OnFinding
from cronmend.model.report import MessageKind
from cronmend.use_cases.reconciling.findings import Findings, FoundFindings
from local.memory.findings import MemoryFindings
from tests.fakes import NOW

HOUR = timedelta(hours=1)
EXPIRED = Finding("default/report", FindingKind.EXPIRED, "Its schedule ended on 2026-05-01.", "Delete it.")


@dataclass
class Source:
    found: list[Finding] = field(default_factory=list)
    unread: frozenset[str] = frozenset()
    away: bool = False
    looks: int = 0

    @property
    def kinds(self) -> Set[FindingKind]:
        return {FindingKind.EXPIRED, FindingKind.BURNS_BUDGET}

    def look(self, now: datetime) -> Looked:
        self.looks += 1
        if self.away:
            raise Retryable("couldn't list the timetables in the ledger")
        return Looked(tuple(self.found), self.unread)


@dataclass
class Watch:
    """An hour passes with each check."""

    source: Source = field(default_factory=Source)
    store: MemoryFindings = field(default_factory=MemoryFindings)
    policy: JobPolicy = field(default_factory=JobPolicy)
    routes: Routes = field(default_factory=Routes)
    now: datetime = NOW

    def check(self, after: timedelta = HOUR) -> FoundFindings:
        self.now += after
        return Findings(self.store, (self.source,), self.routes, lambda _: self.policy).check(self.now)

    @property
    def told(self) -> list[str]:
        return [each.report.headline for each in self.store.messages]


def test_a_finding_is_told_once_after_it_was_seen_for_an_hour() -> None:
    watch = Watch(Source([EXPIRED]))
    assert (watch.check().new, watch.told) == ([EXPIRED], [])
    for _ in range(3):
        watch.check()
    assert watch.told == ["report: its schedule ended on 2026-05-01"]
    report = watch.store.messages[0].report
    assert (report.kind, report.quiet, report.severity, report.advice) == (
        *(MessageKind.FINDING, True, "info"),
        "Delete it.",
    )


def test_it_is_told_again_only_if_it_ended_and_came_back() -> None:
    watch = Watch(Source([EXPIRED]))
    watch.check()
    watch.check()
    watch.source.found = []
    assert watch.check().ended == [EXPIRED]
    assert watch.store.rows == {}
    watch.source.found = [EXPIRED]
    watch.check()
    watch.check()
    assert len(watch.told) == 2


BURNS = Finding("default/report", FindingKind.BURNS_BUDGET, "Its error budget is used.", "Mend it.", about="used")


def test_a_budget_that_comes_and_goes_is_told_once_in_its_days() -> None:
    watch = Watch(Source([BURNS]))
    watch.check()
    watch.check()
    for _ in range(3):
        watch.source.found = []
        assert watch.check().ended == [BURNS]
        assert watch.check().ended == []
        assert watch.store.read().current == ()
        watch.source.found = [BURNS]
        watch.check()
        watch.check()
        assert [each.finding for each in watch.store.read().current] == [BURNS]
    assert len(watch.told) == 1
    watch.check(timedelta(days=28))
    watch.check()
    assert len(watch.told) == 2


def test_nothing_is_kept_of_a_budget_once_people_may_be_told_again() -> None:
    watch = Watch(Source([BURNS]))
    watch.check()
    watch.check()
    watch.source.found = []
    watch.check()
    assert len(watch.store.rows) == 1
    watch.check(timedelta(days=28))
    assert watch.store.rows == {}


def test_nothing_is_kept_of_a_budget_that_no_one_was_told_of() -> None:
    watch = Watch(Source([BURNS]))
    watch.check()
    watch.source.found = []
    watch.check()
    assert watch.store.rows == {}


def test_what_could_not_be_examined_stays() -> None:
    watch = Watch(Source([EXPIRED]))
    watch.check()
    watch.check()
    watch.source.found, watch.source.unread = [], frozenset({EXPIRED.job})
    assert watch.check().ended == []
    watch.source.away = True
    assert watch.check().failed == [("Source", "couldn't list the timetables in the ledger")]
    assert [each.finding for each in watch.store.rows.values()] == [EXPIRED]


LONDON = "Europe/London"
"""11:01 UTC, when a check is made first, is noon there."""


def foreseen(before: timedelta | None) -> Finding:
    """A run will fail so long after the first check."""
    return replace(EXPIRED, zone=LONDON, before=NOW + HOUR + before if before else None)


def test_a_failure_that_is_near_is_looked_for_again_at_once_and_told_before_it() -> None:
    watch = Watch(Source([foreseen(timedelta(minutes=40))]))
    watch.check()
    checks = [watch.check(timedelta(minutes=5)) for _ in range(2)]
    assert [(each.is_due, len(each.told)) for each in checks] == [(True, 0), (True, 1)]
    assert not watch.check(timedelta(minutes=5)).is_due


def test_one_that_is_not_told_is_not_looked_for_again_and_again() -> None:
    watch = Watch(Source([foreseen(timedelta(minutes=59))]), policy=JobPolicy(on_finding=OnFinding.NONE))
    watch.check()
    assert [watch.check(timedelta(minutes=25)).is_due for _ in range(3)] == [True, True, False]


def test_what_was_found_with_a_failure_that_is_near_is_told_in_time() -> None:
    """The look that comes earlier for the other one delays no other."""
    near = replace(foreseen(timedelta(minutes=59)), job="site/near")
    watch = Watch(Source([EXPIRED, near]))
    watch.check()
    told = [[each.job for each in watch.check(timedelta(minutes=25)).told] for _ in range(2)]
    assert told == [["site/near"], [EXPIRED.job]]


@pytest.mark.parametrize(
    ("before", "told_after"),
    [
        (timedelta(days=2), 11),
        (None, 11),
        (timedelta(hours=10), 1),
        (timedelta(hours=12), 11),
    ],
)
def test_at_night_people_are_told_in_the_morning_unless_the_run_comes_before(
    before: timedelta | None, told_after: int
) -> None:
    """Found at 21:01 in London, whose day starts ten hours and 59 minutes later."""
    watch = Watch(Source(), now=NOW.replace(hour=19))
    finding = replace(EXPIRED, zone=LONDON, before=watch.now + HOUR + before if before else None)
    watch.source.found = [finding]
    watch.check()
    assert [number for number in range(1, 13) if watch.check().told] == [told_after]


def test_findings_of_other_kinds_are_left_alone() -> None:
    watch = Watch()
    other = KnownFinding(Finding("a/b", FindingKind.MIGRATES, "It migrates.", "Don't."), NOW)
    watch.store.put(other)
    assert watch.check().ended == []
    assert list(watch.store.rows.values()) == [other]


def test_sources_are_examined_once_an_hour() -> None:
    watch = Watch()
    watch.check()
    assert not watch.check(timedelta(minutes=56)).is_due
    assert watch.check(timedelta(minutes=1)).is_due
    assert watch.source.looks == 2


def test_findings_of_a_kind_are_one_message_a_route_however_many_there_are() -> None:
    found = [Finding(f"default/job-{number:03}", FindingKind.EXPIRED, "Over.", "Delete it.") for number in range(100)]
    rules = (RouteRule("data", jobs=("default/job-09*",)),)
    watch = Watch(Source(found), routes=Routes({"data": Route("data")}, rules))
    watch.check()
    watch.check()
    first, second = watch.store.messages
    names = "job-000, job-001, job-002, job-003, job-004 and 85 more"
    assert first.report.headline == f"90 schedules won't start anything again: {names}"
    assert (first.route, second.route, len(second.report.jobs)) == ("default", "data", 10)
    assert (len(first.report.jobs), first.report.others) == (40, 50)
    watch.check()
    assert len(watch.told) == 2


@pytest.mark.parametrize(("count", "sizes"), [(90, [90]), (91, [90, 1])])
def test_as_many_findings_are_one_message_as_one_transaction_writes(count: int, sizes: list[int]) -> None:
    found = [Finding(f"default/job-{number:03}", FindingKind.EXPIRED, "Over.", "Delete it.") for number in range(count)]
    watch = Watch(Source(found))
    watch.check()
    watch.check()
    assert [len(each.report.jobs or (each.job,)) + each.report.others for each in watch.store.messages] == sizes


@pytest.mark.parametrize(
    ("wanted", "messages"), [(OnFinding.NOTE, [True]), (OnFinding.ALERT, [False]), (OnFinding.NONE, [])]
)
def test_the_owner_chooses_a_note_an_alert_or_only_the_list(wanted: OnFinding, messages: list[bool]) -> None:
    watch = Watch(Source([EXPIRED]), policy=JobPolicy(on_finding=wanted, severity="critical"))
    watch.check()
    watch.check()
    assert [each.report.quiet for each in watch.store.messages] == messages
    assert all((each.report.severity == "critical") is (wanted is OnFinding.ALERT) for each in watch.store.messages)
    assert len(watch.store.rows) == 1
