"""A service as ECS showed it at a time, from the deployments that ECS keeps."""

from datetime import UTC, datetime, timedelta

import pytest

from cli.what_if.rollouts import Code, Rollout, ServicePast
from cronmend.deploys import Deployment, Progress, Release, Service
from cronmend.model import TaskDefinitionRef

NOON = datetime(2026, 8, 1, 12, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def code(revision: int) -> Code:
    return Code(TaskDefinitionRef("webapp", revision))


def rollout(revision: int, start: int, end: int | None, status: str = "SUCCESSFUL") -> Rollout:
    return Rollout(Release(status, at(start), None if end is None else at(end)), code(revision))


PRESENT = Service("web", Deployment(TaskDefinitionRef("webapp", 9), "COMPLETED", at(60), at(65)))
PAST = ServicePast(
    PRESENT,
    [rollout(2, 0, 5), rollout(3, 10, 20, "ROLLBACK_SUCCESSFUL"), rollout(4, 30, 33, "STOPPED"), rollout(5, 40, None)],
    before=code(1),
)


@pytest.mark.parametrize(
    ("minute", "revision", "rolls", "others", "progress"),
    [
        (-30, 1, False, [], None),
        (2, 2, True, [1], Progress.ONGOING),
        (5, 2, False, [], Progress.DONE),
        (15, 3, True, [2], Progress.ONGOING),
        (25, 2, False, [], Progress.ROLLED_BACK),
        (35, 2, False, [], Progress.STOPPED),
        (50, 5, False, [], Progress.DONE),
    ],
)
def test_the_service_at_a_time(
    minute: int, revision: int, rolls: bool, others: list[int], progress: Progress | None
) -> None:
    shown = PAST.at(at(minute))
    assert shown
    assert shown.primary.task_definition.revision == revision
    assert shown.is_rolling_out is rolls
    assert [each.task_definition.revision for each in shown.others] == others
    assert (shown.release.progress if isinstance(shown.release, Release) else None) is progress


def test_what_isnt_known_is_no_service() -> None:
    assert ServicePast(PRESENT, PAST.rollouts).at(at(-30)) is None
    assert ServicePast(PRESENT).at(at(30)) is None
    assert ServicePast(PRESENT).at(at(70)) == PRESENT
