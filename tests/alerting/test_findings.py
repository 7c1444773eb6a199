"""When people are told of a finding, to the second."""

from copy import replace
from datetime import UTC, datetime, timedelta

import pytest

from cronmend.alerting.findings import NEAR, SEEN_FOR, SEEN_FOR_IF_NEAR, is_awaited, is_to_be_told, message
from cronmend.model.findings import Finding, FindingKind, KnownFinding, OnFinding
from cronmend.model.report import Stage
from tests.fakes import NOW

SECOND = timedelta(seconds=1)
NIGHT, MORNING = datetime(2026, 5, 6, 22, tzinfo=UTC), datetime(2026, 5, 7, 7, tzinfo=UTC)
"""In London, it is an hour later."""


def found(seen_for: timedelta, before: datetime | None = None, zone: str = "", now: datetime = NOW) -> KnownFinding:
    finding = Finding("default/report", FindingKind.EXPIRED, "It ended.", "Delete it.", zone=zone, before=before)
    return KnownFinding(finding, now - seen_for)


@pytest.mark.parametrize(
    ("seen_for", "fails_in", "told"),
    [
        (SEEN_FOR, None, True),
        (SEEN_FOR - SECOND, None, False),
        (SEEN_FOR_IF_NEAR, NEAR, True),
        (SEEN_FOR_IF_NEAR - SECOND, NEAR, False),
        (SEEN_FOR_IF_NEAR, NEAR + SECOND, False),
        (SEEN_FOR_IF_NEAR, timedelta(), False),
    ],
)
def test_people_are_told_once_it_was_seen_for_long_enough(
    seen_for: timedelta, fails_in: timedelta | None, told: bool
) -> None:
    before = None if fails_in is None else NOW + fails_in
    assert is_to_be_told(found(seen_for, before), NOW) is told


@pytest.mark.parametrize(
    ("seen_for", "fails_in", "urgent"),
    [
        (SEEN_FOR - SECOND, NEAR, True),
        (SEEN_FOR, NEAR, False),
        (SEEN_FOR - SECOND, NEAR + SECOND, False),
        (SEEN_FOR - SECOND, timedelta(), False),
    ],
)
def test_a_new_one_is_urgent_if_a_run_fails_within_the_hour(
    seen_for: timedelta, fails_in: timedelta, urgent: bool
) -> None:
    known = found(seen_for, NOW + fails_in)
    assert is_awaited(known, known.found_at, NOW) is urgent


@pytest.mark.parametrize(
    ("seen_for", "looked_after", "awaited"),
    [
        (SEEN_FOR, SECOND, True),
        (SEEN_FOR, SEEN_FOR - SECOND, True),
        (SEEN_FOR, SEEN_FOR, False),
        (SEEN_FOR, timedelta(), False),
        (SEEN_FOR - SECOND, SECOND, False),
    ],
)
def test_one_for_which_a_look_came_too_early_is_looked_for_once_it_may_be_told(
    seen_for: timedelta, looked_after: timedelta, awaited: bool
) -> None:
    known = found(seen_for)
    assert is_awaited(known, known.found_at + looked_after, NOW) is awaited
    assert not is_awaited(replace(known, notified_at=NOW), known.found_at + looked_after, NOW)


@pytest.mark.parametrize(("before", "told"), [(MORNING + NEAR, False), (MORNING + NEAR - SECOND, True), (None, False)])
def test_at_night_it_waits_if_the_run_comes_an_hour_after_the_night_or_later(
    before: datetime | None, told: bool
) -> None:
    assert is_to_be_told(found(SEEN_FOR, before, "Europe/London", NIGHT), NIGHT) is told
    assert is_to_be_told(found(SEEN_FOR, before, "", NIGHT), NIGHT)


@pytest.mark.parametrize(
    ("count", "advice"), [(1, "Delete it."), (2, "`cronmend findings` lists them, with what to do about each.")]
)
def test_one_finding_says_what_to_do_and_several_say_where_to_look(count: int, advice: str) -> None:
    assert message([found(SEEN_FOR)] * count, "default", OnFinding.NOTE, "error").report.advice == advice


def test_a_message_is_about_its_first_finding_and_names_them_all() -> None:
    first, second = found(SEEN_FOR), found(SEEN_FOR)
    second = replace(second, finding=replace(second.finding, job="default/second"))
    told = message([first, second], "team", OnFinding.NOTE, "error")
    assert (told.job, told.incident, told.route) == ("default/report", "finding-expired", "team")
    report = told.report
    assert (report.job, report.jobs, report.others) == ("default/report", ("default/report", "default/second"), 0)
    assert (report.status, report.command, report.stage) == ("expired", "cronmend findings", Stage.FOUND)
    assert (report.severity, report.quiet) == ("info", True)
    alert = message([first, second], "team", OnFinding.ALERT, "error")
    assert (alert.report.severity, alert.report.quiet) == ("error", False)
    assert alert.change == told.change != message([first], "team", OnFinding.NOTE, "error").change


def test_the_status_of_a_finding_is_in_words() -> None:
    known = found(SEEN_FOR)
    changed = replace(known, finding=replace(known.finding, kind=FindingKind.CHANGED))
    assert message([changed], "default", OnFinding.NOTE, "error").report.status == "changed by hand"
