"""What jobs.toml says about alerts: each job's route and severity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli.jobs.keys import BY_NAME, DEFAULT_GROUP
from cli.toml_files.source import Location, Source


@dataclass(frozen=True, slots=True)
class JobAlerts:
    """A wrong value counts as the default here: `cronmend jobs check` reports it."""

    job: str
    """``<group>/<name>``"""
    route: str
    severity: str
    key: str = ""
    location: Location | None = None
    """Where the file names the route; None if it doesn't."""

    @property
    def name(self) -> str:
        return self.job.rpartition("/")[2]


def all_jobs(jobs: Source | None) -> list[JobAlerts]:
    tables = jobs.tables.get("jobs", {}) if jobs else {}
    if jobs is None or not isinstance(tables, Mapping):
        return []
    return [_of(jobs, name, own) for name, own in tables.items() if isinstance(own, Mapping)]


def unlisted(job: str) -> JobAlerts:
    """A job that the file doesn't have. [defaults] isn't for it: that table holds for the jobs of its file."""
    return JobAlerts(job, _value({}, "alert"), _value({}, "severity"))


def _of(jobs: Source, name: str, own: Mapping[str, Any]) -> JobAlerts:
    group = own.get("group", jobs.tables.get("group", DEFAULT_GROUP))
    shared = jobs.tables.get("defaults", {})
    values = {**(shared if isinstance(shared, Mapping) else {}), **own}
    found = JobAlerts(f"{group}/{name}", _value(values, "alert"), _value(values, "severity"))
    if "alert" not in values:
        return found
    path = ("jobs", name, "alert") if "alert" in own else ("defaults", "alert")
    return JobAlerts(found.job, found.route, found.severity, ".".join(path), jobs.location(*path))


def _value(values: Mapping[str, Any], key: str) -> str:
    value, known = values.get(key), BY_NAME[key]
    return value if isinstance(value, str) and not any(known.kind.problems(value)) else str(known.default)
