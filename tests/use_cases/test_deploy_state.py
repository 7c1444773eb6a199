"""The end of a service deployment brings forward the re-runs waiting for it."""

from datetime import timedelta

from cronmend.model.incident import LEAD
from tests.fakes import NOW, later
from tests.samples import deployed
from tests.use_cases.world import World, out_of_capacity


def test_a_completed_deployment_brings_the_waiting_rerun_forward() -> None:
    world = World()
    world.fails()
    world.finish_deploy(later(2))
    (brought_forward,) = world.deploy.handle(deployed("web"), later(2)).brought_forward
    assert brought_forward.at == later(2) + LEAD
    assert world.timers.due()[0] == brought_forward
    world.due.handle(brought_forward, brought_forward.at)
    assert len(world.tasks.started) == 1


def test_the_same_event_again_moves_nothing() -> None:
    world = World()
    world.fails()
    world.finish_deploy(later(2))
    world.deploy.handle(deployed("web"), later(2))
    (again,) = world.deploy.handle(deployed("web"), later(3)).brought_forward
    assert again.at == later(2) + LEAD


def test_another_service_brings_nothing_forward() -> None:
    world = World()
    world.fails()
    assert world.deploy.handle(deployed("another"), later(2)).brought_forward == ()


def test_a_rerun_that_does_not_wait_for_a_deploy_keeps_its_time() -> None:
    world = World()
    world.stopped.handle(out_of_capacity(), NOW)
    before = world.timers.due()
    assert world.deploy.handle(deployed("web"), NOW + timedelta(seconds=30)).brought_forward == ()
    assert world.timers.due() == before
