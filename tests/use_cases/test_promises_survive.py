"""A function that is killed after any effect, and is never called again: reconcile alone does the rest."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cronmend.healing.after_run import timers_of
from cronmend.model.wakeups import RerunTimer
from tests.fakes import NOW, later
from tests.samples import deployed, service
from tests.use_cases.alerting.alerting_world import kinds, message
from tests.use_cases.promised_world import Promised
from tests.use_cases.test_crashes import Crash, Killed

type Step = Callable[[Promised], object]


def race() -> Promised:
    """A deploy is open."""
    it = Promised()
    it.healing.services.services = (service(1),)
    return it


def stops(it: Promised) -> object:
    return it.healing.fails(at=it.now)


def deploy_ends(it: Promised) -> object:
    it.now = later(2)
    it.healing.finish_deploy(it.now)
    return it.healing.deploy.handle(deployed("web"), it.now)


def rerun_is_due(it: Promised) -> object:
    it.now = later(5)
    it.healing.finish_deploy(later(2))
    (timer,) = (each for each in timers_of(it.healing.incident) if isinstance(each, RerunTimer))
    return it.healing.wakes(timer, it.now)


def deploy_is_still_open(it: Promised) -> object:
    it.now = later(5)
    (timer,) = (each for each in timers_of(it.healing.incident) if isinstance(each, RerunTimer))
    return it.healing.wakes(timer, it.now)


HEALING: dict[str, tuple[tuple[Step, ...], Step]] = {
    "a run stops": ((), stops),
    "a deploy ends": ((stops,), deploy_ends),
    "a re-run is due": ((stops,), rerun_is_due),
    "a re-run is due and the deploy is still open": ((stops,), deploy_is_still_open),
}


@pytest.mark.parametrize(("before", "step"), HEALING.values(), ids=HEALING)
def test_after_a_kill_the_job_is_run_again_once_and_its_alert_is_sent_once(
    before: tuple[Step, ...], step: Step
) -> None:
    """The re-run never ends, so the alert is released at its deadline."""
    for after in range(1, 20):
        it = race()
        for each in before:
            each(it)
        crash = Crash(after)
        crash.wrap(it.healing.ledger, "commit", "started")
        crash.wrap(it.healing.timers, "set", "bring_forward")
        crash.wrap(it.healing.tasks, "run")
        try:
            step(it)
        except Killed:
            crash.after = -1
        else:
            break
        it.healing.finish_deploy(later(6))
        it.passes(timedelta(hours=2), stream=False)
        assert (it.started, it.of_kind("alert")) == (1, 1), after
        assert it.promises.overdue(it.now, 10) == [], after
    assert after > 1


@pytest.mark.parametrize("jobs", [1, 2])
def test_after_a_kill_every_channel_shows_every_job(jobs: int) -> None:
    """At least once: a kill between sending and storing it may send that one message again."""
    for after in range(1, 60):
        it = Promised()
        for number in range(1, jobs + 1):
            it.alerting.opens(message(number))
            it.healing.ledger.put(message(number), NOW)
        crash = Crash(after)
        _wrap(crash, it)
        try:
            it.streams()
        except Killed:
            crash.after = -1
        else:
            break
        it.passes(timedelta(hours=1), stream=False)
        for channel in (it.alerting.slack, it.alerting.sns):
            told = {job for report in channel.reports for job in (report.job, *report.jobs)}
            assert told >= {message(number).job for number in range(1, jobs + 1)}, after
            assert len(channel.sent) <= 2 * jobs + 1, kinds(channel)
    assert after > 10


def _wrap(crash: Crash, it: Promised) -> None:
    world = it.alerting
    crash.wrap(world.outbox, "note")
    crash.wrap(world.conversations, "save", "join", "open", "seen")
    crash.wrap(world.timers, "set")
    crash.wrap(world.promises, "keep", "handled")
    for channel in (world.slack, world.sns):
        crash.wrap(channel, "send")
    crash.wrap(world.slack, "update")
