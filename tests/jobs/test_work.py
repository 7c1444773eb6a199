"""The digest of what a run does: equal for the runs of one schedule, different for other work."""

from copy import replace

import pytest

from cronmend.jobs.work import ANY, digest_of_run, digest_of_schedule, same_work
from cronmend.model import ContainerOverride, TaskDefinitionRef
from tests.samples import schedule, stopped

COMMAND = ("python", "manage.py", "publish_scheduled")
SCHEDULE = replace(
    schedule(2),
    target_input='{"containerOverrides": [{"name": "web", "command": ["python", "manage.py", "publish_scheduled"]}]}',
)
OTHER_WORK = [
    {"task_definition": TaskDefinitionRef("shop", 2)},
    {"overrides": (ContainerOverride("web", ("python", "manage.py", "clear")),)},
    {"overrides": (ContainerOverride("job", COMMAND),)},
    {"overrides": (ContainerOverride("web", COMMAND), ContainerOverride("job", COMMAND))},
    {"overrides": ()},
]


def test_a_run_of_the_schedule_has_its_digest_whatever_its_revision_and_environment() -> None:
    overrides = (ContainerOverride("web", COMMAND, {"SLOT": "11:00"}), ContainerOverride("sidecar"))
    run = replace(stopped(), task_definition=TaskDefinitionRef("webapp", 3), overrides=overrides)
    assert same_work(SCHEDULE, run)
    assert digest_of_run(run) == digest_of_schedule(SCHEDULE)


@pytest.mark.parametrize("change", OTHER_WORK)
def test_a_run_that_does_other_work_has_another_digest(change: dict[str, object]) -> None:
    run = replace(stopped(), overrides=(ContainerOverride("web", COMMAND),))
    other = replace(run, **change)  # type: ignore[arg-type] # fields of StoppedTask
    assert not same_work(SCHEDULE, other)
    assert digest_of_run(other) != digest_of_schedule(SCHEDULE)


def test_a_schedule_whose_command_differs_from_run_to_run_has_no_digest() -> None:
    text = SCHEDULE.target_input.replace("publish_scheduled", "<aws.scheduler.scheduled-time>")
    assert digest_of_schedule(replace(SCHEDULE, target_input=text)) == ANY


@pytest.mark.parametrize("reference", ["", "arn:td:2"])
def test_a_schedule_without_a_task_definition_does_no_runs_work(reference: str) -> None:
    broken = replace(SCHEDULE, parameters={"TaskDefinitionArn": reference})
    assert not same_work(broken, stopped())
    assert digest_of_schedule(broken) != digest_of_run(stopped())
