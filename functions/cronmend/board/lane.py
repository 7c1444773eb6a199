"""The deploys of the last day or another span, from notes about them and from failures that one explains. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import replace
from datetime import datetime, timedelta
from itertools import groupby

from cronmend.board.model import BrokenJob, Lane, LaneDeploy
from cronmend.deploys import DeployNote, Phase
from cronmend.model import Signal
from cronmend.model.incident import JobState
from cronmend.model.past_runs import PastRun, RunResult
from cronmend.redact import redact

SHOWN = timedelta(hours=24)
"""Unless the reader chooses another span."""
_AFTER = timedelta(minutes=10)
"""How long after a deploy's end a failure is still put down to it."""
_OPEN = timedelta(hours=1)
"""How long a deploy is shown whose end was not reported."""
_TOGETHER = timedelta(minutes=30)
"""Failures in a deploy of which no note is known are of one deploy if they are no further apart."""


def lane(
    notes: Iterable[DeployNote],
    states: Mapping[str, JobState],
    now: datetime,
    span: tuple[datetime, datetime] | None = None,
) -> Lane:
    """The deploys that the notes report, and those that only failures show, oldest first.

    Args:
        span: its start and end; the last 24 hours if None.
    """
    start, end = span or (now - SHOWN, now)
    failures = sorted(_failures(states, start), key=lambda each: each.failed_at)
    reported = [_with_broken(each, failures, now) for each in _reported(notes)]
    known = {(each.job, each.failed_at) for deploy in reported for each in deploy.broken}
    unreported = [each for each in failures if (each.job, each.failed_at) not in known]
    deploys = [*reported, *_unreported(unreported)]
    shown = sorted((each for each in deploys if start <= each.since <= end), key=lambda each: each.since)
    return Lane(start, end, shown, next((each for each in reversed(shown) if each.broken), None))


def is_in_deploy(deploys: Iterable[LaneDeploy], at: datetime, now: datetime) -> bool:
    return any(each.since <= at <= (each.ended_at or _shown_until(each, now)) for each in deploys)


def _shown_until(deploy: LaneDeploy, now: datetime) -> datetime:
    """Of a deploy whose end was not reported."""
    return min(now, deploy.since + _OPEN)


def _failures(states: Mapping[str, JobState], since: datetime) -> Iterator[BrokenJob]:
    """The failures in a deploy since then."""
    for job, state in states.items():
        for run in state.past.runs:
            if run.in_deploy and run.at >= since:
                yield BrokenJob(job, _precise(run, state), _healed_at(run))


def _precise(run: PastRun, state: JobState) -> datetime:
    """The start to the second, if the incident keeps it."""
    began = state.incident.began_at if state.incident else run.at
    return began if timedelta() <= began - run.at < timedelta(minutes=1) else run.at


def _healed_at(run: PastRun) -> datetime | None:
    if run.result is not RunResult.HEALED or run.healed_after is None:
        return None
    return run.at + timedelta(seconds=run.healed_after)


def _reported(notes: Iterable[DeployNote]) -> Iterator[LaneDeploy]:
    for note in notes:
        what = f"{note.source} " if note.source else "migration " if note.signal is Signal.MIGRATION_TASK else ""
        for each in note.earlier:
            yield LaneDeploy(
                redact(f"{what}{each.key}".strip()), each.since, each.ended_at, each.phase is Phase.FAILED, None
            )
        migrated = note.at if note.phase is Phase.MIGRATED else None
        ended = note.at if note.is_over else None
        yield LaneDeploy(redact(f"{what}{note.key}".strip()), note.since, ended, note.phase is Phase.FAILED, migrated)


def _with_broken(deploy: LaneDeploy, failures: Sequence[BrokenJob], now: datetime) -> LaneDeploy:
    until = deploy.ended_at + _AFTER if deploy.ended_at else _shown_until(deploy, now)
    minute = deploy.since.replace(second=0, microsecond=0)
    return replace(deploy, broken=tuple(each for each in failures if minute <= each.failed_at <= until))


def _unreported(failures: Sequence[BrokenJob]) -> Iterator[LaneDeploy]:
    """Its start is the first failure, its end the last time that one healed."""
    starts: list[datetime] = []
    for each in failures:
        starts.append(starts[-1] if starts and each.failed_at - starts[-1] < _TOGETHER else each.failed_at)
    for start, group in groupby(zip(starts, failures, strict=True), key=lambda each: each[0]):
        broken = tuple(failure for _, failure in group)
        healed = [each.healed_at for each in broken]
        ended = max(filter(None, healed)) if all(healed) else None
        yield LaneDeploy("", start, ended, failed=False, migrated_at=None, broken=broken)
