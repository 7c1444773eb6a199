"""What people are sent about schedules that follow a service. Pure."""

from collections.abc import Sequence

from cronmend.alerting import advice, headlines, reports
from cronmend.deploys.following import Following, Wait
from cronmend.model import Category
from cronmend.model.keys import stable_key
from cronmend.model.report import Message, MessageKind, Report, Stage
from cronmend.wording import sentence, times


def moved(rows: Sequence[Following]) -> Message:
    """One quiet line for schedules that were moved to the same revision of a service."""
    latest, names = rows[0].moves[-1], headlines.short(sorted(row.job for row in rows), reports.NAMED)
    one = len(rows) == 1
    who = names if one else f"{times(len(rows), 'schedule')} ({names})"
    how = f"runs {latest.to}" if one else f"run {latest.to}"
    now = f"{who} {how} again: service {latest.service} was rolled back"
    if not latest.back:
        now = f"{who} now {how}, as service {latest.service} does"
    job = rows[0].job if one else times(len(rows), "job")
    report = _note(job, now, f"Cronmend moved the schedule: {latest.reason}.", advice.NO_ACTION, quiet=True)
    return Message(
        _key(*(f"{row.job}@{row.version} {row.moves[-1].at.isoformat()}" for row in rows)), job, "moved", report
    )


def left_alone(row: Following, wait: Wait) -> Message:
    """A schedule that Cronmend doesn't move, though it follows."""
    name, reason = headlines.name_of(row.job), wait.reason
    asks = (
        f"See `cronmend follow`. To move {name} now, set its task definition yourself. "
        "If a tool such as Terraform writes it, let the tool ignore changes of the schedule's task definition."
    )
    report = _note(row.job, f"{name} doesn't follow its service: {reason}", sentence(reason), asks)
    return Message(_key(f"{row.job}@{row.version} {wait.tell}"), row.job, "left_alone", report)


def _note(job: str, headline: str, what_happens: str, asks: str, *, quiet: bool = False) -> Report:
    plain = headlines.plain(headline, headline)
    return Report(
        kind=MessageKind.NOTE,
        job=job,
        headline=plain.long,
        category=Category.SUCCESS if quiet else Category.CONFIGURATION_ERROR,
        what_happens=what_happens,
        advice=asks,
        severity="info" if quiet else "warning",
        status="moved" if quiet else "not moved",
        command="cronmend follow",
        stage=Stage.OVER if quiet else Stage.FAILED,
        quiet=quiet,
        short_headline=plain.shortened,
        summary=plain.summary,
    )


def _key(*about: str) -> str:
    """The same after a crash, when the rows are read again; another one the next time, also of a row that was removed
    meanwhile and begins again with version 0."""
    return f"follow-{stable_key('/'.join(sorted(about)), 0)}"
