"""Slots that had no run, in words."""

from copy import replace

import pytest

from cronmend.alerting import missed_slots
from tests.fakes import later
from tests.incidents import BROKEN, diagnosed


@pytest.mark.parametrize(
    ("missed", "until", "says"),
    [
        (1, None, "didn't run at 11:01 UTC"),
        (1, later(60), "didn't run at 12:01 UTC"),
        (3, later(120), "didn't run 3 times since 11:01 UTC"),
        (2, later(24 * 60), "didn't run 2 times since 2026-05-06 11:01 UTC"),
    ],
)
def test_one_slot_has_its_time_and_several_their_number(missed: int, until: object, says: str) -> None:
    assert missed_slots.what(replace(BROKEN, failed=None, missed=missed, missed_until=until)) == says  # type: ignore[arg-type] # a time or None


@pytest.mark.parametrize(("failed", "missed", "all_missed"), [(False, 1, True), (False, 0, False), (True, 1, False)])
def test_an_incident_with_a_failed_run_is_not_only_about_slots(failed: bool, missed: int, all_missed: bool) -> None:
    incident = replace(BROKEN, failed=BROKEN.failed if failed else None, missed=missed)
    assert missed_slots.are_all(incident) is all_missed


def test_a_slot_that_a_success_followed_says_why_no_one_was_alerted() -> None:
    said = missed_slots.followed(diagnosed(BROKEN, sentence="It didn't run at 11:00 UTC."))
    assert said == "It didn't run at 11:00 UTC. A later run succeeded, so no one was alerted."
