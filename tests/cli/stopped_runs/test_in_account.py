"""What a made-up run finds in a local account: read by the adapters of the functions themselves."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.event import made, taken
from cli.stopped_runs.ending import BadOption
from cli.stopped_runs.in_account import LocalPast
from cli.stopped_runs.options import RunOptions
from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.adapters.ecs_services import EcsServices
from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.adapters.logs import CloudWatchLogs
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.deploys import Bounds
from cronmend.incoming.task_events import stopped_task
from cronmend.model import Evidence, Identity, WindowState
from cronmend.use_cases.deploy_facts import Deploys
from cronmend.use_cases.evidence import EvidenceCollector
from local.account import LocalAccount
from local.aws import CLUSTER_ARN
from local.past import Deploy, Past
from tests import ROOT
from tests.local.test_past import create_ledger
from tests.samples import RACE_LOG

pytestmark = pytest.mark.emulator
JOB = "cronmend-jobs/publish-scheduled"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAccount]:
    with LocalAccount(tmp_path_factory.mktemp("in-account") / "account") as running:
        create_ledger(running)
        yield running


@pytest.fixture
def log(tmp_path: Path) -> str:
    (tmp_path / "my.log").write_text("\n".join(RACE_LOG), encoding="utf-8")
    return str(tmp_path / "my.log")


def run_of(**options: object) -> RunOptions:
    return RunOptions(**{"job": "publish-scheduled", "file": ROOT / "jobs.toml", **options})  # type: ignore[arg-type]


def collected(account: LocalAccount, run: RunOptions) -> tuple[Identity, Evidence, list[str]]:
    """What task_state collects for the event."""
    clients, local = account.clients, LocalPast(Past.of(account.clients))
    task = stopped_task(json.loads(json.dumps(made(run, datetime.now(UTC), local, fresh=True))))
    definitions = EcsTaskDefinitions(clients.ecs)
    notes = DynamoDeployNotes(local.past.table, clients.dynamodb)
    collector = EvidenceCollector(
        SchedulerSchedules(clients.scheduler),
        definitions,
        CloudWatchLogs(lambda region: clients.logs, late=()),
        Deploys(definitions, EcsServices(clients.ecs), notes, Bounds()),
    )
    who = collector.identity(task, "")
    return who, collector.evidence(task, who.schedule, datetime.now(UTC)), local.done


@pytest.mark.parametrize(
    ("deploy", "state"),
    [
        (Deploy.OPEN, WindowState.OPEN),
        (Deploy.CLOSED, WindowState.CLOSED),
        (Deploy.STUCK, WindowState.STUCK),
        (Deploy.OLDER, WindowState.OLDER_CODE),
    ],
)
def test_a_function_finds_the_job_the_log_and_the_deploy(
    account: LocalAccount, log: str, deploy: Deploy, state: WindowState
) -> None:
    who, evidence, done = collected(account, run_of(log=log, deploy=deploy))
    assert (who.job, who.certain) == (JOB, True)
    assert evidence.log == tuple(line or " " for line in RACE_LOG)
    assert evidence.window.state is state, evidence.window
    assert any("stream web/web/" in each for each in done)


def test_a_job_of_another_cluster_and_container_is_put_into_the_only_one(
    account: LocalAccount, tmp_path: Path, log: str
) -> None:
    jobs = (ROOT / "docs/examples/website/jobs.toml").read_text(encoding="utf-8")
    (tmp_path / "jobs.toml").write_text(jobs, encoding="utf-8")
    run = run_of(job="linkcheck", file=tmp_path / "jobs.toml", log=log, deploy=Deploy.OPEN)
    who, evidence, done = collected(account, run)
    assert (who.job, who.certain) == ("cronmend-jobs/linkcheck", True)
    assert (evidence.task.cluster_arn, evidence.task.job_container) == (CLUSTER_ARN, "production-website-container")
    assert evidence.window.state is WindowState.OPEN
    assert len(evidence.log) == len(RACE_LOG)  # type: ignore[arg-type] # it was just put there
    assert any("instead of" in each for each in done)


def test_a_job_that_only_the_account_has_is_found_there(account: LocalAccount) -> None:
    past = Past.of(account.clients)
    past.schedule("samples/theirs", past.deploy("theirs", Deploy.CLOSED), ("run", "theirs"))
    who, evidence, done = collected(account, run_of(job="samples/theirs"))
    assert (who.job, who.certain) == ("samples/theirs", True)
    assert evidence.task.override is not None
    assert evidence.task.override.command == ("run", "theirs")
    assert "There is no log, since --log wasn't given." in done
    with pytest.raises(BadOption, match="no job named samples/nope"):
        collected(account, run_of(job="samples/nope"))


def test_a_new_task_id_gets_a_copy_of_the_log(account: LocalAccount, log: str, tmp_path: Path) -> None:
    local = LocalPast(Past.of(account.clients))
    first = made(run_of(log=log), datetime.now(UTC), local, fresh=True)
    (tmp_path / "e.json").write_text(json.dumps(first), encoding="utf-8")
    again = taken(str(tmp_path / "e.json"), RunOptions(), datetime.now(UTC), local, fresh=True)
    old, new = (stopped_task(each) for each in (first, again))
    assert old.task_id != new.task_id
    assert local.log_of(new) == local.log_of(old) == tuple(line or " " for line in RACE_LOG)


def test_a_container_that_the_task_definition_lacks_is_refused(account: LocalAccount) -> None:
    collected(account, run_of(deploy=Deploy.CLOSED))
    with pytest.raises(BadOption, match=r"app is not a container in the TaskDefinition\. Correct the job"):
        collected(account, run_of(container="app"))


def test_an_empty_log_is_put_as_one(account: LocalAccount, tmp_path: Path) -> None:
    (tmp_path / "empty.log").write_text("", encoding="utf-8")
    _, _, done = collected(account, run_of(log=str(tmp_path / "empty.log")))
    assert any(each.startswith("The log is empty") for each in done)
