"""What jobs.toml says of alerts: each job's route and severity."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli.jobs.keys import BY_NAME, DEFAULT_GROUP
from cli.toml_files.source import Place, Source


@dataclass(frozen=True, slots=True)
class Asked:
    """What is wrong in itself stands here as its default: saying so is for `cronmend jobs check`."""

    job: str
    """``<group>/<name>``"""
    route: str
    severity: str
    key: str = ""
    place: Place | None = None
    """Where the route is named; None where the file leaves it out."""

    @property
    def name(self) -> str:
        return self.job.rpartition("/")[2]


def asked(jobs: Source | None) -> list[Asked]:
    tables = jobs.tables.get("jobs", {}) if jobs else {}
    if jobs is None or not isinstance(tables, Mapping):
        return []
    return [_asked(jobs, name, own) for name, own in tables.items() if isinstance(own, Mapping)]


def unnamed(job: str) -> Asked:
    """A job that the file doesn't have. [defaults] isn't for it: that table holds for the jobs of its file."""
    return Asked(job, _value({}, "alert"), _value({}, "severity"))


def _asked(jobs: Source, name: str, own: Mapping[str, Any]) -> Asked:
    group = own.get("group", jobs.tables.get("group", DEFAULT_GROUP))
    table = ("jobs", name) if "alert" in own else ("defaults",)
    return _from(jobs, f"{group}/{name}", {**_shared(jobs), **own}, table)


def _from(jobs: Source | None, job: str, values: Mapping[str, Any], table: tuple[str, ...]) -> Asked:
    route, severity = _value(values, "alert"), _value(values, "severity")
    if jobs is None or "alert" not in values:
        return Asked(job, route, severity)
    return Asked(job, route, severity, ".".join((*table, "alert")), jobs.place(*table, "alert"))


def _shared(jobs: Source | None) -> Mapping[str, Any]:
    shared = jobs.tables.get("defaults", {}) if jobs else {}
    return shared if isinstance(shared, Mapping) else {}


def _value(values: Mapping[str, Any], key: str) -> str:
    value, known = values.get(key), BY_NAME[key]
    return value if isinstance(value, str) and not any(known.kind.complaints(value)) else str(known.default)
