"""The files that are generated from jobs.toml."""

from collections.abc import Callable, Iterable, Mapping
from copy import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cli.jobs import schema, template
from cli.jobs.answers import Home
from cli.jobs.differences import api_schedule
from cli.jobs.job import Job, jobs_of
from cli.jobs.keys import DEFAULT_GROUP
from cli.jobs.stacks import FIRST, path_of, placed, recorded, within_limit
from cli.toml_files.source import Source
from cronmend.adapters.schedules import live_schedule
from cronmend.jobs import definitions, policies
from cronmend.jobs.definitions import Deployed
from cronmend.jobs.policies import Policies
from cronmend.jobs.start_dates import is_spent
from cronmend.model import LiveSchedule

TEMPLATE = FIRST
POLICIES = Path("functions/cronmend/jobs/jobs.json")
DEPLOYED = Path("functions/cronmend/jobs/deployed.json")
SCHEMA = Path("jobs.schema.json")
type Address = Callable[[Path, str], str]
"""The path and the text of a template that is nested in the first one → where CloudFormation finds it."""
_ANYWHERE = Home("", "")
"""A definition doesn't depend on the account."""


def group_of(source: Source) -> str:
    return str(source.tables.get("group", DEFAULT_GROUP))


def up_to_date(source: Source, now: datetime, root: Path) -> Mapping[Path, str]:
    """The files as of now; with every start date if the templates have them: one that passes makes no file stale."""
    whole = built_files(source, root=root)
    templates = [path for path in whole if path.parent == TEMPLATE.parent]
    same = all((root / path).is_file() and _read(root / path) == whole[path] for path in templates)
    return whole if same else built_files(source, now, root)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def built_files(source: Source, now: datetime | None = None, root: Path | None = None) -> Mapping[Path, str]:
    """Path below the project's root → content, from a source without mistakes.

    A start date that is spent by ``now`` is left out: AWS would refuse it. A job stays in the stack in which the files
    below ``root`` have it.

    Each job's policy is written out in full. [defaults] is not: it holds for the jobs of this file, and a job that the
    file doesn't have keeps the stack's defaults.

    Raises:
        Permanent: a template is larger than CloudFormation accepts.
    """
    jobs = jobs_of(source.tables)
    return {
        **templates(source, now, recorded(root) if root else {}, lambda path, _: path.name),
        POLICIES: policies_text(jobs),
        DEPLOYED: definitions.write((job.id, _deployed(job)) for job in jobs if job.managed),
        SCHEMA: schema.text(),
    }


def policies_text(jobs: Iterable[Job]) -> str:
    return policies.write(Policies({job.id: job.policy for job in jobs}))


def _deployed(job: Job) -> Deployed:
    """What reconcile compares the live schedule with."""
    raw: Any = {**api_schedule(job, _ANYWHERE), "StartDate": job.start, "EndDate": job.end}
    live = live_schedule(job.id, raw)
    assert isinstance(live, LiveSchedule)  # noqa: S101 # its target is a cluster
    return Deployed(job.enabled, definitions.of_schedule(live))


def surplus(expected: Mapping[Path, str], root: Path) -> list[Path]:
    """Built templates of stacks that have no job any more."""
    built = (path_of(number) for number in set(recorded(root).values()))
    return sorted(path for path in built if path not in expected)


def templates(source: Source, now: datetime | None, known: Mapping[str, int], url: Address) -> dict[Path, str]:
    """
    Args:
        now: a start date that is spent by then is left out: AWS would refuse it.
        known: the stack of each job so far, by name.

    Raises:
        Permanent: a template is larger than CloudFormation accepts.
    """
    jobs, group = [_without_past_start(job, now) for job in jobs_of(source.tables)], group_of(source)
    stacks = placed(jobs, known, template.size)
    further = {path_of(number): template.further(each, group) for number, each in stacks.items() if number > 1}
    nested = zip(sorted(stacks)[1:], [url(path, text) for path, text in further.items()], strict=True)
    texts = {TEMPLATE: template.first(stacks[1], group, nested), **further}
    return {path: within_limit(path, text) for path, text in texts.items()}


def _without_past_start(job: Job, now: datetime | None) -> Job:
    return replace(job, start=None) if now and is_spent(job.start, job.schedule, now) else job
