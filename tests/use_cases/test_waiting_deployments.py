"""A deployment that bakes or waits for an approval, from the failed run to the re-run."""

from copy import replace
from datetime import datetime

from cronmend.deploys import Deployment, Pause, Release, Service
from cronmend.model import Category, TaskDefinitionRef
from cronmend.model.wakeups import ReleaseTimer, RerunTimer
from tests.fakes import NOW, FakeServices, later
from tests.use_cases.world import World

BEGAN = later(-46)
WAITS = Release("IN_PROGRESS", BEGAN, stage="POST_SCALE_UP", moved_at=later(-40), pause=Pause(later(1400)))


def green(release: Release) -> FakeServices:
    old = Deployment(TaskDefinitionRef("webapp", 1), "", later(-9000), later(-9000))
    new = Deployment(TaskDefinitionRef("webapp", 2), "", BEGAN, BEGAN)
    return FakeServices((Service("web", new, (old,), release),))


def due(world: World, at: datetime) -> str:
    return world.due.handle(world.timers.of(RerunTimer)[-1], at)


def test_the_rerun_waits_for_the_approval_and_follows_when_the_new_code_serves() -> None:
    world = World(services=green(WAITS))
    assert world.fails().category is Category.DEPLOY_RACE
    assert "waits for approval at POST_SCALE_UP" in due(world, later(5))
    assert "waits for approval at POST_SCALE_UP" in due(world, later(10))
    world.services = green(replace(WAITS, stage="BAKE_TIME", moved_at=later(14), pause=None))
    assert due(world, later(15)).startswith("attempt 2 runs as ")
    assert world.told == []


def test_the_alert_about_it_comes_at_its_deadline_and_is_no_half_done_deploy() -> None:
    world = World(services=green(WAITS))
    world.fails()
    (held,) = world.timers.of(ReleaseTimer)
    world.due.handle(held, held.at)
    (message,) = world.ledger.messages
    assert message.report.kind.value == "alert"
    assert any("in progress: the deployment of web" in each.value for each in message.report.facts)


def test_a_failure_in_the_bake_time_is_a_bug_and_not_a_half_done_deploy() -> None:
    world = World(services=green(replace(WAITS, stage="BAKE_TIME", moved_at=later(-44), pause=None)))
    assert world.fails().category is Category.SCHEMA_MISMATCH
    assert [kind for kind, _ in world.told] == ["alert"]
    assert NOW > BEGAN
