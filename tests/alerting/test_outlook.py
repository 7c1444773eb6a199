"""What happens now: what is known is said, and what isn't known isn't claimed."""

from copy import replace

import pytest

from cronmend.alerting import outlook
from cronmend.model import Category, DeployWindow, ScheduleState, TaskDefinitionRef, WindowState
from cronmend.model.incident import Incident, PlannedRerun
from cronmend.model.report import MessageKind
from tests.fakes import later
from tests.incidents import BROKEN, RACE, after, diagnosed

ALERT, GAVE_UP = MessageKind.ALERT, MessageKind.GAVE_UP
UNKNOWN = diagnosed(BROKEN, category=Category.UNKNOWN)
UNCHECKED = diagnosed(BROKEN, window=DeployWindow(WindowState.UNKNOWN))
UNSURE = "Cronmend won't re-run it, because it can't tell whether a later run would succeed. The schedule continues."
USED = (
    "Cronmend won't re-run it again in this incident. It can't tell whether a later run would succeed. "
    "The schedule continues, and a scheduled run that succeeds closes the incident."
)


@pytest.mark.parametrize(
    ("incident", "kind", "text"),
    [
        (BROKEN, ALERT, f"Cronmend won't re-run it: {BROKEN.no_rerun}. The schedule continues."),
        (UNKNOWN, ALERT, UNSURE),
        (UNCHECKED, ALERT, UNSURE),
        (replace(BROKEN, reruns=3), GAVE_UP, USED),
        (
            replace(BROKEN, reruns=1),
            ALERT,
            f"Cronmend made 1 re-run. Cronmend won't re-run it again: {BROKEN.no_rerun}. The schedule continues.",
        ),
        (
            replace(BROKEN, reruns=3),
            ALERT,
            f"Cronmend made 3 re-runs. Cronmend won't re-run it again: {BROKEN.no_rerun}. The schedule continues.",
        ),
        (
            replace(BROKEN, reruns=1),
            GAVE_UP,
            f"Cronmend won't re-run it again: {BROKEN.no_rerun}. "
            "The schedule continues, and a scheduled run that succeeds closes the incident.",
        ),
        (
            after(BROKEN, ran=False),
            ALERT,
            f"No code ran. Cronmend won't re-run it: {BROKEN.no_rerun}. The schedule continues.",
        ),
        (
            replace(BROKEN, schedule=ScheduleState.DELETED, no_rerun="it is gone"),
            ALERT,
            "Cronmend won't re-run it: it is gone.",
        ),
        (replace(RACE, planned=PlannedRerun(2, later(6))), ALERT, "Run 2 of 4 is planned for 11:07 UTC."),
        (
            replace(RACE, planned=PlannedRerun(2, later(14 * 60))),
            ALERT,
            f"Run 2 of 4 is planned for {later(14 * 60):%Y-%m-%d} 01:01 UTC.",
        ),
        (replace(RACE, starting="k", reruns=1), ALERT, "Cronmend made 1 re-run. Run 2 of 4 is running."),
        (BROKEN, MessageKind.PROGRESS, ""),
    ],
)
def test_it_says_whether_a_rerun_follows(incident: Incident, kind: MessageKind, text: str) -> None:
    assert outlook.of(incident, kind, "") == text


def test_a_half_done_deploy_goes_on_failing() -> None:
    assert outlook.of(RACE, MessageKind.HALF_DONE, "").endswith("so expect its next runs to fail too.")


def test_a_held_alert_says_why_it_comes_late() -> None:
    assert outlook.held(replace(RACE, planned=PlannedRerun(2, later(6)))) == (
        "Cronmend held this alert while it tried to heal the job. The deadline passed before the job recovered."
    )
    assert outlook.held(RACE) == "Cronmend held this alert in case the job recovered without a re-run. It hasn't."


def test_an_end_says_when_and_on_what_the_job_succeeded() -> None:
    used = TaskDefinitionRef("webapp", 58)
    assert outlook.succeeded(replace(RACE, healed_by=2), used, later(7)) == (
        "Run 2 succeeded on webapp:58 at 11:08 UTC, 6 min after the failure. The schedule continues."
    )
    assert outlook.succeeded(RACE, used, later(60)) == (
        "That run used webapp:58 and ended at 12:01 UTC, 59 min after the failure. The schedule continues."
    )
    missed = replace(RACE, failed=None)
    assert outlook.succeeded(replace(missed, healed_by=2), used, later(7)) == (
        "Run 2 succeeded on webapp:58 at 11:08 UTC. The schedule continues."
    )
    assert outlook.succeeded(missed, used, later(60)) == (
        "That run used webapp:58 and ended at 12:01 UTC. The schedule continues."
    )
    assert outlook.succeeded(after(RACE, ended_at=None), used, later(7)) == (
        "That run used webapp:58 and ended at 11:08 UTC, 7 min after the failure. The schedule continues."
    )


@pytest.mark.parametrize(
    ("incident", "tried"),
    [
        (RACE, False),
        (replace(RACE, reruns=1), True),
        (replace(RACE, planned=PlannedRerun(2, later(6))), True),
        (replace(RACE, starting="k"), True),
    ],
)
def test_an_alert_that_was_held_says_whether_cronmend_tried_to_heal_the_job(incident: Incident, tried: bool) -> None:
    assert ("while it tried to heal the job" in outlook.held(incident)) is tried
