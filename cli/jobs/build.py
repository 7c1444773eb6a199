"""The files that are made from jobs.toml, and whether those in the tree are still the ones."""

from collections.abc import Mapping
from pathlib import Path

from cli.jobs import template
from cli.jobs.job import Job, jobs_of
from cli.jobs.keys import BY_NAME, DEFAULT_GROUP
from cli.toml_files.source import Source
from cronmend.jobs import policies
from cronmend.jobs.policies import JobPolicy, Policies

TEMPLATE = Path("schedules/template.yaml")
POLICIES = Path("functions/cronmend/jobs/jobs.json")


def group_of(source: Source) -> str:
    return str(source.tables.get("group", DEFAULT_GROUP))


def files(source: Source) -> Mapping[Path, str]:
    """Path below the project's root → content, from a source in which the check found no mistake."""
    jobs = jobs_of(source.tables)
    return {
        TEMPLATE: template.text(jobs, group_of(source)),
        POLICIES: policies.write(Policies({job.id: job.policy for job in jobs}, _defaults(source))),
    }


def _defaults(source: Source) -> JobPolicy:
    """How a job is treated that the file does not name: by the shared policy, but never run again unasked."""
    shared = source.tables.get("defaults", {})
    careful = {key: value for key, value in shared.items() if BY_NAME[key].policy and key != "rerun"}
    return jobs_of({"jobs": {"unnamed": {**careful, "managed": False}}})[0].policy


def stale(expected: Mapping[Path, str], root: Path) -> list[Path]:
    return [path for path, text in expected.items() if not _same(root / path, text)]


def write(expected: Mapping[Path, str], root: Path) -> None:
    for path in stale(expected, root):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(expected[path], encoding="utf-8")


def names(jobs: tuple[Job, ...]) -> str:
    return ", ".join(job.name for job in jobs)


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text
