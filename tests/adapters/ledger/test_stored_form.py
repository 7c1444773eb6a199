"""The items that commit 0271f9c stored are read with their original meaning, value by value."""

from datetime import datetime
from typing import Any

import boto3
import pytest

from cli.on_call import documents
from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.ledger.items import from_item, to_item
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.rows import of_kind
from cronmend.alerting.fingerprint import cause_of
from cronmend.deploys import DeployNote, Phase
from cronmend.deploys.holds import Hold, HoldState
from cronmend.model import (
    Category,
    Container,
    DeployWindow,
    Diagnosis,
    History,
    LogPlace,
    Signal,
    Size,
    TaskDefinitionRef,
    WindowState,
)
from cronmend.model.failed_run import FailedRun
from cronmend.model.incident import (
    Attempt,
    Incident,
    IncidentState,
    JobState,
    PlannedRerun,
)
from cronmend.model.wakeups import ReleaseTimer, RerunTimer
from tests.adapters.ledger.stored import items, loaded, raw, without_deploy
from tests.fakes import NOW, later
from tests.samples import CLUSTER, JOB, RACE_LOG

GOOD = History(later(-60), 1, "sha256:1", (90,))


@pytest.fixture
def ledger(aws: None) -> DynamoLedger:
    return loaded()


def incident_of(ledger: DynamoLedger, name: str) -> Incident:
    found = ledger.read(f"cronmend-jobs/{name}").incident
    assert found is not None
    return found


def test_an_open_incident_has_its_run_its_planned_rerun_and_its_held_alert(ledger: DynamoLedger) -> None:
    line = "psycopg.errors.UndefinedColumn: column home_homepage.summary does not exist"
    reason = "the run used webapp:2, the service web still runs webapp:1"
    incident = Incident(
        id="publish-failed",
        job=JOB,
        cluster_arn=CLUSTER,
        family="webapp",
        began_at=later(-1.5),
        state=IncidentState.HEALING,
        diagnosis=Diagnosis(
            Category.DEPLOY_RACE,
            "postgresql.schema",
            f"The code and the database's schema disagree: {line}",
            line,
            RACE_LOG[3:],
            "Run the migration of this release, or wait until the deploy has run it.",
            deploy_explains=True,
            window=DeployWindow(WindowState.OPEN, Signal.REVISION, reason),
        ),
        failed=FailedRun(
            task_id="publish-failed",
            task_definition=TaskDefinitionRef("webapp", 2),
            created_at=later(-1.5),
            ended_at=NOW,
            seconds=60,
            attempt=1,
            ran=True,
            container=Container("web", image="registry.example/site:2", image_digest="sha256:2"),
            log=LogPlace("/ecs/app-prod", "web/web/publish-failed", "eu-west-2"),
            last_good=GOOD,
        ),
        bound=3,
        held_until=later(60),
        planned=PlannedRerun(2, later(10), rechecks=1),
        slot="2026-05-06T11:00:00Z",
    )
    assert ledger.read(JOB) == JobState(JOB, 3, GOOD, incident)
    assert ledger.waiting(CLUSTER)[0] == incident


def test_an_alerted_one_knows_who_acknowledged_it_and_what_people_were_notified_of(ledger: DynamoLedger) -> None:
    incident = incident_of(ledger, "daily-report")
    assert (incident.state, incident.acknowledged_by) == (IncidentState.ALERTED, "ann (U1)")
    assert incident.notified == ("alert-application_error",)
    assert (incident.planned, incident.held_until, incident.starting) == (None, None, None)


def test_a_healed_one_is_over_and_its_rerun_is_counted(ledger: DynamoLedger) -> None:
    feed = ledger.read("cronmend-jobs/import-feed")
    assert feed.incident is not None
    assert (feed.incident.state, feed.incident.runs, feed.incident.reruns) == (IncidentState.HEALED, 1, 1)
    assert (feed.rerun_times, feed.infra_times) == ((later(6),), ())
    assert feed.history == History(later(7), 2, "sha256:2", (480,))


def test_a_rerun_that_starts_keeps_its_key_and_its_size(ledger: DynamoLedger) -> None:
    incident = incident_of(ledger, "resize-images")
    assert (incident.starting, incident.size) == ("d08d8e1451c884d0f6d4c3cab9", Size(512, 2048))


def test_a_refused_rerun_avoids_the_provider_without_capacity(ledger: DynamoLedger) -> None:
    incident = incident_of(ledger, "sync-stock")
    assert incident.planned == PlannedRerun(
        3, datetime.fromisoformat("2026-05-06T11:07:26+00:00"), avoid=("FARGATE_SPOT",)
    )
    assert (incident.reruns, incident.infra_reruns, incident.ran) == (1, 1, False)
    assert incident.failed is not None
    assert (incident.failed.container, incident.failed.log, incident.failed.seconds) == (Container("web"), None, None)


def test_a_missed_slot_has_no_run(ledger: DynamoLedger) -> None:
    incident = incident_of(ledger, "send-mail")
    assert (incident.category, incident.diagnosis.rule, incident.failed) == (Category.MISSED, "held_in_deploy", None)
    assert (incident.runs, incident.ran, incident.slot) == (0, False, "2026-05-06T12:00:00+00:00")
    assert ledger.waiting(CLUSTER)[1] == incident


@pytest.mark.parametrize("number", range(len(raw("incident"))))
def test_no_value_of_an_incident_is_lost(ledger: DynamoLedger, number: int) -> None:
    item = items("incident")[number]
    old = item["incident"]
    new = {name: value for name, value in old.items() if name not in ("told", "told_at", "planned")}
    new["sentence"] = without_deploy(old["sentence"])
    if "told" in old:
        new["notified"] = old["told"]
    if "planned" in old:
        new["planned"] = {**old["planned"], "rechecks": old["planned"]["looks"]}
        del new["planned"]["looks"]
    added = {"healed_by": 0, "policy": "unstarted", "schedule": "enabled", "deploy_may_explain": False, "missed": 0}
    new |= {"deploy_explains": old["category"] in {"deploy_race", "schema_mismatch"}, **added}
    found = next(each for each in of_kind(boto3.client("dynamodb"), "ledger", "incident") if each["sk"] == item["sk"])
    incident = from_item(Incident, found["incident"])
    assert documents.of_incident(incident) == {**new, "cause": cause_of(incident)}


def test_a_run_has_its_timers(ledger: DynamoLedger) -> None:
    run = ledger.run("publish-failed")
    assert run is not None
    assert run.timers == (
        RerunTimer(JOB, "publish-failed", 2, later(5)),
        ReleaseTimer(JOB, "publish-failed", later(60)),
    )
    assert run.window == DeployWindow(
        WindowState.OPEN, Signal.REVISION, "the run used webapp:2, the service web still runs webapp:1", later(-10)
    )
    lost = ledger.run("export-failed")
    assert lost is not None
    assert lost.by_hand.startswith("aws ecs run-task --region eu-west-2 --cluster app-prod")


@pytest.mark.parametrize("item", items("run"), ids=lambda item: item["run"]["task_id"])
def test_no_value_of_a_run_is_lost(ledger: DynamoLedger, item: dict[str, Any]) -> None:
    run = ledger.run(item["run"]["task_id"])
    assert run is not None
    assert run.full_sentence == item["run"]["sentence"]
    assert {**to_item(run), "timers": []} == {
        **item["run"],
        "sentence": without_deploy(item["run"]["sentence"]),
        "timers": [],
        "deploy_may_explain": False,
    }
    assert [each.kind for each in run.timers] == [each["kind"] for each in item["run"].get("timers", ())]


def test_an_attempt_is_read_whole(ledger: DynamoLedger) -> None:
    for item in items("attempt"):
        found = ledger.attempt(item["attempt"]["key"])
        assert to_item(found) == {**item["attempt"], "whole_slot": False}
    assert ledger.attempt("d08d8e1451c884d0f6d4c3cab9") == Attempt(
        key="d08d8e1451c884d0f6d4c3cab9",
        job="cronmend-jobs/resize-images",
        incident="resize-failed",
        number=2,
        claimed_at=later(6),
        slot="2026-05-06T11:00:00Z",
        task_arn="arn:aws:ecs:eu-west-2:111122223333:task/app-prod/d08d8e1451c884d0f6d4c3cab9",
        size=Size(512, 2048),
    )


def test_deploys_and_held_schedules_are_known(ledger: DynamoLedger) -> None:
    since, until = (
        datetime.fromisoformat("2026-05-06T10:50:00+00:00"),
        datetime.fromisoformat("2026-05-06T11:20:00+00:00"),
    )
    hold = Hold(
        "e3a9d233577640ff0104a82150",
        "cronmend-jobs/nightly-sync",
        CLUSTER,
        "webapp",
        "v2",
        since,
        until,
        HoldState.HELD,
    )
    (found,) = DynamoHolds("ledger").of(CLUSTER)
    assert to_item(found) == {**to_item(hold), "version": 2}
    note = DeployNote(CLUSTER, "webapp", Signal.MARKER, Phase.STARTED, since, since, until, key="v2", version=1)
    assert DynamoDeployNotes("ledger").of(CLUSTER) == [note]
