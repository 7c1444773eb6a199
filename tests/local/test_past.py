"""What a past says, as Cronmend's own adapters read it in the local account."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.adapters.ecs_services import EcsServices
from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.adapters.logs import CloudWatchLogs
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.deploys import Bounds, DeployNote, Phase
from cronmend.model import LiveSchedule, LogPlace, Missing, Signal, TaskDefinitionRef, WindowState
from cronmend.use_cases.deploy_facts import Deploys
from local.account import LocalAccount
from local.aws import CLUSTER_ARN, REGION
from local.past import Deploy, Past
from local.pipeline import LOG_GROUP
from tests.cloudformation import Template

pytestmark = pytest.mark.emulator
COMMAND = ("python", "manage.py", "publish_scheduled")


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAccount]:
    with LocalAccount(tmp_path_factory.mktemp("past") / "account") as running:
        create_ledger(running)
        yield running


def create_ledger(account: LocalAccount) -> None:
    """The table alone, in an account in which Cronmend is not deployed."""
    account.clients.dynamodb.create_table(
        TableName="ledger",
        **Template.read().table(),
    )


@pytest.mark.parametrize(
    ("state", "seen"),
    [
        (Deploy.OPEN, WindowState.OPEN),
        (Deploy.CLOSED, WindowState.CLOSED),
        (Deploy.STUCK, WindowState.STUCK),
        (Deploy.OLDER, WindowState.OLDER_CODE),
    ],
)
def test_a_deploy_is_seen_in_the_state_that_was_asked_for(
    account: LocalAccount, state: Deploy, seen: WindowState
) -> None:
    past, clients = Past.of(account.clients), account.clients
    past.deploy(f"site-{state}", state)
    used = TaskDefinitionRef.parse(past.deploy(f"site-{state}", state))
    notes = DynamoDeployNotes(past.table, clients.dynamodb)
    deploys = Deploys(EcsTaskDefinitions(clients.ecs), EcsServices(clients.ecs), notes, Bounds())
    now = datetime.now(UTC) + timedelta(seconds=1)
    window = deploys.window(used, CLUSTER_ARN, Missing("not asked for"), now)
    assert window.state is seen, window


def test_a_revision_has_the_database_and_the_release_of_the_site_s_service(account: LocalAccount) -> None:
    past, ecs = Past.of(account.clients), account.clients.ecs

    def image(arn: str) -> str:
        return ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]["containerDefinitions"][0]["image"]

    def environment(arn: str) -> dict[str, str]:
        (container,) = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]["containerDefinitions"]
        return {each["name"]: each["value"] for each in container["environment"]}

    assert environment(past.revision("without-site")) == {}
    first = account.pipeline.register_release(1)
    assert environment(past.revision("with-site")) == dict(account.pipeline.environment) != {}
    account.pipeline.create_service(first)
    account.pipeline.register_release(2)
    assert image(past.revision("during-a-deploy")).endswith(":1")
    account.pipeline.update_service(account.pipeline.register_release(2))
    assert image(past.revision("after-it")).endswith(":2")


def test_a_log_and_a_schedule_can_be_put_twice(account: LocalAccount) -> None:
    past = Past.of(account.clients)
    revision = past.deploy("twice", Deploy.CLOSED)
    for line in ("first", "second"):
        past.log("a1", [line, ""])
        past.schedule("samples/twice", revision, (*COMMAND, line))
    tail = CloudWatchLogs(lambda region: account.clients.logs).tail(LogPlace(LOG_GROUP, "web/web/a1", REGION))
    assert tail == ("second", " ")
    live = SchedulerSchedules(account.clients.scheduler).get("samples/twice")
    assert isinstance(live, LiveSchedule)
    assert "second" in live.target_input
    assert live.parameters["NetworkConfiguration"]["awsvpcConfiguration"]["Subnets"]


def test_what_a_pipeline_has_told_is_read_again(account: LocalAccount) -> None:
    past, now = Past.of(account.clients), datetime.now(UTC)
    note = DeployNote(CLUSTER_ARN, "told", Signal.MARKER, Phase.STARTED, now, now, now + timedelta(hours=1))
    for phase in (Phase.STARTED, Phase.FAILED):
        past.told(DeployNote(CLUSTER_ARN, "told", Signal.MARKER, phase, now, now, note.until))
    (found,) = DynamoDeployNotes(past.table, account.clients.dynamodb).of(CLUSTER_ARN)
    assert (found.phase, found.family) == (Phase.FAILED, "told")


def test_a_last_success_is_remembered_over_an_earlier_one(account: LocalAccount) -> None:
    past, at = Past.of(account.clients), datetime(2026, 5, 6, 10, 1, tzinfo=UTC)
    for revision in (1, 2):
        past.succeeded("samples/past", revision, at)
    assert past.known("samples/past").history.last_success_revision == 2
