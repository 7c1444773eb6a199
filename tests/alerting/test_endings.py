"""The end of an incident tells its story in one line."""

from copy import replace
from datetime import timedelta

import pytest

from cronmend.alerting import headlines
from cronmend.alerting.headlines import SHORT, SUMMARY
from cronmend.model import Category, DeployWindow, Signal, WindowState
from cronmend.model.incident import Incident
from cronmend.model.report import MessageKind
from tests.fakes import later
from tests.incidents import BROKEN, RACE, after, diagnosed

HEALED = replace(after(RACE, ended_at=later(1)), healed_by=2, ended_at=later(8))
BY_MARKER = diagnosed(HEALED, window=DeployWindow(WindowState.OPEN, Signal.MARKER))


def told(incident: Incident, kind: MessageKind = MessageKind.HEALED) -> str:
    return headlines.of(incident, kind).long.partition(": ")[2]


@pytest.mark.parametrize(
    ("incident", "story"),
    [
        (HEALED, "ran into deploy webapp:57 at 11:02, re-run succeeded at 11:09 UTC, no one was alerted"),
        (
            replace(HEALED, notified=("alert-deploy_race",)),
            "ran into deploy webapp:57 at 11:02, re-run succeeded at 11:09 UTC, an alert was sent",
        ),
        (BY_MARKER, "ran into a deploy at 11:02, re-run succeeded at 11:09 UTC, no one was alerted"),
        (
            diagnosed(HEALED, category=Category.OUT_OF_MEMORY),
            "ran out of memory at 11:02, re-run succeeded at 11:09 UTC, no one was alerted",
        ),
        (
            replace(HEALED, ended_at=later(8) + timedelta(days=1)),
            "ran into deploy webapp:57 at 2026-05-06 11:02, re-run succeeded at 11:09 UTC, no one was alerted",
        ),
        (replace(HEALED, ended_at=None), "ran into deploy webapp:57, re-run succeeded, no one was alerted"),
    ],
)
def test_a_healed_message_tells_what_happened_when_and_who_was_alerted(incident: Incident, story: str) -> None:
    assert told(incident) == story


def test_a_recovery_tells_of_the_run_that_succeeded() -> None:
    failed = replace(BROKEN, ended_at=later(61), notified=("alert-schema_mismatch",))
    assert told(failed, MessageKind.RECOVERED) == (
        "failed at 11:01, a later run succeeded at 12:02 UTC, an alert was sent"
    )


@pytest.mark.parametrize("name", ["short", "x" * 60, "x" * 90])
def test_a_story_that_is_too_long_loses_its_end_first(name: str) -> None:
    headline = headlines.of(replace(HEALED, job=f"g/{name}"), MessageKind.HEALED)
    assert len(headline.short) <= SHORT
    assert len(headline.summary) <= SUMMARY
    assert headline.short.startswith(f"{name} healed"[:SHORT])
