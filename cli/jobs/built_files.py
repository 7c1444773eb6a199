"""The files that are generated from jobs.toml."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.jobs import schema, template
from cli.jobs.aws import Home
from cli.jobs.differences import api_schedule
from cli.jobs.job import Job, jobs_of
from cli.jobs.keys import DEFAULT_GROUP
from cli.toml_files.source import Source
from cronmend.adapters.schedules import live_schedule
from cronmend.jobs import definitions, policies
from cronmend.jobs.definitions import Deployed
from cronmend.jobs.policies import Policies
from cronmend.jobs.start_dates import is_spent
from cronmend.model import LiveSchedule

TEMPLATE = Path("schedules/template.yaml")
POLICIES = Path("functions/cronmend/jobs/jobs.json")
DEPLOYED = Path("functions/cronmend/jobs/deployed.json")
SCHEMA = Path("jobs.schema.json")
_ANYWHERE = Home("", "")
"""A definition doesn't depend on the account."""


def group_of(source: Source) -> str:
    return str(source.tables.get("group", DEFAULT_GROUP))


def up_to_date(source: Source, now: datetime, template_file: Path) -> Mapping[Path, str]:
    """The files as of now; with every start date if the template has them: one that passes makes no file stale."""
    whole = built_files(source)
    known = template_file.read_text(encoding="utf-8") if template_file.is_file() else ""
    return whole if known == whole[TEMPLATE] else built_files(source, now)


def built_files(source: Source, now: datetime | None = None) -> Mapping[Path, str]:
    """Path below the project's root → content, from a source without mistakes.

    A start date that is spent by ``now`` is left out: AWS would refuse it.

    Each job's policy is written out in full. [defaults] is not: it holds for the jobs of this file, and a job that the
    file doesn't have keeps the stack's defaults.
    """
    jobs = jobs_of(source.tables)
    return {
        TEMPLATE: template.text([_without_past_start(job, now) for job in jobs], group_of(source)),
        POLICIES: policies.write(Policies({job.id: job.policy for job in jobs})),
        DEPLOYED: definitions.write((job.id, _deployed(job)) for job in jobs if job.managed),
        SCHEMA: schema.text(),
    }


def _deployed(job: Job) -> Deployed:
    """What reconcile compares the live schedule with."""
    raw: Any = {**api_schedule(job, _ANYWHERE), "StartDate": job.start, "EndDate": job.end}
    live = live_schedule(job.id, raw)
    assert isinstance(live, LiveSchedule)  # noqa: S101 # its target is a cluster
    return Deployed(job.enabled, definitions.of_schedule(live))


def _without_past_start(job: Job, now: datetime | None) -> Job:
    return replace(job, start=None) if now and is_spent(job.start, job.schedule, now) else job
