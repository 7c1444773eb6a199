"""What an incident keeps of its latest failed run."""

import pytest

from cronmend.healing import failed_run
from cronmend.model import Creation, History, LogPlace
from cronmend.model.unreported_runs import UnreportedRun
from tests.fakes import NOW, later
from tests.samples import CLUSTER, stopped

LOG, GOOD = LogPlace("/ecs/app", "web/web/a1", "eu-west-1"), History(NOW)


@pytest.mark.parametrize(
    "creation", [Creation(NOW), Creation(NOW, "events-rule/a", "11:00"), Creation(NOW, "a", "11:00", no_task=True)]
)
def test_it_tells_how_the_run_was_created(creation: Creation) -> None:
    """That tells its siblings and its answers from other runs."""
    assert failed_run.of(stopped("a1"), creation, 2, LOG, GOOD).creation == creation


def test_it_has_what_people_are_told_of_the_run() -> None:
    task = stopped("a1", exit_code=3, stopped_at=later(2), started_at=later(1))
    run = failed_run.of(task, Creation(NOW), 2, LOG, GOOD)
    assert (run.task_id, run.task_definition) == ("a1", task.task_definition)
    assert (run.created_at, run.ended_at, run.seconds) == (NOW, later(2), 60)
    assert (run.attempt, run.ran, run.log, run.last_good) == (2, True, LOG, GOOD)
    assert run.container.exit_code == 3


def test_of_a_task_that_was_never_placed_only_the_containers_name_is_kept() -> None:
    task = UnreportedRun("a1", CLUSTER, stopped().task_definition, NOW, job_container="web")
    run = failed_run.of(task, Creation(NOW, no_task=True), 1, None, GOOD)
    assert (run.container.name, run.container.exit_code, run.container.reason) == ("web", None, "")
    assert (run.seconds, run.ran) == (None, False)
