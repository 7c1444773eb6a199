"""Any source of schedules → the text of a jobs.toml and the notes on what it does not carry."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from cli.jobs import toml_text
from cli.jobs.importers import crontab, ecschedule, terraform
from cli.jobs.importers.carry import Carried, Found, carry, names_twice, shared
from cli.jobs.importers.universal import templated
from cli.jobs.keys import BY_NAME, DEFAULT_GROUP
from cli.toml_files.kinds import as_duration
from cronmend.errors import Permanent
from cronmend.jobs.policies import JobPolicy, Policies

_NEW = "The schedules are built anew, with roles and a dead-letter queue of their own: remove the old ones then."
_CRONTAB = "A crontab doesn't say where: write cluster, task_definition, container and subnets under [defaults]."


@dataclass(frozen=True, slots=True)
class Imported:
    text: str
    notes: list[str]
    jobs: int


def from_schedules(found: Iterable[Found], group: str = "", policies: Policies | None = None) -> Imported:
    """Schedules in the API's shape, of a live group or of another tool."""
    found = [templated(each) for each in found]
    tasks = [each for each in found if (each.get("Target") or {}).get("EcsParameters")]
    lost = [f"{each['Name']}: its target is no ECS task" for each in found if each not in tasks]
    jobs = [carry(each) for each in tasks]
    for job in jobs:
        if policies and (policy := policies.jobs.get(f"{group}/{job.name}")):
            job.table.update(policy_table(policy))
    return _imported(jobs, lost, group, [] if group else [_NEW])


def from_terraform(text: str) -> Imported:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Permanent(f"not JSON: {error}; write it with `terraform show -json [PLAN] > file`") from error
    imported = from_schedules(terraform.found(document))
    return Imported(imported.text, [*imported.notes, *terraform.skipped(document)], imported.jobs)


def from_ecschedule(text: str) -> Imported:
    return from_schedules(ecschedule.found(text))


def from_crontab(text: str, *, system: bool = False) -> Imported:
    jobs, lost = crontab.carried(text, system=system)
    return _imported(jobs, lost, "", [_CRONTAB])


def policy_table(policy: JobPolicy) -> dict[str, Any]:
    """A policy as it is written in the file, without what is the default anyway."""
    table: dict[str, Any] = {}
    for spec in fields(policy):
        value = getattr(policy, spec.name)
        if spec.name in BY_NAME and BY_NAME[spec.name].policy and value != spec.default:
            table[spec.name] = as_duration(value) if isinstance(value, timedelta) else value
    return table


def _imported(jobs: list[Carried], lost: list[str], group: str, notes: list[str]) -> Imported:
    lost = [*lost, *names_twice(jobs), *(f"{job.name}: {each}" for job in jobs for each in job.lost)]
    unique = {job.name: job for job in reversed(jobs)}
    chosen = [unique[name] for name in sorted(unique)]
    defaults = shared(chosen) if len(chosen) > 1 else {}
    tables: Mapping[str, Any] = {
        job.name: {key: value for key, value in job.table.items() if key not in defaults} for job in chosen
    }
    head = [*notes, *(f"Not carried over: {each}" for each in lost)]
    text = toml_text.document("" if group in ("", DEFAULT_GROUP) else group, defaults, tables, head)
    return Imported(text, [*notes, *lost], len(chosen))
