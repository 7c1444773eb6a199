"""Each timer has a name that Scheduler accepts, equal only for equal timers."""

from copy import replace

import pytest

from cronmend.model.alert_wakeups import DeliverTimer, EscalateTimer, FlushTimer, Timer
from cronmend.model.wakeups import HoldTimer, ReleaseTimer, RerunTimer
from tests.fakes import NOW, later

JOB = "g/" + "ü" * 64
ID = "x" * 500
TIMERS: list[Timer] = [
    RerunTimer(JOB, ID, 99, NOW, 12345),
    ReleaseTimer(JOB, ID, NOW),
    HoldTimer(JOB, ID, NOW, 12345),
    DeliverTimer(JOB, ID, "alert-schema_mismatch", NOW),
    FlushTimer(JOB, f"slack:#{ID}", NOW),
    EscalateTimer(JOB, ID, "team " * 30, "alert-unknown", NOW, 12345),
]


@pytest.mark.parametrize("timer", TIMERS, ids=lambda timer: timer.kind)
def test_a_timers_name_is_legal_whatever_the_job_is_called(timer: Timer) -> None:
    assert len(timer.name) <= 64
    assert timer.name.isascii()
    assert timer.name.replace("-", "").isalnum()


def test_no_two_timers_share_a_name() -> None:
    assert len({timer.name for timer in TIMERS}) == len(TIMERS)


@pytest.mark.parametrize(
    "other",
    [
        RerunTimer(JOB, ID, 98, NOW, 12345),
        RerunTimer(JOB, ID, 99, NOW, 12346),
        ReleaseTimer(JOB, ID, later(1)),
        HoldTimer(JOB, ID, NOW, 12346),
        DeliverTimer(JOB, ID, "alert-unknown", NOW),
        DeliverTimer(JOB, ID, "alert-schema_mismatch", later(1)),
        FlushTimer(JOB, f"slack:#{ID}", later(1)),
        EscalateTimer(JOB, ID, "team " * 30, "alert-unknown", NOW, 12346),
        EscalateTimer(JOB, ID, "other", "alert-unknown", NOW, 12345),
    ],
)
def test_timers_with_other_content_have_other_names(other: Timer) -> None:
    assert other.name not in {timer.name for timer in TIMERS}


def test_a_timer_that_is_brought_forward_keeps_its_name() -> None:
    rerun, hold = RerunTimer(JOB, ID, 99, NOW, 12345), HoldTimer(JOB, ID, NOW, 12345)
    assert replace(rerun, at=later(1)).name == rerun.name
    assert replace(hold, at=later(1)).name == hold.name
