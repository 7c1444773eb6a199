"""What is wrong with one job as a whole: its own keys over the shared ones."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from typing import Any

from cli.jobs.job import effective, jobs_of, override
from cli.jobs.keys import DEFAULT_GROUP
from cli.jobs.unix_cron import is_unix, translated
from cli.toml_files.kinds import as_duration, as_list, duration
from cli.toml_files.source import Finding, Source
from cronmend.jobs.cron import CronError, Rate, Schedule
from cronmend.jobs.cron import parse as parse_cron
from cronmend.jobs.cron_fields import Mistake
from cronmend.jobs.identity import JOB_VARIABLE, SLOT_VARIABLE

MAX_OVERRIDE = 8192
_NEEDED = {
    "schedule": 'write schedule = "cron(0 * * * ? *)"',
    "task_definition": 'write task_definition = "webapp" here or in [defaults]',
    "container": 'write container = "web": the name of the container in the task definition, not the image\'s',
    "cluster": 'write cluster = "app-prod" here or in [defaults]',
}
_SHELL = re.compile(r"&&|\|\|?|[<>;]|`|\$[A-Za-z({]")
_SECRET = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|DATABASE_URL", re.IGNORECASE)
_OFTEN = timedelta(minutes=5)
_FARGATE: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16_384 + 1, 1024)),
    4096: tuple(range(8192, 30_720 + 1, 1024)),
    8192: tuple(range(16_384, 61_440 + 1, 4096)),
    16_384: tuple(range(32_768, 122_880 + 1, 8192)),
}
"""CPU units → MiB; https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html."""


@dataclass(frozen=True, slots=True)
class Broken:
    """The keys that are wrong in themselves, under the job and under [defaults]."""

    own: frozenset[str]
    shared: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Whole:
    """A job's values in force, without those that are wrong in themselves."""

    source: Source
    name: str
    values: Mapping[str, Any]
    broken: frozenset[str]
    now: datetime

    def finding(self, key: str, problem: str, remedy: str, *, warning: bool = False) -> Finding:
        return Finding(self.source.place_of(self.name, key), f"jobs.{self.name}.{key}", problem, remedy, warning)


def job_findings(source: Source, name: str, broken: Broken, now: datetime) -> Iterator[Finding]:
    own, shared = source.tables["jobs"][name], source.tables.get("defaults", {})
    if not isinstance(own, Mapping) or not isinstance(shared, Mapping):
        return
    # A table with one wrong value in it can still be looked at as a whole.
    values = effective(_without(shared, broken.shared), _without(own, broken.own))
    job = _Whole(source, name, values, broken.own | (broken.shared - own.keys()), now)
    if "." in name:
        problem = "a dot in the name: what ECS then shows as the run's starter is not documented"
        yield Finding(source.place("jobs", name), f"jobs.{name}", problem, "write - instead", warning=True)
    if values.get("managed") is False:
        return
    for check in (_needed, _network, _schedule, _size, _reference, _command, _environment, _length):
        yield from check(job)


def _without(table: Mapping[str, Any], keys: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in table.items() if key not in keys or _looked_into(key, value)}


def _looked_into(key: str, value: Any) -> bool:
    return key == "environment" and isinstance(value, Mapping)


def _needed(job: _Whole) -> Iterator[Finding]:
    for key, remedy in _NEEDED.items():
        if key not in job.values and key not in job.broken:
            yield Finding(job.source.place("jobs", job.name), f"jobs.{job.name}.{key}", "missing", remedy)


def _network(job: _Whole) -> Iterator[Finding]:
    if _fargate(job) and "subnets" not in job.values and "subnets" not in job.broken:
        place = job.source.place("jobs", job.name)
        remedy = 'write subnets = ["subnet-…"] here or in [defaults]'
        problem = "missing: a Fargate task needs the network mode awsvpc, and that needs subnets"
        yield Finding(place, f"jobs.{job.name}.subnets", problem, remedy)
    for key in ("security_groups", "assign_public_ip"):
        if key in job.values and "subnets" not in job.values and "subnets" not in job.broken and not _fargate(job):
            yield job.finding(key, "has no effect without subnets", "write subnets too, or remove it")


def _fargate(job: _Whole) -> bool:
    providers = job.values.get("capacity_providers")
    if providers:
        return any(each.get("provider", "").startswith("FARGATE") for each in providers)
    return bool(job.values.get("launch_type", "FARGATE") == "FARGATE")


def _schedule(job: _Whole) -> Iterator[Finding]:
    expression = job.values.get("schedule")
    bounds = [_moment(job.values[key]) if key in job.values else None for key in ("start", "end")]
    if bounds[0] and bounds[1] and bounds[1] <= bounds[0]:
        yield job.finding("end", "is not after start", f"write a moment after {bounds[0].isoformat()}")
        bounds = [None, None]
    if expression is None:
        return
    timezone, mistakes = job.values.get("timezone", "UTC"), _mistakes(expression, job.values.get("timezone", "UTC"))
    for mistake in mistakes:
        key = "timezone" if mistake.field == "timezone" else "schedule"
        yield job.finding(key, f"{mistake.field} {mistake.value!r} {mistake.problem}", mistake.remedy)
    if all(mistake.field == "timezone" for mistake in mistakes):
        schedule = parse_cron(translated(expression), "UTC" if mistakes else timezone, *bounds)
        if is_unix(expression):
            problem = f"a crontab's fields, read as {schedule.expression}"
            yield job.finding("schedule", problem, "nothing to do", warning=True)
        yield from _slots(job, schedule)


def _mistakes(expression: str, timezone: str) -> tuple[Mistake, ...]:
    try:
        expression = translated(expression)
    except CronError as error:
        return error.mistakes + tuple(each for each in _mistakes("rate(1 day)", timezone))
    try:
        parse_cron(expression, timezone)
    except CronError as error:
        return error.mistakes
    return ()


def _slots(job: _Whole, schedule: Schedule) -> Iterator[Finding]:
    if isinstance(schedule, Rate):
        slots = [job.now, job.now + schedule.every] if not schedule.end or schedule.end > job.now else []
    else:
        slots = [slot.at.astimezone(UTC) for slot in islice(schedule.after(job.now), 50)]
    if not slots:
        problem = f"{schedule.expression} never fires" + (" before end" if schedule.end else " from now on")
        yield job.finding("schedule", problem, "write a date that exists and is to come")
        return
    apart = min((later - earlier for earlier, later in pairwise(slots)), default=None)
    if apart is not None:
        yield from _too_often(job, apart)


def _too_often(job: _Whole, apart: timedelta) -> Iterator[Finding]:
    limit = duration(job.values["max_runtime"]) if "max_runtime" in job.values else None
    if limit and limit > apart:
        problem = f"longer than the {as_duration(apart)} between two slots: a run may start on top of a run"
        yield job.finding("max_runtime", problem, "write less, or a schedule that fires more rarely", warning=True)
    if apart < _OFTEN:
        problem = f"fires every {as_duration(apart)}, and starting a task takes about a minute"
        yield job.finding("schedule", problem, "write a longer interval, or run a service", warning=True)


def _size(job: _Whole) -> Iterator[Finding]:
    cpu, memory = job.values.get("cpu"), job.values.get("memory")
    if not _fargate(job) or (cpu is None and memory is None) or {"cpu", "memory"} & job.broken:
        return
    if cpu is None or memory is None:
        key, other = ("cpu", "memory") if memory is None else ("memory", "cpu")
        yield job.finding(key, "Fargate takes only certain pairs of cpu and memory", f"write {other} too")
    elif cpu not in _FARGATE:
        near = min(_FARGATE, key=lambda size: abs(size - cpu))
        yield job.finding("cpu", f"Fargate has no size of {cpu} units", f"write {near}")
    elif memory not in _FARGATE[cpu]:
        sizes = _FARGATE[cpu]
        allowed = ", ".join(map(str, sizes)) if len(sizes) < 5 else f"{sizes[0]}-{sizes[-1]} by {sizes[1] - sizes[0]}"
        yield job.finding("memory", f"Fargate has no {cpu} CPU units with {memory} MiB", f"write one of {allowed}")


def _reference(job: _Whole) -> Iterator[Finding]:
    task, cluster = job.values.get("task_definition"), job.values.get("cluster")
    if task and (shape := _misshapen(task, "task-definition", r"[\w-]{1,255}(:[1-9][0-9]*)?")):
        remedy = "write the family alone for its newest revision, or family:revision, e.g. webapp:12"
        yield job.finding("task_definition", shape, remedy)
    if cluster and (shape := _misshapen(cluster, "cluster", r"[\w-]{1,255}")):
        yield job.finding("cluster", shape, "write its name or its ARN, arn:aws:ecs:<region>:<account>:cluster/<name>")
    if task and cluster and task.startswith("arn:") and cluster.startswith("arn:"):
        places = [arn.split(":")[3:5] for arn in (task, cluster)]
        if places[0] != places[1]:
            problem = f"in {'/'.join(places[0])}, the cluster in {'/'.join(places[1])}"
            yield job.finding("task_definition", problem, "write two of one region and account")


def _misshapen(reference: str, kind: str, name: str) -> str:
    if reference.startswith("arn:"):
        whole = rf"arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{{12}}:{kind}/{name}"
        return "" if re.fullmatch(whole, reference, re.ASCII) else f"{reference!r} is no ARN of a {kind}"
    return "" if re.fullmatch(name, reference, re.ASCII) else f"{reference!r} is no name of a {kind}"


def _command(job: _Whole) -> Iterator[Finding]:
    command = job.values.get("command")
    if not command:
        return
    if len(command) == 1 and " " in command[0].strip():
        problem = "one word with spaces in it: the container looks for a program of that name"
        yield job.finding("command", problem, f"write {as_list(command[0].split())}")
    elif command[0].rpartition("/")[2] not in ("sh", "bash", "ash") and any(map(_SHELL.search, command)):
        line = " ".join(command)
        problem = "holds a shell's signs, and no shell reads it"
        yield job.finding("command", problem, f"write {as_list(['sh', '-c', line])} if one should", warning=True)


def _environment(job: _Whole) -> Iterator[Finding]:
    for name in job.values.get("environment", {}):
        if name in (JOB_VARIABLE, SLOT_VARIABLE):
            yield job.finding("environment", f"{name} is set by Cronmend", f"remove {name}")
        elif _SECRET.search(name):
            problem = f"{name} looks like a secret, and anybody who may read the schedule can read it"
            yield job.finding("environment", problem, "put it under secrets in the task definition", warning=True)


def _length(job: _Whole) -> Iterator[Finding]:
    wanted = {"command", "environment", "container", "cpu", "memory"}
    parts = {key: value for key, value in job.values.items() if key in wanted}
    group = job.source.tables.get("group", DEFAULT_GROUP)
    length = len(override(jobs_of({"group": str(group), "jobs": {job.name: parts}})[0]))
    if length > MAX_OVERRIDE:
        problem = f"the override is {length} characters long with command and environment, AWS takes {MAX_OVERRIDE}"
        yield job.finding("command", problem, "move what is long into the image or the task definition")


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    assert isinstance(moment, datetime)  # noqa: S101 - values that are no moments were left out before
    return moment.astimezone(UTC)
