"""The stores of alerting: one contract for DynamoDB and the fakes."""

from collections.abc import Mapping
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from cronmend.adapters.ledger.alert_lookups import DynamoLookups
from cronmend.adapters.ledger.channel_health import DynamoChannelHealth
from cronmend.adapters.ledger.conversations import DynamoConversations
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.adapters.ledger.promises import DynamoPromises
from cronmend.adapters.ledger.rate_limits import DynamoRateLimit
from cronmend.alerting.conversations import Conversation, Delivery, DeliveryState, Health, MessageRef
from cronmend.alerting.members import Form, KnownFact, Member, WithMembers, as_seen
from cronmend.alerting.moves import Before
from cronmend.errors import Retryable
from cronmend.model.alert_wakeups import FlushTimer
from cronmend.model.incident import Change, JobState
from cronmend.model.mutes import Mute, latest_end
from cronmend.model.report import Stage
from local.memory.alert_lookups import MemoryLookups
from local.memory.alerting import (
    MemoryConversations,
    MemoryHealth,
    MemoryMutes,
    MemoryOutbox,
)
from local.memory.ledger import MemoryLedger
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import later, message

DAYS = timedelta(days=90)
STATE = JobState(message().job, 1)


@pytest.fixture(params=["table", "memory"])
def kept(request: pytest.FixtureRequest, aws: None) -> Mapping[str, Any]:
    """The adapters, by name, over one table or in memory."""
    if request.param == "memory":
        outbox = MemoryOutbox([message()])
        ledger, conversations = MemoryLedger(job_states={message().job: STATE}), MemoryConversations()
        parts = {"conversations": conversations, "outbox": outbox, "mutes": MemoryMutes()}
        lookups = MemoryLookups(ledger, outbox, conversations)
        return {**parts, "lookups": lookups, "pace": conversations.rate_limit, "health": MemoryHealth()}
    table().commit(Change(JobState(message().job), messages=(message(),)), NOW)
    return {
        "conversations": DynamoConversations("ledger", DAYS),
        "lookups": DynamoLookups("ledger"),
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
    outbox.note(told, {"slack:C0": waiting})
    outbox.note(told, {"sns": Delivery(DeliveryState.SENT, NOW)})
    assert outbox.deliveries(told) == {"slack:C0": waiting, "sns": Delivery(DeliveryState.SENT, NOW)}


FIRST = Member("site/job-1", "incident-1", change="alert-")


def opened(kept: Mapping[str, Any]) -> Conversation:
    found = kept["conversations"].open(opening(), FIRST, NOW)
    assert isinstance(found, Conversation)
    return found


def test_the_messages_of_an_incident_are_found_with_their_deliveries(kept: Mapping[str, Any]) -> None:
    outbox, told = kept["outbox"], message()
    assert outbox.of_incident(told.job, told.incident) == [(told, {})]
    outbox.note(told, {"sns": Delivery(DeliveryState.SENT, NOW, escalate_at=later(minutes=30))})
    sent = Delivery(DeliveryState.SENT, NOW, escalate_at=later(minutes=30))
    assert outbox.of_incident(told.job, told.incident) == [(told, {"sns": sent})]
    assert outbox.of_incident(told.job, "incident") == []


def test_what_is_known_of_a_message_is_read_at_once(kept: Mapping[str, Any]) -> None:
    lookups, told = kept["lookups"], message()
    assert lookups.before(told, "", ()) == Before(STATE, {})
    asked, unknown = ("missing-column", ("slack", "sns")), {"slack": "", "sns": ""}
    assert lookups.before(told, *asked) == Before(STATE, {}, "missing-column", unknown)
    mine, sent = opened(kept), {"sns": Delivery(DeliveryState.SENT, NOW)}
    kept["outbox"].note(told, sent)
    known = lookups.before(told, *asked)
    assert known == Before(STATE, sent, "missing-column", {"slack": mine.id, "sns": ""})
    assert (known.latest_of("slack", "missing-column"), known.latest_of("slack", "many")) == (mine.id, None)
    assert lookups.before(message(2), "", ()) == Before(JobState(message(2).job), {})


def test_a_conversation_is_read_with_a_jobs_state_or_with_its_members(kept: Mapping[str, Any]) -> None:
    conversations, mine = kept["conversations"], opened(kept)
    for number in (2, 3):
        conversations.join(mine, Member(f"site/job-{number}", f"incident-{number}"), NOW)
    assert kept["lookups"].after_join(mine.id, STATE.job) == (mine, STATE)
    assert kept["lookups"].after_join(opening(1).id, "site/other") == (None, JobState("site/other"))
    assert conversations.latest("slack", "missing-column") == mine.id
    assert conversations.latest("sns", "missing-column") == ""
    assert conversations.whole(mine.id) == WithMembers(mine, conversations.of(mine))
    assert conversations.whole(mine.id, most=2) == WithMembers(mine, conversations.of(mine)[:2])
    assert conversations.whole(opening(1).id) is None


def test_only_one_of_two_calls_opens_a_conversation(kept: Mapping[str, Any]) -> None:
    conversations = kept["conversations"]
    assert conversations.current("slack", "missing-column") is None
    mine = opened(kept)
    assert conversations.open(opening(1), FIRST, NOW) is None
    assert conversations.open(opening(), FIRST, NOW) is None
    assert conversations.current("slack", "missing-column") == mine
    assert conversations.current("sns", "missing-column") is None
    assert conversations.of(mine) == (FIRST,)


def test_a_channel_opens_no_more_conversations_in_a_minute_than_it_may(kept: Mapping[str, Any]) -> None:
    conversations, pace = kept["conversations"], kept["pace"]
    openings = [replace(opening(), key=f"cause-{number}") for number in range(4)]
    first, second, *_ = [conversations.open(each, FIRST, NOW, 2) for each in openings]
    assert (first.key, second.key, pace.in_minute("slack", NOW)) == ("cause-0", "cause-1", 2)
    assert [conversations.latest("slack", each.key) for each in openings[2:]] == ["", ""]
    assert conversations.open(openings[2], FIRST, NOW)
    assert conversations.open(openings[3], FIRST, later(minutes=1), 2)
    assert conversations.open(openings[3], FIRST, later(minutes=1), 2) is None
    assert (pace.in_minute("slack", NOW), pace.in_minute("slack", later(minutes=1))) == (2, 1)
    conversations.save(replace(first, is_open=False), NOW)
    again = replace(first, opened_at=later(minutes=2), version=0)
    assert conversations.open(again, FIRST, later(minutes=2), 1)
    assert pace.in_minute("slack", later(minutes=2)) == 1


def test_what_was_sent_is_stored_together_with_what_people_know(kept: Mapping[str, Any]) -> None:
    conversations, read, ref = kept["conversations"], opened(kept), MessageRef("C1", "1.2")
    others = tuple(Member(f"site/job-{number}", f"incident-{number}") for number in range(2, 121))
    for each in others:
        conversations.join(read, each, NOW)
    seen = tuple(as_seen(each, later(minutes=1), ref) for each in (FIRST, *others))
    stale = replace(read, version=7)
    assert conversations.save(stale, NOW, seen) is None
    assert not any(each.is_known for each in conversations.of(read))
    written = conversations.save(replace(read, place=ref), NOW, seen)
    assert conversations.by_id(read.id) == written
    assert sorted(conversations.of(read), key=lambda each: each.incident) == sorted(
        seen, key=lambda each: each.incident
    )


def test_a_new_conversation_promises_to_be_flushed(aws: None) -> None:
    table()
    conversations = DynamoConversations("ledger", DAYS)
    mine = conversations.open(replace(opening(), due=later(minutes=5)), FIRST, NOW)
    assert mine
    promises = DynamoPromises("ledger")
    (found,) = promises.overdue(later(minutes=5), 10)
    assert promises.read(found) == FlushTimer(mine.message.job, mine.id, later(minutes=5))
    assert conversations.open(replace(opening(1), due=later(minutes=9)), FIRST, NOW) is None
    assert len(promises.overdue(later(minutes=9), 10)) == 1


def test_a_conversation_that_changed_in_between_is_not_overwritten(kept: Mapping[str, Any]) -> None:
    conversations, read = kept["conversations"], opened(kept)
    spoken = conversations.save(replace(read, place=MessageRef("C1", "1.2"), jobs_shown=1, sent_at=NOW), NOW)
    assert conversations.save(replace(read, jobs_shown=7), NOW) is None
    assert conversations.save(opening(1), NOW) is None
    assert conversations.by_id(read.id) == spoken


def test_a_closed_conversation_is_not_joined_but_still_found(kept: Mapping[str, Any]) -> None:
    conversations, first = kept["conversations"], opened(kept)
    closed = conversations.save(replace(first, is_open=False), NOW)
    assert conversations.current("slack", "missing-column") is None
    second = conversations.open(opening(10), FIRST, NOW)
    assert conversations.current("slack", "missing-column") == second
    assert conversations.of_incident("incident-1") == {"slack": [closed, second]}
    saved = conversations.save(replace(closed, jobs_shown=3), NOW)
    assert saved.jobs_shown == 3
    assert conversations.current("slack", "missing-column") == second


def test_an_incident_is_found_in_each_channel(kept: Mapping[str, Any]) -> None:
    conversations, first = kept["conversations"], opened(kept)
    other = conversations.open(replace(opening(), channel="slack:C2"), FIRST, NOW)
    assert conversations.of_incident("incident-1") == {"slack": [first], "slack:C2": [other]}
    assert conversations.of_incident("incident-2") == {}


def test_a_job_joins_once_for_each_incident_and_its_end_is_kept(kept: Mapping[str, Any]) -> None:
    conversations, conversation = kept["conversations"], opened(kept)
    again, other = replace(FIRST, incident="incident-9"), Member("site/b", "2")
    for member in (again, other, FIRST):
        conversations.join(conversation, member, NOW)
    assert set(conversations.of(conversation)) == {FIRST, again, other}
    assert len(conversations.of(conversation, most=1)) == 1
    over = replace(FIRST, healed=True, stage=Stage.HEALED, status="healed by run 2 of 4")
    conversations.join(conversation, over, NOW)
    conversations.join(conversation, FIRST, NOW)
    assert set(conversations.of(conversation)) == {over, again, other}
    assert conversations.member(conversation, "site/job-1", "incident-1") == over
    assert conversations.member(conversation, "site/job-1", "incident-8") is None


def test_what_people_know_is_kept_apart_from_how_it_stands(kept: Mapping[str, Any]) -> None:
    conversations, conversation = kept["conversations"], opened(kept)
    known = replace(FIRST, fact=KnownFact(Form.FAILED, NOW, MessageRef("C1", "1.2")))
    conversations.seen(conversation, [known], NOW)
    assert conversations.of(conversation) == (known,)
    conversations.join(conversation, FIRST, NOW)
    conversations.join(conversation, replace(FIRST, healed=True), NOW)
    over = replace(known, healed=True)
    assert conversations.member(conversation, "site/job-1", "incident-1") == over
    conversations.seen(conversation, [known], NOW)
    assert conversations.of(conversation) == (over,)


def test_what_people_know_of_hundreds_of_jobs_is_stored(kept: Mapping[str, Any]) -> None:
    conversations, conversation = kept["conversations"], opened(kept)
    members = [
        Member(f"site/job-{number}", f"incident-{number}", fact=KnownFact(Form.FAILED, NOW)) for number in range(150)
    ]
    for each in members:
        conversations.join(conversation, replace(each, fact=KnownFact()), NOW)
    conversations.seen(conversation, members, NOW)
    assert {each.fact for each in conversations.of(conversation)} == {KnownFact(Form.FAILED, NOW)}


def expiries() -> list[datetime | None]:
    """Of each stored item; None if it never expires."""
    found = (item.get("expires_at") for item in boto3.client("dynamodb").scan(TableName="ledger")["Items"])
    return [datetime.fromtimestamp(int(each["N"]), UTC) if each else None for each in found]


def test_a_conversation_that_waits_longer_than_records_live_does_not_expire(aws: None) -> None:
    table()
    conversations, until = DynamoConversations("ledger", timedelta(days=7)), later(days=30)
    waiting = conversations.open(replace(opening(), starts_at=until), FIRST, NOW)
    assert waiting is not None
    assert {each for each in expiries() if each} == {until + timedelta(days=400)}
    assert expiries().count(None) == 2
    conversations.join(waiting, replace(FIRST, healed=True), NOW)
    assert expiries().count(later(days=7)) == 2


def test_a_write_that_others_keep_colliding_with_is_retried_later(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    table()
    conversations = DynamoConversations("ledger", DAYS)
    monkeypatch.setattr(DynamoConversations, "_write", lambda self, writes: False)
    with pytest.raises(Retryable, match="couldn't add site/job-1 to a conversation in the ledger: other invocations"):
        conversations.join(opening(), FIRST, NOW)


def test_messages_to_a_channel_are_a_second_apart(kept: Mapping[str, Any]) -> None:
    rate_limit, gap = kept["pace"], timedelta(seconds=1)
    turns = [rate_limit.slot("slack", gap, NOW, timedelta(minutes=1)) for _ in range(3)]
    assert turns == [NOW, later(seconds=1), later(seconds=2)]
    assert rate_limit.slot("slack", gap, later(minutes=1), timedelta(minutes=1)) == later(minutes=1)
    assert rate_limit.slot("sns", gap, NOW, timedelta(minutes=1)) == NOW


def test_a_time_for_which_the_caller_will_not_wait_is_not_reserved(kept: Mapping[str, Any]) -> None:
    rate_limit, second = kept["pace"], timedelta(seconds=1)
    asked = [rate_limit.slot("slack", second, NOW, second) for _ in range(4)]
    assert asked == [NOW, later(seconds=1), later(seconds=2), later(seconds=2)]
    assert rate_limit.slot("slack", second, later(seconds=1), second) == later(seconds=2)


def test_openings_are_counted_by_channel_and_minute(kept: Mapping[str, Any]) -> None:
    rate_limit = kept["pace"]
    assert [rate_limit.opened("slack", NOW) for _ in range(3)] == [1, 2, 3]
    assert rate_limit.opened("sns", NOW) == 1
    assert rate_limit.opened("slack", later(minutes=1)) == 1


def test_a_mute_ends_automatically_or_by_hand(kept: Mapping[str, Any]) -> None:
    mutes = kept["mutes"]
    mutes.set(Mute("site/*", later(hours=1), "jane", "we know"))
    mutes.set(Mute("site/a", later(hours=2), "jane"))
    assert latest_end(mutes.all(NOW), "site/a") == later(hours=2)
    assert latest_end(mutes.all(NOW), "site/b") == later(hours=1)
    assert latest_end(mutes.all(NOW), "other/b") is None
    assert latest_end(mutes.all(later(hours=1)), "site/b") is None
    assert [each.jobs for each in mutes.all(later(minutes=90))] == ["site/a"]
    assert mutes.lift("site/a")
    assert not mutes.lift("site/a")
    assert latest_end(mutes.all(NOW), "site/a") == later(hours=1)


def test_the_health_of_a_channel_is_stored(kept: Mapping[str, Any]) -> None:
    health = kept["health"]
    health.accepted({"slack": NOW, "sns": NOW})
    health.failed("slack", later(hours=1), "invalid_auth")
    assert {each.channel: each for each in health.all()} == {
        "slack": Health("slack", NOW, later(hours=1), "invalid_auth"),
        "sns": Health("sns", NOW),
    }
    health.accepted({"slack": later(hours=2)})
    assert {each.channel: each.error for each in health.all()} == {"slack": "", "sns": ""}


def test_a_send_that_others_keep_reserving_is_retried_later(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    table()
    rate_limit = DynamoRateLimit("ledger")
    rate_limit.slot("slack", timedelta(seconds=1), NOW, timedelta(minutes=1))
    monkeypatch.setattr(DynamoRateLimit, "_last", lambda self, channel: later(seconds=1))
    with pytest.raises(Retryable, match="other invocations are writing to it"):
        rate_limit.slot("slack", timedelta(seconds=1), NOW, timedelta(minutes=1))
