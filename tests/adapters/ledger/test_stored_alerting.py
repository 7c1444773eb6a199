"""The alerting items that commit 0271f9c stored are read with their original meaning."""

from copy import replace
from datetime import datetime, timedelta

import pytest

from cronmend.adapters.ledger import report_forms
from cronmend.adapters.ledger.channel_health import DynamoChannelHealth
from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.conversations import DynamoConversations
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.adapters.ledger.outbox import DynamoOutbox, message_of
from cronmend.adapters.ledger.rate_limits import DynamoRateLimit
from cronmend.adapters.ledger.requests import DynamoSeenRequests
from cronmend.alerting import reports
from cronmend.alerting.conversations import Delivery, DeliveryState, Health, MessageRef
from cronmend.alerting.members import Form, KnownFact, Member
from cronmend.model.mutes import Mute
from cronmend.model.report import FactKey, MessageKind, Stage
from tests.adapters.ledger.stored import loaded, raw
from tests.fakes import NOW, later

DAYS = timedelta(days=90)
CAUSE = "eb268870c62f"
ALERT = ("cronmend-jobs/daily-report", "daily-failed", "alert-application_error")
OPENED = datetime.fromisoformat("2026-05-06T11:03:21+00:00")


@pytest.fixture
def ledger(aws: None) -> DynamoLedger:
    return loaded()


def test_a_conversation_has_its_members_and_what_people_see(ledger: DynamoLedger) -> None:
    conversations = DynamoConversations("ledger", DAYS)
    found = conversations.of_incident("weekly-failed")
    assert sorted(found) == ["slack", "sns"]
    ((slack,), (sns,)) = (found[name] for name in ("slack", "sns"))
    assert (slack.jobs_shown, slack.sent_at, slack.shown_at) == (1, OPENED, OPENED)
    assert (slack.place, slack.failures, slack.is_open, slack.version) == (MessageRef("C1", "1"), 1, False, 3)
    assert (slack.message.job, slack.message.change) == (ALERT[0], ALERT[2])
    assert sns == conversations.current("sns", CAUSE)
    assert conversations.current("slack", CAUSE) is None
    seen = KnownFact(Form.FAILED)
    assert conversations.of(sns) == (
        Member("cronmend-jobs/daily-report", "daily-failed", fact=seen),
        Member("cronmend-jobs/old-export", "export-failed", fact=seen),
        Member("cronmend-jobs/weekly-report", "weekly-failed", fact=seen),
    )


def test_the_end_of_an_incident_of_an_earlier_version_is_stored_with_what_people_know(ledger: DynamoLedger) -> None:
    conversations, job = DynamoConversations("ledger", DAYS), "cronmend-jobs/weekly-report"
    (sns,) = conversations.of_incident("weekly-failed")["sns"]
    conversations.join(sns, Member(job, "weekly-failed", healed=True), NOW)
    over = Member(job, "weekly-failed", healed=True, fact=KnownFact(Form.FAILED))
    assert conversations.member(sns, job, "weekly-failed") == over
    assert [each for each in conversations.of(sns) if each.job == job] == [over]
    assert len(conversations.of(sns, most=4)) == 3
    assert conversations.of_incident("weekly-failed")["sns"] == [sns]
    conversations.seen(sns, [replace(over, fact=KnownFact(Form.OVER, NOW))], NOW)
    assert conversations.member(sns, job, "weekly-failed") == replace(over, fact=KnownFact(Form.OVER, NOW))


def test_a_message_is_found_with_its_deliveries(ledger: DynamoLedger) -> None:
    outbox = DynamoOutbox("ledger")
    alert, healed = (
        outbox.message(*ALERT),
        outbox.message("cronmend-jobs/import-feed", "feed-failed", "healed-deploy_race"),
    )
    assert alert is not None
    assert (alert.report.kind, alert.report.cause) == (MessageKind.ALERT, CAUSE)
    assert alert.report.headline == "daily-report failed: the job has a bug or bad data: KeyError: 'total'"
    assert outbox.deliveries(alert) == {
        "slack": Delivery(DeliveryState.FAILED, later(3.5), "invalid_auth", 1),
        "sns": Delivery(DeliveryState.SENT, later(2)),
    }
    assert healed is not None
    assert outbox.deliveries(healed)["sns"] == Delivery(
        DeliveryState.WAITING, later(8.5), "SNS did not answer", 1, later(8.75)
    )


def test_the_stream_may_still_send_a_message_of_the_first_form(ledger: DynamoLedger) -> None:
    found = {message_of(image) for image in raw("message")}
    outbox = DynamoOutbox("ledger")
    assert len(found) == 6
    assert found == {outbox.message(each.job, each.incident, each.change) for each in found}


def test_mutes_channels_and_the_circuit_are_known(ledger: DynamoLedger) -> None:
    mute = Mute(
        "cronmend-jobs/report-*", datetime.fromisoformat("2036-05-03T11:01:21+00:00"), "ben", "the warehouse moves"
    )
    assert DynamoMutes("ledger").all(NOW) == [mute]
    assert DynamoChannelHealth("ledger").all() == [
        Health("slack", later(8.5), later(3.5)),
        Health("sns", later(2), later(8.5), "SNS did not answer"),
    ]
    DynamoChannelHealth("ledger").accepted({"sns": later(9)})
    assert DynamoChannelHealth("ledger").all()[1] == Health("sns", later(9), later(8.5))
    assert DynamoCircuit("ledger", DAYS).open_until(later(10)) == later(69)


def test_reserved_sends_and_seen_requests_still_count(ledger: DynamoLedger) -> None:
    rate_limit, minute = DynamoRateLimit("ledger"), timedelta(minutes=1)
    assert rate_limit.slot("slack", minute, later(8.5), timedelta(minutes=1)) == later(9.5)
    assert rate_limit.opened("slack", later(2)) == 2
    assert not DynamoSeenRequests("ledger").first("v0=5ca1ab1e", NOW)


@pytest.mark.parametrize(
    ("kind", "status", "stage"),
    [
        ("alert", "failed", Stage.FAILED),
        ("alert", "re-run 2 planned 10:07 UTC", Stage.PLANNED),
        ("progress", "run 2 planned for 10:07 UTC", Stage.PLANNED),
        ("progress", "run 2 starts, asked for by ann", Stage.RUNNING),
        ("alert", "run 2 is running", Stage.RUNNING),
        ("alert", "acknowledged by ann", Stage.ACKNOWLEDGED),
        ("alert", "healed after 2 attempts", Stage.HEALED),
        ("alert", "recovered", Stage.RECOVERED),
        ("gave_up", "gave up after 3 re-runs", Stage.GAVE_UP),
        ("group", "3 jobs failed", Stage.FAILED),
        ("group", "all healed", Stage.OVER),
        ("healed", "", Stage.HEALED),
        ("recovered", "", Stage.RECOVERED),
        ("circuit", "stopped until 12:00 UTC", Stage.STOPPED),
        ("canary", "alive", Stage.TEST),
    ],
)
def test_where_an_old_report_stands_is_read_from_its_texts_once(kind: str, status: str, stage: Stage) -> None:
    assert report_forms.from_1({"kind": kind, "status": status})["stage"] == stage


def test_an_old_report_has_its_cause_and_its_evidence(ledger: DynamoLedger) -> None:
    message = DynamoOutbox("ledger").message(*ALERT)
    assert message is not None
    report = message.report
    assert (report.stage, report.quiet, report.what_failed) == (
        Stage.FAILED,
        False,
        "the job has a bug or bad data: KeyError: 'total'",
    )
    assert {FactKey.JOB, FactKey.RULE, FactKey.LINE, FactKey.TASK} <= {each.key for each in report.facts}
    assert reports.of_group(report, ["g/a", "g/b"], 0).headline == f"2 jobs failed: {report.what_failed}"


def test_an_old_end_is_still_one_quiet_line(ledger: DynamoLedger) -> None:
    healed = DynamoOutbox("ledger").message("cronmend-jobs/import-feed", "feed-failed", "healed-deploy_race")
    assert healed is not None
    assert (healed.report.quiet, healed.report.is_over) == (True, True)
