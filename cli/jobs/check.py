"""Find every mistake in a jobs file before AWS sees it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from cli.jobs.check_job import WrongKeys, job_findings
from cli.jobs.collisions import collisions
from cli.jobs.keys import BY_NAME, TOP, UNMANAGED
from cli.jobs.unknown_keys import unknown
from cli.toml_files.source import Finding, Source

_GROUP = BY_NAME["group"].kind


def check_jobs(source: Source, now: datetime) -> list[Finding]:
    """The findings in the order of the file. A file with only warnings can be built."""
    shared = list(_defaults(source))
    findings = [*_top(source), *shared]
    for name, own in _jobs(source):
        mine = list(_own(source, name, own))
        findings += mine
        findings += job_findings(source, name, WrongKeys(_keys(mine), _keys(shared)), now)
    findings += collisions(source)
    return sorted(dict.fromkeys(findings), key=lambda finding: (finding.location.file, finding.location.line))


def _keys(findings: list[Finding]) -> frozenset[str]:
    return frozenset(finding.key.rpartition(".")[2] for finding in findings if not finding.warning)


def _top(source: Source) -> Iterator[Finding]:
    for key in source.tables:
        if key not in TOP:
            yield Finding(source.location(key), key, "unknown key", _top_remedy(key))
    if "group" in source.tables:
        for problem, remedy in _GROUP.problems(source.tables["group"]):
            yield Finding(source.location("group"), "group", problem, remedy)
    for table in ("defaults", "jobs"):
        if not isinstance(source.tables.get(table, {}), Mapping):
            yield Finding(source.location(table), table, "not a table", f"write [{table}] on a line of its own")
    if "jobs" not in source.tables:
        remedy = "write a table [jobs.<name>], or an empty [jobs] if there are none"
        yield Finding(source.location("jobs"), "jobs", "the file defines no jobs", remedy)


def _top_remedy(key: str) -> str:
    if key in BY_NAME:
        return f"write {key} under [defaults] or under its job"
    near = get_close_matches(key, TOP, n=1)
    return f"write {near[0]}" if near else f"use only {', '.join(TOP)} at the top; a job is a table [jobs.<name>]"


def _defaults(source: Source) -> Iterator[Finding]:
    table = source.tables.get("defaults", {})
    if not isinstance(table, Mapping):
        return
    for key, value in table.items():
        if key in BY_NAME and not BY_NAME[key].shared:
            problem = "this key can't be shared by all jobs"
            yield Finding(source.location("defaults", key), f"defaults.{key}", problem, "set it under each job")
        else:
            yield from _value(source, ("defaults",), key, value)
    yield from _both_capacities(source, ("defaults",), table)


def _jobs(source: Source) -> Iterator[tuple[str, Any]]:
    jobs = source.tables.get("jobs", {})
    return iter(jobs.items() if isinstance(jobs, Mapping) else ())


def _own(source: Source, name: str, own: Any) -> Iterator[Finding]:
    path = ("jobs", name)
    if not isinstance(own, Mapping):
        yield Finding(
            source.location(*path), f"jobs.{name}", "not a table", f"write [jobs.{name}] with the job's keys below it"
        )
        return
    for problem, remedy in _GROUP.problems(name):
        yield Finding(source.location(*path), f"jobs.{name}", f"the name: {problem}", remedy)
    for key, value in own.items():
        if own.get("managed") is False and key in BY_NAME and key not in UNMANAGED:
            problem = "has no effect: the job's schedule is defined elsewhere (managed = false)"
            yield Finding(
                source.location(*path, key), f"jobs.{name}.{key}", problem, "remove this key, or remove managed"
            )
        else:
            yield from _value(source, path, key, value)
    if "group" in own and own.get("managed") is not False:
        problem = "all jobs that are built are in one group"
        remedy = "write group once at the top of the file, or set managed = false for this job"
        yield Finding(source.location(*path, "group"), f"jobs.{name}.group", problem, remedy)
    yield from _both_capacities(source, path, own)


def _both_capacities(source: Source, path: tuple[str, ...], table: Mapping[str, Any]) -> Iterator[Finding]:
    if "launch_type" in table and "capacity_providers" in table:
        location = source.location(*path, "capacity_providers")
        key = ".".join((*path, "capacity_providers"))
        yield Finding(location, key, "AWS accepts launch_type or capacity_providers, not both", "remove one of the two")


def _value(source: Source, path: tuple[str, ...], key: str, value: Any) -> Iterator[Finding]:
    location, name = source.location(*path, key), ".".join((*path, key))
    if key not in BY_NAME:
        yield Finding(location, name, *unknown(key))
        return
    for problem, remedy in BY_NAME[key].kind.problems(value):
        yield Finding(location, name, problem, remedy)
