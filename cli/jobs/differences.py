"""Compare the file with the account: schedules that are missing, extra or different."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.jobs import target
from cli.jobs.answers import Answer, Home, override_of
from cli.jobs.job import Job
from cli.jobs.unmatched import Unmatched
from cronmend.jobs.start_dates import is_spent

_CASES = {"AwsvpcConfiguration": "awsvpcConfiguration", "CapacityProvider": "capacityProvider"}
_LOWER = {"Weight": "weight", "Base": "base"}
_COMPARED = ("Description", "ScheduleExpression", "ScheduleExpressionTimezone", "StartDate", "EndDate", "State")
_DEFAULTS: Mapping[str, Any] = {"TaskCount": 1, "EnableECSManagedTags": False, "EnableExecuteCommand": False}


@dataclass(frozen=True, slots=True)
class Difference:
    job: str
    what: str
    file: Any = ""
    live: Any = ""

    def __str__(self) -> str:
        values = f": {self.file!r} in the file, {self.live!r} in the account" if self.file != self.live else ""
        return f"{self.job}: {self.what}{values}"


def api_schedule(job: Job, home: Home, role: Any = "", queue: Any = "") -> dict[str, Any]:
    """GetSchedule's answer for a job that was deployed from the file; CloudFormation capitalizes keys differently."""
    schedule = target.schedule(job, role, queue, home.arn)
    name = home.arn("scheduler", f"schedule/{job.group}/{job.name}")
    api: dict[str, Any] = _in_api_case(schedule)
    return {"Name": job.name, "GroupName": job.group, "Arn": name, **api}


def differences(
    jobs: Iterable[Job], live: Iterable[Answer], home: Home, now: datetime | None = None
) -> Iterator[Difference]:
    """
    Args:
        live: the schedules of the jobs' group.
        now: a start date that is spent by then is no difference.
    """
    wanted = {job.name: job for job in jobs}
    there = {str(each["Name"]): each for each in live}
    for name, job in wanted.items():
        if job.managed and name not in there:
            yield Difference(job.id, "is not in the account; deploy the stack")
        elif job.managed:
            yield from _differences(job, _as_of(api_schedule(job, home), now), _as_of(there[name], now))
    for name in there.keys() - wanted.keys():
        yield Difference(f"{there[name].get('GroupName', 'default')}/{name}", _extra(there[name]))


def _as_of(schedule: Answer, now: datetime | None) -> Answer:
    """Without a spent start date. The file's dates are text, those of the account aren't."""
    start = schedule.get("StartDate")
    at = datetime.fromisoformat(start) if isinstance(start, str) else start
    gone = now is not None and is_spent(at, str(schedule["ScheduleExpression"]), now)
    return {key: value for key, value in schedule.items() if key != "StartDate"} if gone else schedule


def _extra(schedule: Answer) -> str:
    job = f'"{schedule.get("GroupName")}/{schedule["Name"]}"'
    if f'"value":{job}' in str((schedule.get("Target") or {}).get("Input", "")).replace(" ", ""):
        return "is in the account but not in the file; it was built from an older file"
    return "is in the account but not in the file; Cronmend doesn't change it, and managed = false gives it a policy"


def _differences(job: Job, file: Answer, live: Answer) -> Iterator[Difference]:
    pairs = [(field, _plain(file.get(field)), _plain(live.get(field))) for field in _COMPARED]
    pairs.append(("FlexibleTimeWindow", file["FlexibleTimeWindow"], live.get("FlexibleTimeWindow")))
    pairs.append(("Target.Arn", file["Target"]["Arn"], live["Target"].get("Arn")))
    pairs.append(("Target.RetryPolicy", file["Target"]["RetryPolicy"], live["Target"].get("RetryPolicy")))
    ours, theirs = ({**_DEFAULTS, **(each["Target"].get("EcsParameters") or {})} for each in (file, live))
    pairs += [(f"Target.EcsParameters.{key}", ours.get(key), theirs.get(key)) for key in sorted({*ours, *theirs})]
    for what, wanted, found in pairs:
        if _normal(wanted) != _normal(found):
            yield Difference(job.id, what, wanted, found)
    if override_of(file) != override_of(live):
        yield Difference(job.id, "Target.Input", override_of(file), override_of(live))
    if not (live["Target"].get("DeadLetterConfig") or {}).get("Arn"):
        yield Difference(job.id, "has no dead-letter queue, so a failed start leaves no trace")


def without_schedule(jobs: Iterable[Job], found: Unmatched) -> Iterator[Difference]:
    """A policy that no schedule has; a job that isn't deployed is a difference of its own."""
    for job in (job for job in jobs if not job.managed and job.id in found.policies):
        near = found.nearest(job.id)
        hint = f"; the nearest is {near}" if near else ""
        yield Difference(job.id, f"its policy matches no live schedule that starts a task{hint}")


def pinned_behind(job: Job, newest: int) -> Difference | None:
    """The difference of a job that is pinned to a revision that is no longer its family's newest."""
    pinned = int(job.task_definition.rpartition(":")[2]) if job.pinned else newest
    if pinned == newest:
        return None
    return Difference(job.id, "the pinned revision isn't the family's newest", pinned, newest)


def _plain(value: Any) -> Any:
    if hasattr(value, "astimezone"):
        return target.as_utc(value)
    return value or None


def _normal(value: Any) -> Any:
    """The order of subnets and groups has no meaning."""
    if isinstance(value, Mapping):
        return {key: _normal(item) for key, item in value.items()}
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return sorted(value)
    return value


def _in_api_case(value: Any) -> Any:
    if isinstance(value, Mapping):
        provider = "CapacityProvider" in value
        names = {**_CASES, **(_LOWER if provider else {})}
        return {names.get(key, key): _in_api_case(item) for key, item in value.items()}
    return [_in_api_case(item) for item in value] if isinstance(value, list) else value
