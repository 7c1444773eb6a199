"""Which code a run used, for the comparison with the deploys."""

from cronmend.deploys import Run
from cronmend.model import Container
from cronmend.use_cases.evidence import run_of
from tests.samples import stopped

IMAGE, DIGEST = "registry.example/site:2", "sha256:2"


def test_a_run_is_compared_by_the_image_of_the_jobs_own_container() -> None:
    proxy, web = Container("proxy", 0, image="registry.example/proxy:1"), Container("web", 1, "", IMAGE, DIGEST)
    task = stopped(containers=(proxy, web))
    assert run_of(task) == Run(task.created_at, task.stopped_at, IMAGE, DIGEST, "web")


def test_of_a_task_that_was_never_placed_no_image_is_known() -> None:
    task = stopped(exit_code=None, containers=())
    assert run_of(task) == Run(task.created_at, task.stopped_at, "", "", "web")
