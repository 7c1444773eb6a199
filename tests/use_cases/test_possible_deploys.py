"""A failure that a deploy may explain, from the failed run to the one re-run that shows whether it does."""

from datetime import timedelta

import pytest

from cronmend.model import Category, Policy
from cronmend.model.incident import IncidentState
from cronmend.model.wakeups import ReleaseTimer
from tests.fakes import NOW, later
from tests.samples import CLUSTER
from tests.use_cases.world import World, rerun_timer

DUE = NOW + timedelta(minutes=5)
UNSET = ("settle: reading settings", 'Error: required environment variable "SETTLE_API_URL" is not set')


def unset(world: World | None = None) -> World:
    world = world or World()
    record = world.fails(log=UNSET)
    assert (record.category, record.rule) == (Category.CONFIGURATION_ERROR, "config.missing_words")
    return world


def fails_again(world: World) -> None:
    """The deploy ends, the re-run is made, and it fails with the same error."""
    world.finish_deploy()
    world.due.handle(rerun_timer(world), DUE)
    (attempt,) = world.attempts()
    world.fails(world.rerun_of(attempt, 1, later(7)), UNSET, later(7))


def test_it_is_held_and_waits_for_the_deploy() -> None:
    world = unset()
    record = world.ledger.run("a1")
    assert record and record.action == "rerun"
    assert record.reasons[0].startswith("a deploy is in progress and may explain it (the run used webapp:2")
    assert "A deploy is in progress and may explain it: the run used webapp:2" in record.full_sentence
    assert world.told == []
    assert [each.id for each in world.ledger.waiting(CLUSTER)] == ["a1"]
    assert world.due.handle(rerun_timer(world), DUE).endswith(": checking again")
    assert world.tasks.started == {}


def test_the_rerun_after_the_deploy_heals_it() -> None:
    world = unset()
    world.finish_deploy()
    world.due.handle(rerun_timer(world), DUE)
    (attempt,) = world.attempts()
    world.stopped.handle(world.rerun_of(attempt, 0, later(7)), later(7))
    assert world.incident.state is IncidentState.HEALED
    assert [kind for kind, _ in world.told] == ["healed"]


def test_if_it_fails_again_one_alert_follows_and_no_second_rerun() -> None:
    world = unset()
    fails_again(world)
    ((kind, happens),) = world.told
    assert kind == "gave_up"
    assert "Cronmend won't re-run it again: a re-run failed the same way." in happens
    assert (world.incident.planned, world.incident.reruns) == (None, 1)
    for each in world.timers.due():
        world.wakes(each, later(90))
    assert len(world.tasks.started) == 1


def test_the_alert_comes_at_its_deadline_if_the_deploy_does_not_end() -> None:
    world = unset()
    (held,) = world.timers.of(ReleaseTimer)
    world.due.handle(held, held.at)
    ((kind, happens),) = world.told
    assert kind == "alert"
    assert happens.endswith(
        "A deploy is in progress and may explain it: Cronmend runs the job once more when the deploy ends."
    )


def test_a_deploy_that_becomes_half_done_is_named_by_an_alert_of_the_failure_itself() -> None:
    world = unset()
    world.due.handle(rerun_timer(world), NOW + timedelta(minutes=46))
    (message,) = world.ledger.messages
    assert (message.report.kind.value, message.report.category) == ("alert", Category.CONFIGURATION_ERROR)
    assert message.report.headline.endswith("; the deploy is half done")
    assert message.report.advice.startswith("If the half-done deploy explains this: ")
    assert "the half-done deploy may be the cause" in message.report.what_happens
    assert world.incident.planned is None


@pytest.mark.parametrize(
    ("policy", "why"), [(Policy.UNSTARTED, "its policy (`unstarted`)"), (Policy.NEVER, "policy is never")]
)
def test_a_job_that_is_not_safe_is_alerted_at_once_with_the_state_of_the_deploy(policy: Policy, why: str) -> None:
    world = unset(World(policy=policy))
    (message,) = world.ledger.messages
    assert why in message.report.what_happens
    assert "a deploy is in progress" in message.report.headline
    assert message.report.advice.startswith("If the deploy explains this, wait until it ends, then run")


def test_without_a_deploy_it_is_alerted_at_once() -> None:
    world = World()
    world.finish_deploy(later(-60))
    unset(world)
    assert [kind for kind, _ in world.told] == ["alert"]
