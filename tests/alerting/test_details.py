"""What a report states beside its headline, if less is known than usual."""

from copy import replace
from typing import Any
from urllib.parse import unquote

import pytest

from cronmend.alerting import details
from cronmend.model import Category, DeployWindow, History, Signal, WindowState
from cronmend.model.incident import Incident, PlannedRerun
from cronmend.model.report import MessageKind
from tests.fakes import later
from tests.incidents import BROKEN, DIGEST, GOOD, LINE, after, diagnosed, of_image


def test_the_log_of_a_run_whose_end_is_not_known_is_opened_for_an_hour() -> None:
    """From a minute before to a minute after, because clocks differ."""
    address = dict(details.links_of(after(BROKEN, ended_at=None)))["Log"]
    start, end = (int(later(minutes).timestamp() * 1000) for minutes in (-1, 61))
    assert unquote(unquote(address.replace("$", "%"))).endswith(f"?start={start}&end={end}")


def facts_of(incident: Incident, kind: MessageKind = MessageKind.ALERT) -> dict[str, str]:
    return {each.label: each.value for each in details.of(incident, kind)}


def test_what_the_log_is_silent_about_is_ecss_reason() -> None:
    assert facts_of(BROKEN)["Line"] == facts_of(after(BROKEN, ran=False))["Reason"] == BROKEN.diagnosis.line
    assert "Line" not in facts_of(after(BROKEN, ran=False))


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        (History(GOOD, 57, "sha256:aaaaaaaaaaaaaaaaaaaa"), DIGEST, "image aaaaaaaaaaaa → bbbbbbbbbbbb"),
        (History(GOOD, 57, ""), DIGEST, "nothing: the same revision"),
        (History(GOOD, 57, DIGEST), "", "nothing: the same revision"),
        (History(GOOD, 57, DIGEST), DIGEST, "nothing: the same revision and image"),
        (History(GOOD, None, DIGEST), DIGEST, ""),
        (History(GOOD, 56, ""), DIGEST, "webapp 56 → 57"),
    ],
    ids=["image", "no image then", "no image now", "same", "no revision then", "revision"],
)
def test_what_is_not_known_did_not_change(before: History, now: str, says: str) -> None:
    incident = of_image(after(BROKEN, last_good=before), now)
    assert facts_of(incident).get("Changed since", "") == says


@pytest.mark.parametrize(
    ("changes", "shown"),
    [({}, False), ({"reruns": 1}, True), ({"planned": PlannedRerun(2, later(6))}, True), ({"starting": "k"}, True)],
)
def test_which_run_of_how_many_is_shown_if_there_are_others(changes: dict[str, Any], shown: bool) -> None:
    assert ("Attempt" in facts_of(replace(BROKEN, **changes))) is shown


@pytest.mark.parametrize(("notified", "alert"), [((), "held, never sent"), (("alert-schema_mismatch",), "sent")])
def test_an_end_says_whether_people_had_heard_of_the_failure(notified: tuple[str, ...], alert: str) -> None:
    assert facts_of(replace(BROKEN, notified=notified), MessageKind.HEALED)["Alert"] == alert


def test_an_end_says_what_the_run_failed_with_and_which_run_it_was() -> None:
    assert facts_of(after(BROKEN, attempt=2), MessageKind.HEALED)["Failed with"] == f"{LINE} (run 2)"
    assert "Failed with" not in facts_of(diagnosed(BROKEN, line=""), MessageKind.HEALED)


def test_a_success_of_another_day_has_its_date() -> None:
    """The day is that of the failure: what is said of it stays true when people read it later."""
    assert facts_of(after(BROKEN, last_good=History(later(-24 * 60))))["Last success"] == "2026-05-05 11:01 UTC"
    unknown_end = after(BROKEN, last_good=History(later(-24 * 60)), ended_at=None)
    assert facts_of(unknown_end)["Last success"] == "11:01 UTC"


@pytest.mark.parametrize(
    ("category", "named"), [(Category.SCHEMA_MISMATCH, True), (Category.CONFIGURATION_ERROR, False)]
)
def test_a_signal_is_named_only_if_the_deploy_decided_about_the_failure(category: Category, named: bool) -> None:
    """A marker doesn't show why an image couldn't be pulled."""
    window = DeployWindow(WindowState.OPEN, Signal.MARKER, "the deploy of 58 started 2 min ago")
    facts = facts_of(diagnosed(BROKEN, category=category, deploy_explains=named, window=window), MessageKind.ALERT)
    assert ("Deploy signal" in facts) == named
    assert facts["Deploy"] == "in progress: the deploy of 58 started 2 min ago"
