"""What happened to a job, from its records: the latest incident as a story, its log, and who was notified. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, field

from cronmend.alerting import advice, headlines
from cronmend.alerting.console_links import log as log_link
from cronmend.alerting.console_links import task as task_link
from cronmend.alerting.conversations import UNOFFERED, Delivery
from cronmend.board.times import clock, length
from cronmend.diagnosis.marks import marked
from cronmend.healing.messages import kind_of_alert
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Category
from cronmend.model.incident import Attempt, Incident, IncidentState, RunRecord
from cronmend.model.report import Message
from cronmend.wording import nth_run, sentence, span


class Records(Struct, frozen=True):
    """What the ledger has about one job besides its state."""

    job: str
    incidents: Sequence[Incident] = ()
    """The latest first."""
    runs: Sequence[RunRecord] = ()
    """The latest first."""
    attempts: Sequence[Attempt] = ()
    """Of the latest incident."""
    messages: Sequence[tuple[Message, Mapping[str, Delivery]]] = ()
    """Those of the latest incident, with their delivery by channel."""
    policy: JobPolicy = field(default_factory=JobPolicy)


class Kind(StrEnum):
    DEPLOY = "deploy"
    FAILED = "failed"
    CRONMEND = "cronmend"
    SUCCEEDED = "succeeded"


class Moment(Struct, frozen=True):
    at: datetime
    kind: Kind
    what: str
    why: str = ""


class Sent(Struct, frozen=True):
    """A message, and what one channel did with it; ``channel`` is ``""`` if it was offered to none yet."""

    channel: str
    what: str
    at: datetime | None
    answer: str


class Earlier(Struct, frozen=True):
    """An incident before the latest one; without the re-runs and messages, which are read of the latest alone."""

    title: str
    moments: Sequence[Moment]


class Story(Struct, frozen=True):
    """The latest incident."""

    title: str
    moments: Sequence[Moment]
    excerpt: Sequence[str]
    marked: int | None
    """The index of the line that decided."""
    decided: str
    """Category and rule."""
    advice: str
    sent: Sequence[Sent]
    links: Sequence[tuple[str, str]]
    command: str


def story(records: Records, now: datetime) -> Story | None:
    """None if the job has had no incident."""
    if not records.incidents:
        return None
    incident, *_ = records.incidents
    excerpt = incident.diagnosis.excerpt
    return Story(
        title=title(incident, now),
        moments=_in_order(records, incident, now),
        excerpt=excerpt,
        marked=marked(excerpt),
        decided=f"{incident.category.value}, rule {incident.diagnosis.rule}",
        advice=advice.of(incident, kind_of_alert(incident)) if incident.is_open else "",
        sent=tuple(_sent(records.messages, now)),
        links=tuple(_links(incident)),
        command=advice.command(incident),
    )


def earlier(records: Records, now: datetime) -> Sequence[Earlier]:
    """The latest first."""
    return [Earlier(title(each, now), _in_order(records, each, now)) for each in records.incidents[1:]]


def title(incident: Incident, now: datetime) -> str:
    """An incident in a line."""
    ended = {IncidentState.HEALED: "healed by a re-run", IncidentState.RECOVERED: "a later run succeeded"}
    cause = headlines.what_failed(incident, kind_of_alert(incident)) if incident.is_open else _cause(incident)
    return f"{clock(incident.began_at, now)}: {'; '.join(filter(None, (cause, ended.get(incident.state, 'open'))))}"


def _cause(incident: Incident) -> str:
    """Without the state of the deploy, which was another one then."""
    return incident.diagnosis.cause or incident.category.traits.cause


def _in_order(records: Records, incident: Incident, now: datetime) -> Sequence[Moment]:
    return sorted(_moments(records, incident, now), key=lambda each: each.at)


def _moments(records: Records, incident: Incident, now: datetime) -> Iterator[Moment]:
    window = incident.diagnosis.window
    if window.since:
        yield Moment(window.since, Kind.DEPLOY, "A deploy started", sentence(window.reason))
    if window.ended_at:
        yield Moment(
            window.ended_at, Kind.DEPLOY, "The deploy ended", sentence(window.proof.value if window.proof else "")
        )
    for run in records.runs:
        if run.incident == incident.id:
            yield from _of_run(run)
    for attempt in records.attempts:
        if attempt.incident == incident.id:
            yield _of_attempt(attempt, incident)
    yield from _coming(incident, now)


def _of_run(run: RunRecord) -> Iterator[Moment]:
    took = _took(run)
    if run.category is Category.SUCCESS:
        yield Moment(run.stopped_at, Kind.SUCCEEDED, f"Run {run.attempt} succeeded{took}", _reasons(run))
        return
    yield Moment(
        run.stopped_at, Kind.FAILED, f"Run {run.attempt} failed{took}", sentence(run.full_sentence.rstrip("."))
    )
    yield Moment(run.recorded_at or run.stopped_at, Kind.CRONMEND, _planned(run), _reasons(run))


def _planned(run: RunRecord) -> str:
    if run.action == "alert" and run.held_until:
        return "Cronmend held the alert"
    words = {"rerun": "Cronmend planned a re-run", "alert": "Cronmend planned no re-run"}
    return words.get(run.action, "Cronmend waited")


def _took(run: RunRecord) -> str:
    if run.ran is False:
        return ": its code never ran"
    if run.created_at is None:
        return ""
    return f", {length(int((run.stopped_at - run.created_at).total_seconds()))} after its creation"


def _reasons(run: RunRecord) -> str:
    return " ".join(sentence(reason) for reason in run.reasons)


def _of_attempt(attempt: Attempt, incident: Incident) -> Moment:
    by = f"{attempt.by} ran the job" if attempt.by else "Cronmend ran the job again"
    window = sentence(attempt.window.reason) if attempt.window else ""
    guards = f"Every guard agreed: {nth_run(attempt.number, incident.most_runs)}, policy {incident.policy.value}."
    return Moment(attempt.claimed_at, Kind.CRONMEND, by, " ".join(filter(None, (window, "" if attempt.by else guards))))


def _coming(incident: Incident, now: datetime) -> Iterator[Moment]:
    if planned := incident.planned:
        what = f"{nth_run(planned.attempt, incident.most_runs).capitalize()} is planned"
        waits = "Earlier if the deploy ends before." if incident.diagnosis.waits_for_deploy else ""
        yield Moment(planned.at, Kind.CRONMEND, what, f"{_in(planned.at, now)} {waits}".strip())
    if held := incident.held_until:
        yield Moment(
            held, Kind.CRONMEND, "The alert is held until then", f"{_in(held, now)} It is sent unless the job heals."
        )


def _in(at: datetime, now: datetime) -> str:
    return f"In {span(at - now)}." if at > now else "Due now."


def _sent(messages: Sequence[tuple[Message, Mapping[str, Delivery]]], now: datetime) -> Iterator[Sent]:
    for message, deliveries in messages:
        if not deliveries:
            yield Sent("", message.report.headline, None, UNOFFERED)
        for channel, delivery in sorted(deliveries.items()):
            answer = delivery.answer(lambda at: clock(at, now))
            yield Sent(channel, message.report.headline, delivery.at, answer)


def _links(incident: Incident) -> Iterator[tuple[str, str]]:
    failed, arn = incident.failed, incident.cluster_arn
    if failed and failed.log:
        end = failed.ended_at or failed.created_at + timedelta(hours=1)
        yield "Log in CloudWatch", log_link(arn, failed.log, failed.created_at, end)
    if failed and incident.has_task:
        yield "Task in ECS", task_link(arn, failed.task_id)
