"""The current version continues with items of an earlier one, stores its form number, and refuses newer forms."""

from copy import replace
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest

from cronmend.adapters.ledger.channel_health import DynamoChannelHealth
from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.conversations import DynamoConversations
from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.adapters.ledger.outbox import DynamoOutbox, message_of
from cronmend.adapters.ledger.rate_limits import DynamoRateLimit
from cronmend.adapters.ledger.requests import DynamoSeenRequests
from cronmend.adapters.ledger.rows import of_kind
from cronmend.adapters.ledger.stored_form import FORM
from cronmend.alerting.conversations import Conversation, Delivery, DeliveryState
from cronmend.alerting.members import Member
from cronmend.deploys import DeployNote, Phase
from cronmend.deploys.holds import HoldState, new_hold
from cronmend.errors import NewerForm, Permanent
from cronmend.healing import transitions
from cronmend.incoming.alert_payloads import ALERT_KINDS, alert_wakeup
from cronmend.incoming.own_payloads import HEALING_KINDS, healing_timer
from cronmend.model import Signal
from cronmend.model.alert_wakeups import AlertTimer, DeliverTimer, EscalateTimer, FlushTimer, RedriveRequest
from cronmend.model.incident import Commit, IncidentState
from cronmend.model.mutes import Mute
from cronmend.model.wakeups import HealingTimer, HoldTimer, ReleaseTimer, RerunTimer
from tests.adapters.ledger.stored import loaded, raw
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW, later
from tests.samples import CLUSTER, JOB, stopped
from tests.use_cases.alerting.alerting_world import message
from tests.use_cases.world import World

DAYS = timedelta(days=90)
REPORT = "cronmend-jobs/daily-report"
HELD = ("cronmend-jobs/nightly-sync", "e3a9d233577640ff0104a82150")
CONVERSATION = "slack#eb268870c62f#2026-05-06T11:03:21+00:00"


def every_item() -> list[dict[str, Any]]:
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName="ledger")
    return [item for page in pages for item in page["Items"]]


def timers() -> dict[str, HealingTimer | AlertTimer | RedriveRequest]:
    """The commit's timers by schedule name, each read by the function that it triggers."""
    readers = {"rerun": healing_timer, "failure-alert": alert_wakeup}
    return {each["name"]: readers[each["function"]](each["input"]) for each in raw("timers")}


def test_an_incident_of_the_first_form_is_healed_by_its_own_timer(aws: None) -> None:
    world = World(ledger=loaded())  # type: ignore[arg-type] # the table in place of memory
    assert DynamoCircuit("ledger", DAYS).close(later(9))  # it was open in that version's ledger
    world.finish_deploy(later(9))
    timer = next(each for each in timers().values() if isinstance(each, RerunTimer) and each.rechecks)
    world.wakes(timer, later(10))
    key = world.incident.starting
    assert key is not None
    again = stopped("b2", exit_code=0, created_at=later(11), stopped_at=later(12), started_by=f"cronmend/{key}")
    world.succeeds(again, later(12))
    assert (world.incident.state, world.incident.notified) == (IncidentState.HEALED, ("healed-deploy_race",))


def test_a_held_alert_of_the_first_form_is_released(aws: None) -> None:
    world = World(ledger=loaded())  # type: ignore[arg-type] # as above
    timer = next(each for each in timers().values() if isinstance(each, ReleaseTimer) and each.job == JOB)
    world.wakes(timer, timer.at)
    assert (world.incident.state, world.incident.held_until) == (IncidentState.ALERTED, None)
    assert world.incident.planned is not None


def test_every_kind_of_timer_of_the_first_form_is_understood() -> None:
    found = list(timers().values())
    assert {each.kind for each in found} == HEALING_KINDS | ALERT_KINDS
    for timer in (
        RerunTimer(JOB, "publish-failed", 2, later(10), 1),
        ReleaseTimer(JOB, "publish-failed", later(60)),
        HoldTimer(*HELD, datetime.fromisoformat("2026-05-06T11:20:00+00:00")),
        DeliverTimer("cronmend-jobs/import-feed", "feed-failed", "healed-deploy_race", later(8.75)),
        RedriveRequest(REPORT, "daily-failed", "alert-application_error"),
        FlushTimer(REPORT, CONVERSATION, later(7)),
        EscalateTimer(REPORT, "daily-failed", "default", "alert-application_error", later(17)),
    ):
        assert timer in found


def test_a_timer_that_may_be_planned_again_keeps_its_name() -> None:
    """A held alert's doesn't: a second one of it finds that the alert was released."""
    for name, timer in timers().items():
        if isinstance(timer, RerunTimer | HoldTimer | EscalateTimer):
            assert timer.name == name


def test_an_old_item_is_written_back_in_the_current_form(aws: None) -> None:
    ledger, outbox = loaded(), DynamoOutbox("ledger")
    conversations, holds = DynamoConversations("ledger", DAYS), DynamoHolds("ledger")
    alert = outbox.message(REPORT, "daily-failed", "alert-application_error")
    conversation = conversations.by_id(CONVERSATION)
    hold = holds.get(CLUSTER, HELD[0])
    attempt = ledger.attempt("f195bc9c16ede3839fe3d3775c")
    assert alert and conversation and hold and attempt  # each is there
    outbox.note(alert, {"slack": Delivery(DeliveryState.SENT, later(30))})
    ledger.started(attempt, "arn:t/1")
    assert outbox.deliveries(alert)["slack"] == Delivery(DeliveryState.SENT, later(30))
    assert ledger.attempt(attempt.key) == replace(attempt, task_arn="arn:t/1")
    written = conversations.save(replace(conversation, jobs_shown=3), NOW)
    assert conversations.by_id(CONVERSATION) == written
    assert holds.put(replace(hold, state=HoldState.RELEASING)) == holds.get(CLUSTER, HELD[0])


def test_the_hours_bound_counts_the_reruns_of_an_earlier_version(aws: None) -> None:
    claim = transitions.claimed(loaded().read(JOB), later(10))
    assert DynamoLedger("ledger", DAYS, hourly_reruns=4).commit(claim, later(10)) is Commit.OVER_BUDGET
    assert DynamoLedger("ledger", DAYS, hourly_reruns=5).commit(claim, later(10)) is Commit.DONE


def test_every_item_has_its_form(aws: None) -> None:
    world = World(ledger=table())  # type: ignore[arg-type] # as above
    world.fails()
    world.finish_deploy(later(5))
    world.wakes(world.timers.of(RerunTimer)[0], later(6))
    world.succeeds(at=later(8))
    DynamoHolds("ledger").put(new_hold(JOB, CLUSTER, "webapp", "v2", NOW, later(30)))
    note = DeployNote(CLUSTER, "webapp", Signal.MARKER, Phase.STARTED, NOW, NOW, later(30))
    DynamoDeployNotes("ledger").write(note, NOW)
    conversations = DynamoConversations("ledger", DAYS)
    opened = conversations.open(Conversation("slack", "cause", NOW, message()), Member(JOB, "a1"), NOW)
    assert opened is not None
    conversations.seen(opened, conversations.of(opened), NOW)
    DynamoMutes("ledger").set(Mute(JOB, later(30), "ann"))
    DynamoChannelHealth("ledger").accepted({"slack": NOW})
    DynamoChannelHealth("ledger").failed("sns", NOW, "throttled")
    rate_limit = DynamoRateLimit("ledger")
    rate_limit.slot("slack", timedelta(seconds=1), NOW, timedelta(minutes=1))
    rate_limit.opened("slack", NOW)
    DynamoSeenRequests("ledger").first("v0=5ca1ab1e", NOW)
    DynamoCircuit("ledger", DAYS).open(later(60), message(), NOW)
    stored = every_item()
    assert {item.get("form", {}).get("N") for item in stored} == {str(FORM)}
    assert {(item["pk"]["S"].partition("#")[0], item.get("kind", {}).get("S", "")) for item in stored} >= {
        (each["pk"]["S"].partition("#")[0], each.get("kind", {}).get("S", ""))
        for path in ("attempt", "book", "budget", "channel", "circuit", "deploy", "hold", "incident", "message")
        for each in raw(path)
    }


def test_a_newer_form_is_refused_with_the_remedy(aws: None) -> None:
    ledger, client = table(), boto3.client("dynamodb")
    for item in [*raw("book"), *raw("waiting"), *raw("message")]:
        client.put_item(TableName="ledger", Item={**item, "form": {"N": str(FORM + 1)}})
    says = f"item JOB#{JOB} BOOK has form {FORM + 1}, and this version of Cronmend reads forms up to {FORM}. A newer "
    with pytest.raises(NewerForm, match=says + "version wrote it: deploy that version again"):
        ledger.read(JOB)
    with pytest.raises(Permanent, match="WAITING#"):
        ledger.waiting(CLUSTER)
    with pytest.raises(Permanent, match="JOB#"):
        list(of_kind(client, "ledger", "message"))
    with pytest.raises(Permanent, match="MESSAGE#"):
        message_of({**raw("message")[0], "form": {"N": str(FORM + 1)}})
