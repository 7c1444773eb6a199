"""A run whose image is not in the registry is never re-run, and the alert says why."""

import pytest

from cronmend.model import Category, Policy, StoppedTask
from tests.fakes import later
from tests.samples import stopped
from tests.use_cases.world import World, rerun_timer, unstarted

REASONS = (
    "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref "
    "registry.example/site:v9: registry.example/site:v9: not found",
    "CannotPullContainerError: The task can't pull the image 'site:v9'. Check whether the image exists.",
    'CannotPullContainerError: manifest unknown: manifest tagged by "v9" is not found',
    "CannotPullContainerError: API error (404): repository site not found",
)


def gone(reason: str, task_id: str = "a1", started_by: str = "chronos-schedule/publish-scheduled") -> StoppedTask:
    return stopped(task_id, exit_code=None, stopped_reason=reason, started_by=started_by)


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("policy", [Policy.SAFE, Policy.UNSTARTED])
@pytest.mark.parametrize("deploy_has_ended", [None, -60, -0.5])
def test_no_rerun_whatever_the_owner_allows_and_however_far_the_deploy_is(
    reason: str, policy: Policy, deploy_has_ended: float | None
) -> None:
    world = World(policy=policy)
    if deploy_has_ended is not None:
        world.finish_deploy(later(deploy_has_ended))
    record = world.stopped.handle(gone(reason), later(0))
    assert (record.category, record.action) == (Category.CONFIGURATION_ERROR, "alert")
    assert world.timers.due() == []
    assert [kind for kind, _ in world.told] == ["alert"]
    assert record.rule == "ecs.image_missing"
    assert world.incident.diagnosis.advice


def test_a_rerun_that_finds_the_image_gone_is_the_last() -> None:
    world = unstarted()
    timer = rerun_timer(world)
    world.due.handle(timer, timer.at)
    (attempt,) = world.attempts()
    world.stopped.handle(gone(REASONS[0], "b1", f"cronmend/{attempt.key}"), later(9))
    assert world.incident.planned is None
    assert [kind for kind, _ in world.told] == ["alert"]
    for each in world.timers.due():
        world.wakes(each, later(90))
    assert len(world.tasks.started) == 1
