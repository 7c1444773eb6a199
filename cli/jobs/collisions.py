"""Jobs that ECS can't tell apart: of a schedule's name its runs carry only the first 19 characters."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from cli.toml_files.source import Finding, Source
from cronmend.jobs.identity import NAME_KEPT


def collisions(source: Source) -> Iterator[Finding]:
    tables = source.tables.get("jobs", {})
    if not isinstance(tables, Mapping):
        return
    alike: dict[str, list[str]] = defaultdict(list)
    for name in tables:
        alike[name[:NAME_KEPT]].append(name)
    for prefix, names in alike.items():
        for name in names[1:]:
            yield _finding(source, prefix, names[0], name)


def _finding(source: Source, prefix: str, first: str, name: str) -> Finding:
    foreign = [each for each in (first, name) if not _built(source.tables["jobs"][each])]
    problem = f"shares its first {NAME_KEPT} characters, {prefix!r}, with {first}: ECS shows no more of a name, so "
    lost = (
        f"a run of {foreign[0]} is told from the other by cluster, family and command only, and where these are the "
        "same it is never re-run"
        if foreign
        else "lists of tasks and CloudTrail can't tell the two apart (Cronmend can, by the run's CRONMEND_JOB)"
    )
    remedy = "begin one of the names differently"
    return Finding(source.place("jobs", name), f"jobs.{name}", problem + lost, remedy, warning=True)


def _built(table: Any) -> bool:
    return not (isinstance(table, Mapping) and table.get("managed") is False)
