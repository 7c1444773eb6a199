"""The stores of alerting: one contract for DynamoDB and the fakes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cronmend.adapters.ledger.channel_health import DynamoChannelHealth
from cronmend.adapters.ledger.conversations import DynamoConversations
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.adapters.ledger.rate_limits import DynamoRateLimit
from cronmend.alerting.conversations import Conversation, Delivery, DeliveryState, Health, Member, MessageRef, Mute
from cronmend.errors import Retryable
from cronmend.model.incident import Change, JobState
from local.memory.alerting import MemoryConversations, MemoryHealth, MemoryMutes, MemoryOutbox, MemoryRateLimit
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import later, message

DAYS = timedelta(days=90)


@pytest.fixture(params=["table", "memory"])
def kept(request: pytest.FixtureRequest, aws: None) -> Mapping[str, Any]:
    """The adapters, by name, over one table or in memory."""
    if request.param == "memory":
        outbox = MemoryOutbox([message()])
        parts = {"conversations": MemoryConversations(), "outbox": outbox, "mutes": MemoryMutes()}
        return {**parts, "pace": MemoryRateLimit(), "health": MemoryHealth()}
    table().commit(Change(JobState(message().job), messages=(message(),)), NOW)
    return {
        "conversations": DynamoConversations("ledger", DAYS),
        "outbox": DynamoOutbox("ledger"),
        "mutes": DynamoMutes("ledger"),
        "pace": DynamoRateLimit("ledger"),
        "health": DynamoChannelHealth("ledger"),
    }


def opening(minutes: int = 0) -> Conversation:
    return Conversation("slack", "missing-column", later(minutes=minutes), message())


def test_a_message_is_found_with_its_delivery(kept: Mapping[str, Any]) -> None:
    outbox, told = kept["outbox"], message()
    assert outbox.message(told.job, told.incident, told.change) == told
    assert outbox.message(told.job, told.incident, "another") is None
    assert outbox.deliveries(told) == {}
    waiting = Delivery(DeliveryState.WAITING, NOW, "503", 1, later(seconds=30))
    outbox.note(told, "slack:C0", waiting)
    outbox.note(told, "sns", Delivery(DeliveryState.SENT, NOW))
    assert outbox.deliveries(told) == {"slack:C0": waiting, "sns": Delivery(DeliveryState.SENT, NOW)}


def test_only_one_of_two_calls_opens_a_conversation(kept: Mapping[str, Any]) -> None:
    conversations = kept["conversations"]
    assert conversations.current("slack", "missing-column") is None
    mine = conversations.save(opening(), NOW)
    assert conversations.save(opening(1), NOW) is None
    assert conversations.current("slack", "missing-column") == mine
    assert conversations.current("sns", "missing-column") is None


def test_a_conversation_that_changed_in_between_is_not_overwritten(kept: Mapping[str, Any]) -> None:
    conversations = kept["conversations"]
    read = conversations.save(opening(), NOW)
    spoken = conversations.save(replace(read, place=MessageRef("C1", "1.2"), jobs_shown=1, sent_at=NOW), NOW)
    assert conversations.save(replace(read, jobs_shown=7), NOW) is None
    assert conversations.by_id(read.id) == spoken


def test_a_closed_conversation_is_not_joined_but_still_found(kept: Mapping[str, Any]) -> None:
    conversations = kept["conversations"]
    first = conversations.save(opening(), NOW)
    conversations.join(first, Member("site/job-1", "incident-1"), NOW)
    closed = conversations.save(replace(first, is_open=False), NOW)
    assert conversations.current("slack", "missing-column") is None
    second = conversations.save(opening(10), NOW)
    assert conversations.current("slack", "missing-column") == second
    assert conversations.of_incident("slack", "incident-1") == closed
    assert conversations.save(replace(closed, jobs_shown=3), NOW).jobs_shown == 3
    assert conversations.current("slack", "missing-column") == second


def test_a_job_joins_once_and_its_end_is_seen(kept: Mapping[str, Any]) -> None:
    conversations = kept["conversations"]
    conversation = conversations.save(opening(), NOW)
    for member in (Member("site/a", "1"), Member("site/b", "2"), Member("site/a", "1")):
        conversations.join(conversation, member, NOW)
    assert {each.job for each in conversations.of(conversation)} == {"site/a", "site/b"}
    assert len(conversations.of(conversation, most=1)) == 1
    conversations.join(conversation, Member("site/a", "1", healed=True), NOW)
    assert {each.job for each in conversations.of(conversation) if each.healed} == {"site/a"}


def test_messages_to_a_channel_are_a_second_apart(kept: Mapping[str, Any]) -> None:
    rate_limit, gap = kept["pace"], timedelta(seconds=1)
    turns = [rate_limit.slot("slack", gap, NOW) for _ in range(3)]
    assert turns == [NOW, later(seconds=1), later(seconds=2)]
    assert rate_limit.slot("slack", gap, later(minutes=1)) == later(minutes=1)
    assert rate_limit.slot("sns", gap, NOW) == NOW


def test_openings_are_counted_by_channel_and_minute(kept: Mapping[str, Any]) -> None:
    rate_limit = kept["pace"]
    assert [rate_limit.opened("slack", NOW) for _ in range(3)] == [1, 2, 3]
    assert rate_limit.opened("sns", NOW) == 1
    assert rate_limit.opened("slack", later(minutes=1)) == 1


def test_a_mute_ends_automatically_or_by_hand(kept: Mapping[str, Any]) -> None:
    mutes = kept["mutes"]
    mutes.set(Mute("site/*", later(hours=1), "jane", "we know"))
    mutes.set(Mute("site/a", later(hours=2), "jane"))
    assert mutes.until("site/a", NOW) == later(hours=2)
    assert mutes.until("site/b", NOW) == later(hours=1)
    assert mutes.until("other/b", NOW) is None
    assert mutes.until("site/b", later(hours=1)) is None
    assert [each.jobs for each in mutes.all(later(minutes=90))] == ["site/a"]
    assert mutes.lift("site/a")
    assert not mutes.lift("site/a")
    assert mutes.until("site/a", NOW) == later(hours=1)


def test_the_health_of_a_channel_is_stored(kept: Mapping[str, Any]) -> None:
    health = kept["health"]
    health.note("slack", NOW)
    health.note("slack", later(hours=1), "invalid_auth")
    health.note("sns", NOW)
    assert {each.channel: each for each in health.all()} == {
        "slack": Health("slack", NOW, later(hours=1), "invalid_auth"),
        "sns": Health("sns", NOW),
    }
    health.note("slack", later(hours=2))
    assert {each.channel: each.error for each in health.all()} == {"slack": "", "sns": ""}


def test_a_send_that_others_keep_reserving_is_retried_later(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    table()
    rate_limit = DynamoRateLimit("ledger")
    monkeypatch.setattr(DynamoRateLimit, "_last", lambda self, channel: later(hours=1))
    with pytest.raises(Retryable, match="other invocations are writing to it"):
        rate_limit.slot("slack", timedelta(seconds=1), NOW)
