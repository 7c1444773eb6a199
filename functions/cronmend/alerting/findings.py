"""Which findings are new, which people are to be told, and the message about them. Pure."""

from collections.abc import Sequence, Set
from copy import replace
from datetime import datetime, time, timedelta
from typing import Final

from msgspec import Struct

from cronmend.alerting import headlines, reports
from cronmend.alerting.quiet_hours import QuietHours
from cronmend.jobs.zones import time_zone
from cronmend.model import Category
from cronmend.model.findings import MEMORY, SUBJECTS, Finding, FindingKind, KnownFinding, Looked, OnFinding
from cronmend.model.keys import stable_key
from cronmend.model.report import Message, MessageKind, Report, Stage

SEEN_FOR: Final = timedelta(minutes=50)
"""How long something has to be found before people are told: a deploy or a change by hand may be half done."""
SEEN_FOR_IF_NEAR: Final = timedelta(minutes=9)
"""The same if the run that will fail is nearer than the next look."""
NEAR: Final = timedelta(hours=1)
_NIGHT: Final = QuietHours(time(18), time(8))
"""The hours in which people aren't told of what can wait."""
SEVERITY: Final = "info"
"""Of a note."""


class Changes(Struct, frozen=True):
    """What an examination means for the findings of its kinds."""

    current: tuple[KnownFinding, ...] = ()
    """All that are found now."""
    new: tuple[KnownFinding, ...] = ()
    """Those that aren't stored like this."""
    ended: tuple[KnownFinding, ...] = ()
    """Those that are found no longer, since now."""
    forgotten: tuple[Finding, ...] = ()
    """Those of which nothing is to be kept."""


def changes(known: Sequence[KnownFinding], looked: Looked, kinds: Set[FindingKind], now: datetime) -> Changes:
    ours = {each.finding.key: each for each in known if each.finding.kind in kinds}
    found = {each.key: each for each in looked.findings}
    current = {key: _of(each, ours.get(key), now) for key, each in found.items()}
    gone = [each for key, each in ours.items() if key not in found and each.finding.job not in looked.unread]
    return Changes(
        current=tuple(current.values()),
        new=tuple(each for key, each in current.items() if each != ours.get(key)),
        ended=tuple(replace(each, ended_at=now) for each in gone if each.ended_at is None),
        forgotten=tuple(each.finding for each in gone if _is_forgotten(each, now)),
    )


def is_to_be_told(known: KnownFinding, now: datetime) -> bool:
    """Once it was seen for long enough; of a failure that is foreseen by day, unless it comes before."""
    seen_for = SEEN_FOR_IF_NEAR if _is_near(known.finding, now) else SEEN_FOR
    return known.notified_at is None and now - known.found_at >= seen_for and not _can_wait(known.finding, now)


def is_awaited(known: KnownFinding, looked_at: datetime, now: datetime) -> bool:
    """Whether to look before the next hour is over: it is new and a run will fail before that, or it may be told by
    now, and the last look came too early for it, because another one was near."""
    if known.notified_at is not None:
        return False
    told_from = known.found_at + SEEN_FOR
    return _is_near(known.finding, now) if now < told_from else known.found_at < looked_at < told_from


def _is_near(finding: Finding, now: datetime) -> bool:
    return finding.before is not None and now < finding.before <= now + NEAR


def _can_wait(finding: Finding, now: datetime) -> bool:
    """Whether it is night in its zone, and the morning is early enough."""
    if not finding.zone:
        return False
    morning = replace(_NIGHT, timezone=str(time_zone(finding.zone, []))).until(now)
    return morning is not None and (finding.before is None or finding.before >= morning + NEAR)


def message(told: Sequence[KnownFinding], route: str, wanted: OnFinding, severity: str) -> Message:
    """One message about findings of one kind. Its key is theirs: it is written once.

    Args:
        severity: of the jobs, for an alert.
    """
    first = told[0].finding
    about = stable_key("/".join(f"{each.finding.key} {each.found_at.isoformat()}" for each in told), 0)
    report = _report([each.finding for each in told])
    if wanted is OnFinding.ALERT:
        report = replace(report, severity=severity, quiet=False)
    return Message(f"finding-{first.kind.value}", first.job, about, report, route)


def _of(finding: Finding, known: KnownFinding | None, now: datetime) -> KnownFinding:
    """One that people may be told of again is as new."""
    if known is None or (finding.kind in MEMORY and known.notified_at and _is_forgotten(known, now)):
        return KnownFinding(finding, now)
    return replace(known, finding=finding, ended_at=None)


def _is_forgotten(known: KnownFinding, now: datetime) -> bool:
    """Whether it no longer matters when people were told."""
    return known.notified_at is None or now - known.notified_at >= MEMORY.get(known.finding.kind, timedelta())


def _report(found: Sequence[Finding]) -> Report:
    headline = headlines.plain(_headline(found), _headline(found))
    return Report(
        kind=MessageKind.FINDING,
        job=found[0].job,
        headline=headline.long,
        category=Category.SUCCESS,
        what_happens="",
        advice=found[0].remedy if len(found) == 1 else "`cronmend findings` lists them, with what to do about each.",
        severity=SEVERITY,
        status=found[0].kind.value.replace("_", " "),
        command="cronmend findings",
        jobs=tuple(each.job for each in found[: reports.MOST_JOBS]) if len(found) > 1 else (),
        others=max(0, len(found) - reports.MOST_JOBS),
        stage=Stage.FOUND,
        quiet=True,
        short_headline=headline.shortened,
        summary=headline.summary,
    )


def _headline(found: Sequence[Finding]) -> str:
    first = found[0]
    if len(found) == 1:
        said = first.sentence.removesuffix(".")
        return f"{headlines.name_of(first.job)}: {said[:1].lower()}{said[1:]}"
    return f"{len(found)} {SUBJECTS[first.kind]}: {headlines.short([each.job for each in found], reports.NAMED)}"
