"""When a channel that has not taken a message is offered it again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.alerting.routes import Route
from cronmend.errors import Permanent, RateLimited, Retryable, Throttled
from cronmend.model.incident import LEAD, IncidentState
from cronmend.model.mutes import Mute
from cronmend.model.report import Message, MessageKind
from cronmend.use_cases.alerting.delivery import TRIES, wait_after
from local.memory.alerting import MemoryOutbox
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import SNS, WITH_FALLBACK, AlertingWorld, kinds, later, message
from tests.use_cases.test_crashes import Crash, Killed

DUE = later(seconds=90)


@pytest.mark.parametrize(
    ("due", "at", "offered"),
    [
        (DUE, DUE - LEAD - timedelta(microseconds=1), False),
        (DUE, DUE - LEAD, True),
        (DUE, later(hours=1), True),
        (None, NOW, True),
    ],
)
def test_a_channel_that_waits_is_offered_the_message_once_that_is_due(
    due: datetime | None, at: datetime, offered: bool
) -> None:
    """However often the stream brings it before."""
    world = AlertingWorld(route=SNS)
    world.outbox.note(message(), {"sns": Delivery(DeliveryState.WAITING, NOW, "slow down", due=due)})
    world.receives(message(), at=at)
    assert kinds(world.sns) == ["alert"] * offered


@pytest.mark.parametrize("state", [each for each in DeliveryState if each is not DeliveryState.WAITING])
def test_a_final_outcome_is_final_but_for_a_person_who_asks_after_a_failure(state: DeliveryState) -> None:
    world = AlertingWorld(route=SNS)
    world.outbox.note(message(), {"sns": Delivery(state, NOW)})
    world.receives(message(), at=later(hours=1))
    assert kinds(world.sns) == []
    world.redrives(message(), later(hours=1))
    assert kinds(world.sns) == ["alert"] * (state is DeliveryState.FAILED)


def test_the_message_that_opened_a_conversation_comes_again_before_its_time() -> None:
    """A crash before it was noted: nobody is notified in the quiet hours, and once when they end."""
    world = AlertingWorld(route=SNS)
    world.mutes.set(Mute("site/*", later(hours=2), "jane"))
    world.receives(message())
    world.outbox.noted.clear()
    world.receives(message(), at=later(minutes=1))
    assert kinds(world.sns) == []
    world.fires(later(hours=2))
    assert kinds(world.sns) == ["alert"]
    world.outbox.noted.clear()
    world.receives(message(), at=later(hours=2, minutes=1))
    assert kinds(world.sns) == ["alert"]


def test_a_throttled_channel_keeps_its_time_while_the_batch_comes_again() -> None:
    world = AlertingWorld(route=SNS)
    world.sns.failures = [RateLimited("slow down", timedelta(seconds=90))]
    world.receives(message())
    world.receives(message(), at=later(seconds=30))
    assert kinds(world.sns) == []
    assert world.delivery(message(), "sns").due == DUE


@pytest.mark.parametrize(
    ("error", "tries", "wait"),
    [
        (Retryable("503"), 0, timedelta(seconds=15)),
        (Retryable("503"), 3, timedelta(minutes=2)),
        (Retryable("503"), 9, timedelta(minutes=15)),
        (RateLimited("429", timedelta(seconds=1)), 0, timedelta(seconds=15)),
        (RateLimited("429", timedelta(seconds=1)), 3, timedelta(minutes=2)),
        (RateLimited("429", timedelta(minutes=5)), 0, timedelta(minutes=5)),
        (RateLimited("429", timedelta(days=1)), 0, timedelta(minutes=15)),
    ],
)
def test_the_wait_is_what_the_channel_asks_for_within_bounds(error: Retryable, tries: int, wait: timedelta) -> None:
    assert wait_after(error, tries) == wait


@pytest.mark.parametrize("after", [timedelta(seconds=1), timedelta(seconds=30), timedelta(days=1)])
def test_a_follow_up_that_is_rate_limited_without_end_is_given_up_after_all_tries(after: timedelta) -> None:
    """Within three hours, however long the channel asks to wait; the fallback has it long before."""
    world = AlertingWorld(route=WITH_FALLBACK)
    world.receives(message())
    rejections = [RateLimited("rate_limited", after)] * 5_000
    world.slack.failures = list(rejections)
    world.receives(message(kind=MessageKind.GAVE_UP), at=later(minutes=1))
    world.fires(later(minutes=46))
    assert kinds(world.sns) == ["gave_up"]
    world.fires(later(hours=12))
    assert len(rejections) - len(world.slack.failures) == TRIES
    assert world.dead_letters.messages == [("site/job-1", "slack", "rate_limited")]
    assert world.delivery(message(kind=MessageKind.GAVE_UP), "slack").at < later(hours=3)
    assert kinds(world.sns) == ["gave_up"]


def test_a_wait_for_messages_that_are_sent_first_is_no_try() -> None:
    world = AlertingWorld(route=SNS)
    world.sns.failures = [Throttled("other messages are sent first", timedelta(seconds=40))]
    world.receives(message())
    assert (world.delivery(message(), "sns").tries, world.delivery(message(), "sns").due) == (0, later(seconds=40))
    assert "sns" not in world.health.channels


@dataclass
class CountingOutbox(MemoryOutbox):
    writes: list[set[str]] = field(default_factory=list)

    def note(self, message: Message, deliveries: Mapping[str, Delivery], *, offered: bool = False) -> None:
        super().note(message, deliveries, offered=offered)
        self.writes += [set(deliveries)] if deliveries else []


@pytest.mark.parametrize(
    ("channels", "writes"),
    [
        (("slack", "sns"), [{"slack", "sns"}]),
        (("slack", "sns", "events"), [{"slack", "sns", "events"}]),
        (("events", "slack"), [{"events"}, {"slack"}]),
    ],
)
def test_what_the_conversations_remember_is_stored_with_the_next_delivery(
    channels: tuple[str, ...], writes: list[set[str]]
) -> None:
    """A machine's channel has no conversation: only its delivery shows that it has the message."""
    told = message()
    outbox = CountingOutbox(unoffered={(told.job, told.incident, told.change): DUE})
    world = AlertingWorld(route=Route("default", channels=channels), outbox=outbox)
    world.receives(told)
    assert outbox.writes == writes
    assert outbox.unoffered == {}
    assert set(outbox.deliveries(message())) == set(channels)


def test_the_write_before_the_last_one_ends_no_promise() -> None:
    told = message()
    name = told.job, told.incident, told.change
    outbox = CountingOutbox(unoffered={name: DUE})
    world = AlertingWorld(route=Route("default", channels=("events", "slack")), outbox=outbox)
    crash = Crash(1)
    crash.wrap(outbox, "note")
    with pytest.raises(Killed):
        world.receives(told)
    assert (outbox.writes, set(outbox.unoffered)) == ([{"events"}], {name})


def test_before_a_failure_is_handled_all_that_was_delivered_is_stored() -> None:
    outbox = CountingOutbox()
    world = AlertingWorld(outbox=outbox)
    world.sns.failures = [Permanent("the topic is gone")]
    world.receives(message())
    assert outbox.writes == [{"slack"}, {"sns"}]
    assert kinds(world.slack) == ["alert"]


def test_the_mutes_are_read_and_a_working_channel_is_noted_once_for_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    world, read, noted = AlertingWorld(route=Route("default", channels=("events",))), list[datetime](), list[str]()
    mutes, accepted, failed = world.mutes.all, world.health.accepted, world.health.failed

    def counted(now: datetime) -> Sequence[Mute]:
        read.append(now)
        return mutes(now)

    def works(channels: Mapping[str, datetime]) -> None:
        noted.extend(channels)
        accepted(channels)

    def fails(channel: str, at: datetime, error: str) -> None:
        noted.append(error)
        failed(channel, at, error)

    monkeypatch.setattr(world.mutes, "all", counted)
    monkeypatch.setattr(world.health, "accepted", works)
    monkeypatch.setattr(world.health, "failed", fails)
    world.receives(message(1), message(2), message(3))
    assert (read, noted) == ([NOW], ["events"])
    world.machine.failures = [Permanent("no bus")]
    world.receives(message(4), message(5), message(6), at=later(minutes=1))
    assert (len(read), noted[1:]) == (2, ["no bus", "events"])
    assert kinds(world.machine) == ["alert"] * 5


def test_a_mute_that_ends_while_a_batch_is_handled_delays_no_later_message_of_it() -> None:
    """Its end is over by then, and a timer for it would come too late."""
    world = AlertingWorld(route=SNS)
    world.mutes.set(Mute("*", later(seconds=5), "maintenance"))
    batch, late = world.use_case.of_batch(), message(2)
    world.outbox.messages += [message(1), late]
    batch.deliver(message(1), NOW)
    assert kinds(world.sns) == []
    batch.deliver(late, later(seconds=6))
    assert kinds(world.sns) == ["alert"]


def test_a_machine_gets_an_alert_late_if_the_end_has_not_reached_it_and_not_after_it() -> None:
    for has_end, sent in ((False, ["alert"]), (True, ["recovered"])):
        world = AlertingWorld(route=Route("default", channels=("events",)))
        world.machine.failures = [Retryable("no answer")]
        world.receives(message())
        world.opens(message(), IncidentState.RECOVERED)
        end = message(kind=MessageKind.RECOVERED)
        if has_end:
            world.receives(end)
        else:
            world.outbox.messages.append(end)
        world.fires(later(hours=1))
        assert kinds(world.machine) == sent


def test_what_a_program_was_sent_is_read_only_of_an_incident_that_is_over() -> None:
    world, reads = AlertingWorld(route=Route("default", channels=("events",))), list[str]()
    of_incident = world.outbox.of_incident

    def counted(job: str, incident: str) -> object:
        reads.append(incident)
        return of_incident(job, incident)

    world.outbox.of_incident = counted  # type: ignore[method-assign, assignment]
    world.opens(message())
    world.receives(message())
    assert (kinds(world.machine), reads) == (["alert"], [])
    world.opens(message(2), IncidentState.RECOVERED)
    world.receives(message(2))
    assert (kinds(world.machine), reads) == (["alert", "alert"], ["incident-2"])
