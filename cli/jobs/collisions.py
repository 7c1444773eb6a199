"""Find jobs whose runs look alike in ECS: ``startedBy`` has only the first 19 characters of a schedule's name."""

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
    problem = f"shares its first {NAME_KEPT} characters, {prefix!r}, with {first}. ECS shows no more of a name, so "
    effect = (
        f"Cronmend identifies a run of {foreign[0]} by cluster, family and command. If these are the same, it doesn't "
        "re-run it"
        if foreign
        else "task lists and CloudTrail can't distinguish the two jobs (Cronmend can, by the run's CRONMEND_JOB)"
    )
    remedy = "start one of the names differently"
    return Finding(source.location("jobs", name), f"jobs.{name}", problem + effect, remedy, warning=True)


def _built(table: Any) -> bool:
    return not (isinstance(table, Mapping) and table.get("managed") is False)
