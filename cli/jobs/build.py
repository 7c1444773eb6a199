"""The files that are made from jobs.toml, and whether those in the tree are still the ones."""

from collections.abc import Mapping
from pathlib import Path

from cli.jobs import template
from cli.jobs.job import Job, jobs_of
from cli.jobs.keys import DEFAULT_GROUP
from cli.toml_files.source import Source
from cronmend.jobs import policies
from cronmend.jobs.policies import Policies

TEMPLATE = Path("schedules/template.yaml")
POLICIES = Path("functions/cronmend/jobs/jobs.json")


def group_of(source: Source) -> str:
    return str(source.tables.get("group", DEFAULT_GROUP))


def files(source: Source) -> Mapping[Path, str]:
    """Path below the project's root → content, from a source in which the check found no mistake.

    Each job's policy is written out in full. [defaults] is not: it holds for the jobs of this file, and a job that the
    file doesn't have keeps the stack's defaults.
    """
    jobs = jobs_of(source.tables)
    return {
        TEMPLATE: template.text(jobs, group_of(source)),
        POLICIES: policies.write(Policies({job.id: job.policy for job in jobs})),
    }


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
