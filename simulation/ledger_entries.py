"""Convert a real ledger's items to the entries that the checker reads, as far as the ledger has them."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import from_item
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.jobs.identity import OWN
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Category, WindowState
from cronmend.model.incident import Attempt, RunRecord
from cronmend.model.mutes import Mute
from cronmend.model.report import Message, MessageKind, Report
from simulation.sight import Entry

NOTIFIED = frozenset({DeliveryState.SENT, DeliveryState.JOINED})


def entries_of(raw: Iterable[Mapping[str, Any]], policy: Callable[[str], JobPolicy], now: datetime) -> list[Entry]:
    """The entries in order, with ``end`` last.

    Args:
        raw: the table's items in DynamoDB's own form.
        policy: the policy of a job by its ID.

    Raises:
        NewerForm: a newer version of Cronmend wrote an item.
    """
    items = [stored_form.read(each) for each in raw]
    attempts = {each.key: each for each in _all(items, "attempt", Attempt)}
    runs = _all(items, "run", RunRecord)
    found = [_job(job, policy(job)) for job in sorted({run.job for run in runs})]
    for run in runs:
        found += _of_run(run, attempts.get(run.started_by.removeprefix(OWN)))
    found += [_asked(each) for each in attempts.values() if each.by]
    for item in items:
        if "message" in item:
            found += _of_message(from_item(Message, item["message"]), item.get("delivered", {}), runs)
    found += _muted(_all(items, "mute", Mute), sorted({run.job for run in runs}))
    return [*sorted(found, key=lambda each: float(each["at"])), {"at": now.timestamp(), "what": "end"}]


def _all[T: Struct](items: Sequence[Mapping[str, Any]], name: str, kind: type[T]) -> list[T]:
    return [from_item(kind, item[name]) for item in items if item.get("kind") == name]


def _job(job: str, policy: JobPolicy) -> Entry:
    return {
        "at": 0.0,
        "what": "job",
        "job": job,
        "kept": job.rsplit("/", 1)[-1][:19],
        "policy": policy.rerun.value,
        "attempts": policy.attempts,
        "deadline": policy.deadline.total_seconds(),
        "stale": policy.stale_after.total_seconds(),
        "channels": [],
    }


def _of_run(run: RunRecord, attempt: Attempt | None) -> Iterator[Entry]:
    """Slots, targets and the states of schedules aren't kept."""
    created = (run.created_at or run.stopped_at).timestamp()
    own = run.started_by.startswith(OWN)
    facts: Entry = {"task": run.task_id, "job": run.job}
    yield {
        **facts,
        "at": created,
        "what": "started",
        "by": "cronmend" if own else "schedule",
        "started_by": run.started_by,
        "attempt": "" if attempt is None else attempt.incident,
    }
    yield {
        **facts,
        "at": run.stopped_at.timestamp(),
        "what": "stopped",
        "cause": run.category.value,
        "passes": run.category.traits.heals,
        "ran": run.ran is not False,
        "known": run.category is not Category.UNKNOWN,
        "maybe": _maybe(run),
        "delivered": True,
        "policy": run.policy.value if run.policy else "",
    }
    yield {**facts, "at": (run.recorded_at or run.stopped_at).timestamp(), "what": "recorded"}


def _maybe(run: RunRecord) -> str:
    """A passing cause needs no deploy to be repeated."""
    if run.category.traits.heals or not run.deploy_may_explain:
        return ""
    return "deploy" if run.window.state in {WindowState.OPEN, WindowState.RECENT} else "alone"


def _asked(attempt: Attempt) -> Entry:
    """Whether the person overrode guards isn't kept, so it is assumed."""
    return {"at": attempt.claimed_at.timestamp(), "what": "asked", "job": attempt.job, "id": attempt.key, "force": True}


def _of_message(message: Message, delivered: Mapping[str, Any], runs: Sequence[RunRecord]) -> Iterator[Entry]:
    """The ledger doesn't keep when it was written, so the time of its first delivery is used."""
    report = message.report
    shown: Entry = {"kind": report.kind.value, "incident": message.incident, "text": report.headline}
    jobs = jobs_of(report)
    known = {channel: from_item(Delivery, each) for channel, each in delivered.items()}
    if first := min((each.at for each in known.values()), default=None):
        yield {**shown, "at": first.timestamp(), "what": "wrote", "job": message.job, "jobs": jobs}
    for channel, delivery in known.items():
        facts = {"at": delivery.at.timestamp(), "channel": channel, "jobs": jobs}
        if delivery.state in NOTIFIED:
            yield {**shown, **facts, "what": "seen", "stage": stage_of(report)}
        if delivery.state is DeliveryState.FAILED:
            yield {**facts, "what": "undelivered", "queue": "undelivered", "job": message.job}


def jobs_of(report: Report) -> list[str]:
    """The jobs that it is about: those of a group, or its own."""
    return list(report.jobs or (report.job,))


def stage_of(report: Report) -> str:
    """Of the incident that it is about; ``""`` for a note, which is about none and may be over, too."""
    return "" if report.kind is MessageKind.NOTE else report.stage.value


def _muted(mutes: Iterable[Mute], jobs: Sequence[str]) -> Iterator[Entry]:
    for mute in mutes:
        for job in jobs:
            if mute.covers(job):
                yield {"at": 0.0, "what": "muted", "job": job, "until": mute.until.timestamp()}
