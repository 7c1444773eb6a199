"""Any source of schedules → the text of a jobs.toml, and notes on what isn't converted."""

import json
from collections.abc import Callable, Iterable, Mapping
from copy import replace
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from msgspec.structs import fields

from cli.jobs import toml_text
from cli.jobs.importers import cloudformation, crontab, ecschedule, heroku, manifests, terraform
from cli.jobs.importers.convert import Converted, convert, duplicate_names, shared
from cli.jobs.importers.found import Found
from cli.jobs.importers.kinds import IN_WORDS, Kind
from cli.jobs.importers.terraform_document import WRITTEN
from cli.jobs.importers.universal import is_universal, templated
from cli.jobs.importers.watch import watched
from cli.jobs.keys import BY_NAME, DEFAULT_GROUP
from cli.toml_files.kinds import as_duration
from cronmend.errors import Permanent, refusing
from cronmend.jobs.policies import JobPolicy, Policies

_NEW = (
    f"These are new schedules in the group {DEFAULT_GROUP}, with new roles and a new dead-letter queue. Remove the old "
    "ones in the same change."
)
_ANEW = "Roles and dead-letter queues aren't imported: `cronmend jobs build` creates new ones."
_NO_PLACE = (
    "The file doesn't say where its jobs run on ECS: add what is missing of cluster, task_definition, container and "
    "subnets, under [defaults] if all jobs share it."
)


type Complete = Callable[[Iterable[Found]], Iterable[Found]]


@dataclass(frozen=True, slots=True)
class Imported:
    text: str
    notes: list[str]
    jobs: int


def from_file(text: str, kind: Kind, complete: Complete = lambda found: found, *, watch: bool = False) -> Imported:
    """
    Args:
        complete: adds what the file doesn't say about its schedules.
        watch: take only the policies; the schedules stay where they are.

    Raises:
        Permanent: the file isn't of the kind, or a part of it has another form.
    """
    if kind not in _READERS:
        if watch:
            raise Permanent(f"{IN_WORDS[kind].capitalize()} has no schedules to watch. Import it without --watch.")
        with refusing(_refused(f"Name {IN_WORDS[kind]}.")):
            return _without_place(text, kind)
    read, remedy = _READERS[kind]
    with refusing(_refused(remedy)):
        return from_found(complete(read(text)), watch=watch)


def from_found(
    found: Iterable[Found], group: str = "", policies: Policies | None = None, *, watch: bool = False
) -> Imported:
    """
    Args:
        group: the one that they are all in, in the account; ``""`` if they become new schedules.
    """
    if watch:
        watched_jobs, notes = watched(found)
        return _imported(watched_jobs, notes, "", [])
    jobs, notes = [], []
    for each in found:
        schedule = replace(each, schedule=templated(each.schedule))
        if schedule.no_task:
            universal = "the input of its universal target isn't a RunTask request"
            notes.append(each.note(universal if is_universal(each.schedule) else schedule.no_task))
        else:
            jobs.append(convert(schedule, group))
    for job in jobs:
        if policies and (policy := policies.jobs.get(f"{group}/{job.name}")):
            job.table.update(policy_table(policy))
    return _imported(jobs, notes, group, [_ANEW if group else _NEW])


def _terraform(text: str) -> Iterable[Found]:
    with refusing(lambda error: Permanent(f"The file isn't valid JSON: {error}. {WRITTEN}")):
        document = json.loads(text)
    return terraform.found(document)


def _schedules(text: str) -> Iterable[Found]:
    document = json.loads(text)
    return [Found(each) for each in (document if isinstance(document, list) else [document])]


_READERS: Mapping[Kind, tuple[Callable[[str], Iterable[Found]], str]] = {
    Kind.TERRAFORM: (_terraform, WRITTEN),
    Kind.ECSCHEDULE: (ecschedule.found, "Name a configuration of ecschedule."),
    Kind.CLOUDFORMATION: (cloudformation.found, "Name a template of CloudFormation, SAM or `cdk synth`."),
    Kind.SCHEDULE: (_schedules, "Name what `aws scheduler get-schedule` prints, or a list of such."),
}


def _refused(remedy: str) -> Callable[[Exception], Permanent]:
    return lambda error: Permanent(f"A schedule in the file has a wrong form: {type(error).__name__} {error}. {remedy}")


def _without_place(text: str, kind: Kind) -> Imported:
    """Of a kind that doesn't say where its jobs run on ECS."""
    notes = list[str]()
    match kind:
        case Kind.COPILOT:
            jobs = list(manifests.copilot_jobs(text))
        case Kind.KUBERNETES:
            jobs = list(manifests.cron_jobs(text))
        case Kind.HEROKU:
            jobs, notes = heroku.converted(text)
        case _:
            jobs, notes = crontab.converted(text, system=kind is Kind.SYSTEM_CRONTAB)
    return _imported(jobs, notes, "", [_NO_PLACE])


def policy_table(policy: JobPolicy) -> dict[str, Any]:
    """A policy as written in the file, without the values that are defaults."""
    table: dict[str, Any] = {}
    for spec in fields(policy):
        value = getattr(policy, spec.name)
        if spec.name in BY_NAME and BY_NAME[spec.name].policy and value != spec.default:
            table[spec.name] = as_duration(value) if isinstance(value, timedelta) else value
    return table


def _imported(jobs: list[Converted], notes: list[str], group: str, advice: list[str]) -> Imported:
    of_jobs = [f"{job.name}: {note}" for job in jobs for note in job.notes]
    notes = [*advice, *notes, *duplicate_names(jobs), *of_jobs]
    unique = {job.name: job for job in reversed(jobs)}
    chosen = [unique[name] for name in sorted(unique)]
    defaults = shared(chosen) if len(chosen) > 1 else {}
    tables: Mapping[str, Any] = {
        job.name: {key: value for key, value in job.table.items() if key not in defaults} for job in chosen
    }
    text = toml_text.document("" if group in ("", DEFAULT_GROUP) else group, defaults, tables, notes)
    return Imported(text, notes, len(chosen))
