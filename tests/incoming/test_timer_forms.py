"""A wake-up is read as it was written, even in the first form; all others are refused by name."""

from typing import Any

import pytest

from cronmend.errors import BadEvent, NewerForm
from cronmend.incoming.alert_payloads import ALERT_KINDS, alert_wakeup
from cronmend.incoming.own_payloads import HEALING_KINDS, healing_timer
from cronmend.incoming.timer_forms import payload
from cronmend.model.alert_wakeups import AlertTimer, DeliverTimer, EscalateTimer, FlushTimer, RedriveRequest
from cronmend.model.wakeups import HealingTimer, HoldTimer, ReleaseTimer, RerunTimer
from tests.fakes import NOW
from tests.samples import JOB

HEALING: list[HealingTimer] = [
    RerunTimer(JOB, "a1", 2, NOW, 1),
    ReleaseTimer(JOB, "a1", NOW),
    HoldTimer(JOB, "h1", NOW, 1),
]
ALERTING: list[AlertTimer | RedriveRequest] = [
    DeliverTimer(JOB, "a1", "alert-unknown", NOW),
    RedriveRequest(JOB, "a1", "alert-unknown"),
    FlushTimer(JOB, "slack#c1#2026-05-06T11:01:21+00:00", NOW),
    EscalateTimer(JOB, "a1", "default", "alert-unknown", NOW, 1),
]


@pytest.mark.parametrize("timer", HEALING, ids=lambda timer: timer.kind)
def test_reruns_timers_are_read_as_written_and_refused_by_failure_alert(timer: HealingTimer) -> None:
    assert healing_timer(payload(timer)) == timer
    with pytest.raises(BadEvent, match=f"kind '{timer.kind}' is none of deliver, escalate, flush, redrive"):
        alert_wakeup(payload(timer))


@pytest.mark.parametrize("wakeup", ALERTING, ids=lambda wakeup: wakeup.kind)
def test_failure_alerts_wakeups_are_read_as_written_and_refused_by_rerun(wakeup: AlertTimer | RedriveRequest) -> None:
    assert alert_wakeup(payload(wakeup)) == wakeup
    with pytest.raises(BadEvent, match=f"kind '{wakeup.kind}' is none of hold, release, rerun"):
        healing_timer(payload(wakeup))


def test_every_kind_is_written_and_read() -> None:
    assert {timer.kind for timer in HEALING} == HEALING_KINDS
    assert {wakeup.kind for wakeup in ALERTING} == ALERT_KINDS


def test_a_newer_form_is_refused_with_the_remedy() -> None:
    with pytest.raises(NewerForm, match=f"rerun of {JOB} has form 2, .* forms up to 1.*deploy that version again"):
        healing_timer({**payload(HEALING[0]), "form": 2})


@pytest.mark.parametrize("wrong", [[], "rerun", None, {}, {"kind": "rerun"}, {**payload(HEALING[0]), "form": "new"}])
def test_a_payload_that_is_not_a_timer_is_refused(wrong: Any) -> None:
    for read in (healing_timer, alert_wakeup):
        with pytest.raises(BadEvent, match="not a valid timer"):
            read(wrong)


def old(kind: str, incident: str, attempt: int = 0, look: int = 0, what: str = "") -> dict[str, object]:
    """As commit 0271f9c wrote them: the same fields for every kind."""
    at = NOW.isoformat()
    return {"kind": kind, "job": JOB, "incident": incident, "attempt": attempt, "look": look, "at": at, "what": what}


@pytest.mark.parametrize(
    ("written", "timer"),
    [
        (old("rerun", "a1", 2, 1), HEALING[0]),
        (old("release", "a1"), HEALING[1]),
        (old("hold", "h1", 0, 1), HEALING[2]),
    ],
)
def test_reruns_timers_of_the_first_form_are_understood(written: dict[str, object], timer: HealingTimer) -> None:
    assert healing_timer(written) == timer


@pytest.mark.parametrize(
    ("written", "wakeup"),
    [
        (old("deliver", "a1", 0, 1778065581, "alert-unknown"), ALERTING[0]),
        (old("redrive", "a1", what="alert-unknown"), ALERTING[1]),
        (old("settle", "slack#c1#2026-05-06T11:01:21+00:00", 0, 1778065881), ALERTING[2]),
        (old("escalate", "a1", 0, 1, "default/alert-unknown"), ALERTING[3]),
    ],
)
def test_failure_alerts_wakeups_of_the_first_form_are_understood(
    written: dict[str, object], wakeup: AlertTimer | RedriveRequest
) -> None:
    assert alert_wakeup(written) == wakeup
