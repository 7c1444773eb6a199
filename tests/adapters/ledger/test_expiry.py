"""What a promise still needs doesn't expire before it, however few days records are kept."""

from copy import replace
from datetime import datetime, timedelta

import boto3
import pytest

from cronmend.adapters.ledger.conversations import DynamoConversations
from cronmend.alerting.conversations import Conversation
from cronmend.alerting.members import Member
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import message

A_WEEK = timedelta(days=7)
MUTED = NOW + timedelta(days=30)
BROKEN = Member("site/job-1", "incident-1")


@pytest.fixture
def conversations(aws: None) -> DynamoConversations:
    table()
    return DynamoConversations("ledger", A_WEEK)


def expiries() -> dict[str, datetime | None]:
    """By the start of both keys."""
    items = boto3.client("dynamodb").scan(TableName="ledger")["Items"]
    return {
        f"{item['pk']['S'].split('#')[0]} {item['sk']['S'].split('#')[0]}": (
            datetime.fromtimestamp(int(item["expires_at"]["N"]), tz=NOW.tzinfo) if "expires_at" in item else None
        )
        for item in items
    }


def test_a_conversation_that_waits_for_the_end_of_a_mute_is_kept_until_then(conversations: DynamoConversations) -> None:
    assert conversations.open(Conversation("slack", "cause", NOW, message(), starts_at=MUTED), BROKEN, NOW)
    found = expiries()
    assert found.keys() == {"TALK CONVERSATION", "TALK cause", "TALK JOB", "INCIDENT TALK"}
    assert all(at is None or at > MUTED + A_WEEK for at in found.values())


def test_while_a_job_is_broken_reminders_find_its_conversation(conversations: DynamoConversations) -> None:
    """A job that runs once a month fails again long after ``RecordDays``."""
    assert conversations.open(Conversation("slack", "cause", NOW, message()), BROKEN, NOW)
    found = expiries()
    assert found["TALK JOB"] is found["INCIDENT TALK"] is None
    assert found["TALK CONVERSATION"]
    assert found["TALK CONVERSATION"] > NOW + timedelta(days=365)


def test_when_the_incident_is_over_its_rows_expire(conversations: DynamoConversations) -> None:
    opened = conversations.open(Conversation("slack", "cause", NOW, message()), BROKEN, NOW)
    assert opened
    conversations.join(opened, replace(BROKEN, healed=True), NOW)
    found = expiries()
    assert found["TALK JOB"] == found["INCIDENT TALK"] == (NOW + A_WEEK).replace(microsecond=0)
