"""The files that are generated from jobs.toml."""

from collections.abc import Mapping
from pathlib import Path

from cli.jobs import schema, template
from cli.jobs.job import jobs_of
from cli.jobs.keys import DEFAULT_GROUP
from cli.toml_files.source import Source
from cronmend.jobs import policies
from cronmend.jobs.policies import Policies

TEMPLATE = Path("schedules/template.yaml")
POLICIES = Path("functions/cronmend/jobs/jobs.json")
SCHEMA = Path("jobs.schema.json")


def group_of(source: Source) -> str:
    return str(source.tables.get("group", DEFAULT_GROUP))


def built_files(source: Source) -> Mapping[Path, str]:
    """Path below the project's root → content, from a source without mistakes.

    Each job's policy is written out in full. [defaults] is not: it holds for the jobs of this file, and a job that the
    file doesn't have keeps the stack's defaults.
    """
    jobs = jobs_of(source.tables)
    return {
        TEMPLATE: template.text(jobs, group_of(source)),
        POLICIES: policies.write(Policies({job.id: job.policy for job in jobs})),
        SCHEMA: schema.text(),
    }
