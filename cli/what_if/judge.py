"""Two replays of one past → what Cronmend would have changed, failure by failure. Pure.

In the first replay, a re-run that nothing in the past decides fails; in the second, it succeeds. What is equal in both
is known; what differs is told as a doubt.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import replace
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cli.what_if.ending import End
from cli.what_if.past import DatedLog, Past
from cli.what_if.replay import Played, Replay
from cli.what_if.reruns import Doubt, Trust
from cli.what_if.runs import PastRun, runs_of
from cronmend.alerting.render.text import clip
from cronmend.diagnosis.steps import IN_DEPLOY
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Category, Policy
from cronmend.model.incident import IncidentState, RunRecord
from cronmend.redact import redact

_TAIL: Final = 20
"""Lines of its log that a case shows."""
_LONGEST: Final = 2_000
"""Characters of such a line; CloudWatch Logs takes a million."""
_NEVER_STARTED: Final = "never-started-"


class Result(StrEnum):
    """What would have become of a failure."""

    HEALED = "healed"
    """A re-run would have succeeded, as far as AWS shows."""
    MAY_HEAL = "may_heal"
    """A re-run would have been made, and nothing shows whether it would have succeeded."""
    RECOVERED = "recovered"
    """Without a re-run: the job's next run succeeded before the held alert was due."""
    ALERT = "alert"
    REPEATED = "repeated"
    """One of several failures of an incident, without an alert of its own."""
    SILENT = "silent"
    """Stopped on purpose."""


@dataclass(frozen=True, slots=True)
class Case:
    """A failure. Its texts are redacted."""

    number: int
    """From 1 on, oldest first."""
    job: str
    at: datetime
    """When the run was created."""
    task_id: str
    """``""`` if no task was started."""
    task_definition: str
    ending: str
    """How the past shows that it failed, as a clause."""
    category: Category
    rule: str
    line: str
    sentence: str
    deploy: str
    """The state of the deploy, as a clause; ``""`` if it didn't matter."""
    by_deploy: bool
    reasons: tuple[str, ...]
    """What Cronmend would have planned, and why."""
    reruns: tuple[datetime, ...]
    """When Cronmend would have run the job again."""
    result: Result
    log: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    since: datetime
    until: datetime
    jobs: int
    ends: Mapping[End, int]
    not_known: Mapping[str, int]
    """Why the end of a run isn't known → how many runs."""
    cases: tuple[Case, ...]
    alerts: tuple[int, int]
    """The least and the most that Cronmend would have sent."""
    errors: tuple[str, ...]

    @property
    def runs(self) -> int:
        return sum(self.ends.values())


def what_if(past: Past, policy: Policy, migrates_before_rollout: bool) -> WhatIf:
    runs, policies = runs_of(past), JobPolicy(rerun=policy)
    doubts = (Trust(each, migrates_before_rollout) for each in (Doubt.FAILS, Doubt.SUCCEEDS))
    sure, hoped = (Replay(past, policies, trust, runs).play() for trust in doubts)
    cases = sorted((*_failed(runs, past, sure, hoped), *_refused(sure, hoped)), key=lambda each: each.at)
    ends = {**dict.fromkeys(End, 0), **Counter(each.ending.end for each in runs)}
    ends[End.FAILED] = len(cases)
    alerts = sorted((len(hoped.alerts), len(sure.alerts)))
    return WhatIf(
        since=past.since,
        until=past.until,
        jobs=len({each.job for each in runs} | {each.job for each in cases}),
        ends=ends,
        not_known=Counter(each.ending.why for each in runs if each.ending.end is End.NOT_KNOWN),
        cases=tuple(replace(each, number=number) for number, each in enumerate(cases, start=1)),
        alerts=(alerts[0], alerts[1]),
        errors=tuple(dict.fromkeys((*sure.errors, *hoped.errors))),
    )


def _failed(runs: Sequence[PastRun], past: Past, sure: Played, hoped: Played) -> Iterator[Case]:
    for run in runs:
        if run.ending.end is End.FAILED:
            record = sure.records[run.start.task_id]
            log = past.logs[run.start.task_arn]
            lines = log.lines if isinstance(log, DatedLog) else ()
            tail = map(_shown, redact("\n".join(lines[-_TAIL:])).split("\n")) if lines else ()
            case = _case(record, sure, hoped)
            yield replace(case, at=run.start.at, task_id=run.start.task_id, ending=run.ending.why, log=tuple(tail))


def _shown(line: str) -> str:
    return clip(line, _LONGEST)


def _refused(sure: Played, hoped: Played) -> Iterator[Case]:
    for key, record in sure.records.items():
        if key.startswith(_NEVER_STARTED):
            yield _case(record, sure, hoped)


def _case(record: RunRecord, sure: Played, hoped: Played) -> Case:
    return Case(
        number=0,
        job=record.job,
        at=record.created_at or record.stopped_at,
        task_id="",
        task_definition=record.task_definition,
        ending="CloudTrail shows that no task was started",
        category=record.category,
        rule=record.rule,
        line=record.line,
        sentence=record.sentence,
        deploy=record.window.reason if record.asks_for_deploy else "",
        by_deploy=_is_by_deploy(record),
        reasons=record.reasons,
        reruns=_reruns(record, sure) or _reruns(record, hoped),
        result=_result(record, sure, hoped),
        log=(),
    )


def _reruns(record: RunRecord, played: Played) -> tuple[datetime, ...]:
    """Those between this failure and the next one of its incident."""
    again = played.records[record.task_id]
    known = (played.records[key] for key in played.failures_of(again.incident)) if again.incident else ()
    later = [at for each in known if (at := each.created_at) and record.created_at and at > record.created_at]
    since = record.created_at or record.stopped_at
    until = min(later, default=None)
    found = played.reruns.get(again.incident, ())
    return tuple(at for at in found if at >= since and (until is None or at < until))


def _is_by_deploy(record: RunRecord) -> bool:
    may = record.deploy_may_explain and record.window.state in IN_DEPLOY
    return record.category is Category.DEPLOY_RACE or may


def _result(record: RunRecord, sure: Played, hoped: Played) -> Result:
    """What became of the incident is what became of its last failure; its alert is that of the first."""
    if record.category.traits.silent:
        return Result.SILENT
    if not record.incident:
        return Result.RECOVERED
    if _heals(record, sure):
        return Result.HEALED
    if _heals(record, hoped):
        return Result.MAY_HEAL
    failures = sure.failures_of(record.incident)
    if any(each.incident == record.incident for each in sure.alerts):
        return Result.ALERT if record.task_id == failures[0] else Result.REPEATED
    return Result.RECOVERED if record.task_id == failures[-1] else Result.REPEATED


def _heals(record: RunRecord, played: Played) -> bool:
    """Whether a re-run ends the failure's incident, and it is the last failure of it."""
    again = played.records[record.task_id]
    if not again.incident or played.failures_of(again.incident)[-1] != again.task_id:
        return False
    return played.incidents[again.incident].state is IncidentState.HEALED
