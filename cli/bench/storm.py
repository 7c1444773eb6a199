"""``cronmend bench storm``: let many jobs fail at once, with all ports in memory, and count the messages."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.bench.storm_site import BEGAN, Definitions, MemoryTimers, World, failed, log_of, stopped_runs
from cronmend.alerting.routes import Route, Routes
from cronmend.jobs.policies import JobPolicy
from cronmend.model.alert_wakeups import AlertTimer
from cronmend.use_cases.failure_alert import AlertingPorts, DeliverMessages
from local.memory.alert_lookups import MemoryLookups
from local.memory.alerting import (
    MemoryAlertPromises,
    MemoryChannel,
    MemoryConversations,
    MemoryDeadLetters,
    MemoryHealth,
    MemoryMutes,
    MemoryOutbox,
    MemoryThreads,
    by_name,
)
from local.memory.ledger import MemoryLedger

BATCH = 100
"""Messages for each call of ``failure_alert``, as in the template."""
SPREAD = timedelta(minutes=1)
AFTER = timedelta(hours=2)
"""Until the last conversation is flushed."""


@dataclass(frozen=True, slots=True)
class Storm:
    """``messages``: new messages in all channels; ``updates``: changes of earlier messages."""

    failures: int
    records: int
    findable: int
    """Jobs that have an open incident and a conversation in the ledger."""
    messages: int
    updates: int
    first_after: float
    """Seconds of simulated time from the first failure to the first message."""
    seconds: float


def storm(failures: int, causes: int, progress: Callable[[int], None]) -> Storm:
    """Let ``failures`` jobs fail within a minute, of ``causes`` different causes."""
    started = time.perf_counter()
    world = World(lambda stream: log_of(int(stream.rsplit("-", 1)[-1]) % causes))
    ledger, conversations, outbox = MemoryLedger(), MemoryConversations(), MemoryOutbox()
    timers = MemoryTimers[AlertTimer]()
    slack, sns = MemoryThreads("slack", gap=timedelta(seconds=1)), MemoryChannel("sns")
    stopped, alerting = (
        stopped_runs(world, ledger, Definitions(), world),
        _alerting(ledger, timers, conversations, outbox, slack, sns),
    )
    first = BEGAN
    for number in range(failures):
        at = BEGAN + SPREAD * number / failures
        stopped.handle(failed(number, at), at)
        if (number + 1) % BATCH == 0 or number + 1 == failures:
            first = _delivered(alerting, ledger, outbox, slack, at, first)
            progress(number + 1)
    for timer in timers.fire(BEGAN + AFTER):
        _, changed = alerting.wake(timer, timer.at)
        alerting.refresh(changed, timer.at)
    members_in_slack = sum(
        len(members) for conversation, members in conversations.joined.items() if conversation.startswith("slack#")
    )
    updates = sum(each.replaced is not None for each in slack.sent)
    return Storm(
        failures=failures,
        records=len(ledger.runs),
        findable=min(members_in_slack, sum(job_state.incident is not None for job_state in ledger.job_states.values())),
        messages=len(slack.sent) - updates + len(sns.sent),
        updates=updates,
        first_after=(first - BEGAN).total_seconds(),
        seconds=round(time.perf_counter() - started, 2),
    )


def _delivered(
    alerting: DeliverMessages,
    ledger: MemoryLedger,
    outbox: MemoryOutbox,
    slack: MemoryChannel,
    at: datetime,
    first: datetime,
) -> datetime:
    """Deliver one batch of the stream; returns when the first message was sent: at the end of the first batch."""
    sent_before = bool(slack.sent)
    batch, ledger.messages = ledger.messages, []
    outbox.messages += batch
    changed = [conversation for message in batch for conversation in alerting.deliver(message, at)]
    alerting.refresh(changed, at)
    return first if sent_before else at


def _alerting(
    ledger: MemoryLedger,
    timers: MemoryTimers[AlertTimer],
    conversations: MemoryConversations,
    outbox: MemoryOutbox,
    slack: MemoryChannel,
    sns: MemoryChannel,
) -> DeliverMessages:
    ports = AlertingPorts(
        channel=by_name(slack, sns),
        outbox=outbox,
        lookups=MemoryLookups(ledger, outbox, conversations),
        conversations=conversations,
        rate_limit=conversations.rate_limit,
        mutes=MemoryMutes(),
        health=MemoryHealth(),
        dead_letters=MemoryDeadLetters(),
        job_states=ledger,
        timers=timers,
        promises=MemoryAlertPromises(),
        pause=lambda seconds: None,
    )
    routes = Routes({"default": Route("default", channels=("slack", "sns"))})
    return DeliverMessages.over(ports, routes, JobPolicy)
