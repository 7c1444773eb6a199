"""`cronmend rerun` against the deployed stack, with tasks that really run."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.demo.stage import CHARGE, PUBLISH, Stage, deployed
from cli.main import app
from cronmend.model import Category
from cronmend.model.incident import IncidentState, RunRecord
from cronmend.model.report import MessageKind
from local.account import LocalAccount
from tests.waiting import SECONDS

pytestmark = pytest.mark.emulator
PULL_TRIES = 2


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with (
        LocalAccount(tmp_path_factory.mktemp("by-hand") / "account") as account,
        pytest.MonkeyPatch.context() as environment,
    ):
        made = deployed(account, lambda line: None)
        account.site.manage(1, "migrate", "-v0")
        account.pipeline.create_service(account.pipeline.register_release(1))
        for name, value in account.endpoints.environment().items():
            environment.setenv(name, value)
        yield made


def cronmend(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def answer(result: Result) -> Any:
    return json.loads(result.stdout)


def run_of(stage: Stage, result: Result) -> RunRecord:
    """Wait for the run that the command started."""
    assert result.exit_code == 0, result.output
    return stage.record(answer(result)["task_arn"])


def test_with_every_guard_clear_the_job_runs_and_its_incident_is_healed(stage: Stage) -> None:
    """Release 2 is in the service and the job, but not migrated. A person migrates it and re-runs the job."""
    pipeline, group, name = stage.account.pipeline, *PUBLISH.split("/")
    stage.account.site.manage(1, "seed")
    revision = pipeline.register_release(2)
    pipeline.update_service(revision)
    pipeline.move_schedule(group, name, revision)
    stage.until("the deploy is over", lambda: Category.SCHEMA_MISMATCH is _failed(stage, PUBLISH) or None)
    assert stage.account.site.manage(2, "migrate", "-v0").code == 0

    run = run_of(stage, cronmend("rerun", "publish-scheduled", "--json"))

    incident = stage.incident(PUBLISH)
    assert (run.job, run.category, run.incident, incident.state) == (
        PUBLISH,
        Category.SUCCESS,
        incident.id,
        IncidentState.HEALED,
    )
    assert stage.message(incident, MessageKind.HEALED)
    assert incident.id in cronmend("why", run.task_id).output
    assert run.task_id in cronmend("history", "publish-scheduled").output


def test_a_guard_blocks_by_name_until_a_person_uses_force(stage: Stage) -> None:
    stage.account.registry.hang(requests=PULL_TRIES)
    assert _failed(stage, CHARGE) is Category.INFRASTRUCTURE
    before = len(stage.runs())

    refused = cronmend("rerun", CHARGE, "--json")
    assert refused.exit_code == 1
    assert answer(refused)["task_arn"] == ""
    assert "policy" in {each["guard"] for each in answer(refused)["blockers"]}
    assert "add --force" in cronmend("rerun", CHARGE).output
    assert len(stage.runs()) == before

    forced = cronmend("rerun", CHARGE, "--force", "--json")
    run = run_of(stage, forced)
    assert answer(forced)["blockers"] == answer(refused)["blockers"]
    assert (run.category, stage.incident(CHARGE).state) == (Category.SUCCESS, IncidentState.HEALED)


def test_a_job_never_runs_next_to_an_active_run(stage: Stage) -> None:
    stage.account.registry.hang(PULL_TRIES, seconds=SECONDS)
    active = stage.fire(CHARGE)
    refused = cronmend("rerun", CHARGE, "--force", "--json")
    stage.account.registry.hang(0)
    assert refused.exit_code == 1
    assert "running" in {each["guard"] for each in answer(refused)["blockers"]}
    stage.record(active)


def _failed(stage: Stage, job: str) -> Category:
    return stage.record(stage.fire(job)).category
