"""Imports from one kind of source, by the name of the kind."""

from collections.abc import Iterable, Mapping
from typing import Any

from cli.jobs.importers.found import Found
from cli.jobs.importers.imported import Imported, from_file, from_found
from cli.jobs.importers.kinds import Kind
from cronmend.jobs.policies import Policies


def from_schedules(
    schedules: Iterable[Mapping[str, Any]], group: str = "", policies: Policies | None = None
) -> Imported:
    """From schedules in the API's shape, of a group in the account."""
    return from_found(map(Found, schedules), group, policies)


def from_terraform(text: str) -> Imported:
    return from_file(text, Kind.TERRAFORM)


def from_ecschedule(text: str) -> Imported:
    return from_file(text, Kind.ECSCHEDULE)


def from_crontab(text: str) -> Imported:
    return from_file(text, Kind.CRONTAB)


def from_heroku(text: str) -> Imported:
    return from_file(text, Kind.HEROKU)
