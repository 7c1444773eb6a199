"""Check one job as a whole: its own keys merged over the shared ones."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

from cli.jobs.check_values import (
    date_and_time,
    holds_secret,
    misshapen,
    past_start,
    schedule_mistakes,
    stop_without_limit,
    too_strict,
    weekday_numbers,
)
from cli.jobs.job import effective, jobs_of, override
from cli.jobs.keys import DEFAULT_GROUP
from cli.jobs.unix_cron import is_unix, translated
from cli.toml_files.kinds import as_duration, as_list, duration
from cli.toml_files.source import Finding, Source
from cronmend.jobs import cron
from cronmend.jobs.cron import Rate, Schedule
from cronmend.jobs.fargate_sizes import SIZES
from cronmend.jobs.identity import JOB_VARIABLE, SLOT_VARIABLE
from cronmend.model.slos import Slo

MAX_OVERRIDE = 8192
_NEEDED = {
    "schedule": 'write schedule = "cron(0 * * * ? *)"',
    "task_definition": 'write task_definition = "webapp" here or in [defaults]',
    "container": 'write container = "web": the name of the container in the task definition, not the image\'s',
    "cluster": 'write cluster = "app-prod" here or in [defaults]',
}
_SHELL = re.compile(r"&&|\|\|?|[<>;]|`|\$[A-Za-z({]")
_READABLE = "looks like a secret, and anyone who can read the schedule can read it"
_SECRETS = "put it under secrets in the task definition"
_OFTEN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class WrongKeys:
    """The keys with a wrong value, under the job and under [defaults]."""

    own: frozenset[str]
    shared: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Job:
    """A job's values in force, without the wrong ones."""

    source: Source
    name: str
    values: Mapping[str, Any]
    wrong: frozenset[str]
    now: datetime

    def finding(self, key: str, problem: str, remedy: str, *, warning: bool = False) -> Finding:
        return Finding(self.source.location_of(self.name, key), f"jobs.{self.name}.{key}", problem, remedy, warning)


def job_findings(source: Source, name: str, wrong: WrongKeys, now: datetime) -> Iterator[Finding]:
    own, shared = source.tables["jobs"][name], source.tables.get("defaults", {})
    if not isinstance(own, Mapping) or not isinstance(shared, Mapping):
        return
    # A table with one wrong value in it can still be checked as a whole.
    values = effective(_without(shared, wrong.shared), _without(own, wrong.own))
    job = _Job(source, name, values, wrong.own | (wrong.shared - own.keys()), now)
    if "." in name:
        problem = "the name has a dot; AWS doesn't document what startedBy then contains"
        yield Finding(source.location("jobs", name), f"jobs.{name}", problem, "use - instead", warning=True)
    if lacking := stop_without_limit(values):
        yield job.finding("on_overdue", *lacking)
    if values.get("managed") is False:
        return
    for check in (_needed, _network, _schedule, _size, _reference, _command, _environment, _platform, _length):
        yield from check(job)


def _without(table: Mapping[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in keys or _is_checked_by_item(key, value)}


def _is_checked_by_item(key: str, value: Any) -> bool:
    return key == "environment" and isinstance(value, Mapping)


def _needed(job: _Job) -> Iterator[Finding]:
    for key, remedy in _NEEDED.items():
        if key not in job.values and key not in job.wrong:
            yield Finding(job.source.location("jobs", job.name), f"jobs.{job.name}.{key}", "missing", remedy)


def _network(job: _Job) -> Iterator[Finding]:
    if _fargate(job) and "subnets" not in job.values and "subnets" not in job.wrong:
        location = job.source.location("jobs", job.name)
        remedy = 'write subnets = ["subnet-…"] here or in [defaults]'
        problem = "missing; a Fargate task uses the network mode awsvpc, which needs subnets"
        yield Finding(location, f"jobs.{job.name}.subnets", problem, remedy)
    for key in ("security_groups", "assign_public_ip"):
        if key in job.values and "subnets" not in job.values and "subnets" not in job.wrong and not _fargate(job):
            yield job.finding(key, "has no effect without subnets", "write subnets too, or remove this key")


def _fargate(job: _Job) -> bool:
    providers = job.values.get("capacity_providers")
    if providers:
        return any(each.get("provider", "").startswith("FARGATE") for each in providers)
    return bool(job.values.get("launch_type", "FARGATE") == "FARGATE")


def _schedule(job: _Job) -> Iterator[Finding]:
    expression = job.values.get("schedule")
    bounds = [date_and_time(job.values[key]) if key in job.values else None for key in ("start", "end")]
    if bounds[0] and bounds[1] and bounds[1] <= bounds[0]:
        yield job.finding("end", "is not after start", f"write a date and time after {bounds[0].isoformat()}")
        bounds = [None, None]
    if expression is None:
        return
    if found := past_start(str(expression), bounds[0], job.now):
        yield job.finding("start", *found, warning=True)
    timezone = job.values.get("timezone", "UTC")
    mistakes = schedule_mistakes(expression, timezone)
    for mistake in mistakes:
        key = "timezone" if mistake.field == "timezone" else "schedule"
        yield job.finding(key, f"{mistake.field} {mistake.value!r}: {mistake.problem}", mistake.remedy)
    if all(mistake.field == "timezone" for mistake in mistakes):
        schedule = cron.parse(translated(expression), "UTC" if mistakes else timezone, *bounds)
        if is_unix(expression):
            problem = f"the fields of a crontab, read as {schedule.expression}"
            yield job.finding("schedule", problem, "no action needed", warning=True)
        elif found := weekday_numbers(expression):
            yield job.finding("schedule", *found, warning=True)
        yield from _slots(job, schedule)
        yield from _slo(job, schedule)


def _slo(job: _Job, schedule: Schedule) -> Iterator[Finding]:
    """Only one of the job's own: a shared one may be too strict for a job that starts seldom."""
    own = "slo" in job.source.tables["jobs"][job.name] and "slo" not in job.wrong
    if own and (found := too_strict(Slo.read(job.values["slo"]), schedule, job.now)):
        yield job.finding("slo", *found, warning=True)


def _slots(job: _Job, schedule: Schedule) -> Iterator[Finding]:
    if isinstance(schedule, Rate):
        slots = [job.now, job.now + schedule.every] if not schedule.end or schedule.end > job.now else []
    else:
        slots = [slot.at.astimezone(UTC) for slot in islice(schedule.after(job.now), 50)]
    if not slots:
        problem = f"{schedule.expression} never fires" + (" before end" if schedule.end else " from now on")
        yield job.finding("schedule", problem, "write a date that exists and is in the future")
        return
    apart = min((later - earlier for earlier, later in pairwise(slots)), default=None)
    if apart is not None:
        yield from _too_often(job, apart)


def _too_often(job: _Job, apart: timedelta) -> Iterator[Finding]:
    limit = duration(job.values["max_runtime"]) if "max_runtime" in job.values else None
    if limit and limit > apart:
        problem = f"longer than the {as_duration(apart)} between two slots, so two runs may be active at once"
        yield job.finding(
            "max_runtime", problem, "write a shorter time, or a schedule that fires less often", warning=True
        )
    if apart < _OFTEN:
        problem = f"fires every {as_duration(apart)}, but starting a task takes about a minute"
        yield job.finding("schedule", problem, "write a longer interval, or run a service", warning=True)


def _size(job: _Job) -> Iterator[Finding]:
    cpu, memory = job.values.get("cpu"), job.values.get("memory")
    if not _fargate(job) or (cpu is None and memory is None) or {"cpu", "memory"} & job.wrong:
        return
    if cpu is None or memory is None:
        key, other = ("cpu", "memory") if memory is None else ("memory", "cpu")
        yield job.finding(key, "Fargate accepts only certain pairs of cpu and memory", f"write {other} too")
    elif cpu not in SIZES:
        near = min(SIZES, key=lambda size: abs(size - cpu))
        yield job.finding("cpu", f"Fargate has no size with {cpu} CPU units", f"write {near}")
    elif memory not in SIZES[cpu]:
        sizes = SIZES[cpu]
        allowed = ", ".join(map(str, sizes)) if len(sizes) < 5 else f"{sizes[0]}-{sizes[-1]} by {sizes[1] - sizes[0]}"
        yield job.finding(
            "memory", f"Fargate has no size with {cpu} CPU units and {memory} MiB", f"write one of {allowed}"
        )


def _reference(job: _Job) -> Iterator[Finding]:
    task, cluster = job.values.get("task_definition"), job.values.get("cluster")
    if task and (shape := misshapen(task, "task-definition", r"[\w-]{1,255}(:[1-9][0-9]*)?")):
        remedy = "write the family alone for its newest revision, or family:revision, such as webapp:12"
        yield job.finding("task_definition", shape, remedy)
    if cluster and (shape := misshapen(cluster, "cluster", r"[\w-]{1,255}")):
        yield job.finding(
            "cluster", shape, "write the cluster's name or its ARN, arn:aws:ecs:<region>:<account>:cluster/<name>"
        )
    if task and cluster and task.startswith("arn:") and cluster.startswith("arn:"):
        homes = ["/".join(arn.split(":")[3:5]) for arn in (task, cluster)]
        if homes[0] != homes[1]:
            problem = f"the task definition is in {homes[0]}, but the cluster is in {homes[1]}"
            yield job.finding("task_definition", problem, "use one region and account for both")


def _command(job: _Job) -> Iterator[Finding]:
    command = job.values.get("command")
    if not command:
        return
    if not command[0].strip():
        yield job.finding("command", "the first word, the program, is empty", "write the program, or remove command")
    elif len(command) == 1 and " " in command[0].strip():
        problem = "one word with spaces in it; the container would look for a program of that name"
        yield job.finding("command", problem, f"write {as_list(command[0].split())}")
    elif command[0].rpartition("/")[2] not in ("sh", "bash", "ash") and any(map(_SHELL.search, command)):
        line = " ".join(command)
        problem = "contains shell syntax, but no shell runs the command"
        yield job.finding("command", problem, f"to use a shell, write {as_list(['sh', '-c', line])}", warning=True)
    if holds_secret(" ".join(command)):
        yield job.finding("command", f"a word {_READABLE}", _SECRETS, warning=True)


def _environment(job: _Job) -> Iterator[Finding]:
    for name, value in job.values.get("environment", {}).items():
        if name in (JOB_VARIABLE, SLOT_VARIABLE):
            yield job.finding("environment", f"Cronmend sets {name}", f"remove {name}")
        elif holds_secret(f"{name}={value}"):
            yield job.finding("environment", f"{name} {_READABLE}", _SECRETS, warning=True)


def _platform(job: _Job) -> Iterator[Finding]:
    if "platform_version" in job.values and not _fargate(job):
        problem = "only Fargate has platform versions; AWS refuses one for other capacity"
        yield job.finding("platform_version", problem, "remove it, or use Fargate")


def _length(job: _Job) -> Iterator[Finding]:
    wanted = {"command", "environment", "container", "cpu", "memory"}
    parts = {key: value for key, value in job.values.items() if key in wanted}
    group = job.source.tables.get("group", DEFAULT_GROUP)
    length = len(override(jobs_of({"group": str(group), "jobs": {job.name: parts}})[0]))
    if length > MAX_OVERRIDE:
        problem = f"the override with command and environment has {length} characters, but AWS accepts {MAX_OVERRIDE}"
        yield job.finding("command", problem, "move long values into the image or the task definition")
