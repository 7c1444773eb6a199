"""``cronmend what-if``: what Cronmend would have done in the last weeks, before anything is installed."""

import json
import time
from collections.abc import Callable, Mapping
from copy import replace
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import boto3
import typer
from botocore.config import Config
from botocore.exceptions import NoCredentialsError

from cli.aws_options import Profile, Region
from cli.console import fail, print_json, progress, reason_of, spinner, write
from cli.grouped_options import with_options
from cli.on_call.options import AsJson, reported
from cli.times import parse_since
from cli.what_if import permissions
from cli.what_if.document import FORM, document
from cli.what_if.gaps import gaps
from cli.what_if.gather import Sources, gather
from cli.what_if.judge import what_if as judged
from cli.what_if.logs import PastLogs
from cli.what_if.past import Past
from cli.what_if.schedules import ScheduleReader
from cli.what_if.services import ServiceReader
from cli.what_if.text import print_answer, print_case
from cli.what_if.trail import CloudTrailReader
from cronmend.adapters.ecs import EcsTaskDefinitions
from cronmend.errors import UNREADABLE, Denied, Permanent, refusing
from cronmend.model import Policy

KEPT: Final = timedelta(days=90)
"""How long CloudTrail keeps events without a trail, and ECS the deployments of services."""
_WRITE: Final = "Write it with `cronmend what-if --json`."
PATIENT: Final = Config(connect_timeout=5, read_timeout=30, retries={"mode": "adaptive", "total_max_attempts": 10})
"""Slows down as long as AWS throttles: others call the same APIs of the account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the past."""

    since: Annotated[str, typer.Option(metavar="TIME", help="From when on: 30d, or a date. At most 90 days ago.")] = (
        "90d"
    )
    policy: Annotated[Policy, typer.Option(help="The re-run policy that every job would have had.")] = Policy.SAFE
    migrates_before_rollout: Annotated[
        bool,
        typer.Option(
            "--migrates-before-rollout",
            help="Your pipeline migrates the database before the deployment of the service ends.",
        ),
    ] = False
    success: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="What your jobs write in their last lines if they succeed. Repeatable."),
    ] = None
    most: Annotated[int, typer.Option(min=1, help="How many RunTask events are read, the newest first.")] = 5_000


@with_options(question=Question)
def what_if(
    question: Question,
    case: Annotated[int | None, typer.Option(metavar="NUMBER", help="Show one failure in full.")] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="A document that --json has printed, instead of the account.")
    ] = None,
    show_permissions: Annotated[
        bool, typer.Option("--permissions", help="Print the IAM policy that the command needs, and read nothing.")
    ] = False,
    as_json: AsJson = False,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Read your account's past and say which failed runs Cronmend would have healed. Needs no stack, changes nothing.

    It reads schedules, CloudTrail's RunTask events, logs, task definitions and service deployments.
    """
    if show_permissions:
        write(f"{json.dumps(permissions.policy(), indent=2)}\n")
        return
    if file:
        found = _of_file(file)
        with refusing(lambda error: fail(f"{file} lacks a part: {error}. {_WRITE}")):
            _show(found, case, as_json=as_json)
        return
    _show(reported(lambda: _asked(question, profile, region)), case, as_json=as_json)


def _show(found: dict[str, Any], case: int | None, *, as_json: bool) -> None:
    if case is not None:
        found = {**found, "cases": [_case(found, case)]}
    if as_json:
        print_json(found)
    elif case is None:
        print_answer(found)
    else:
        print_case(found["cases"][0])


def _asked(question: Question, profile: str | None, region: str | None) -> dict[str, Any]:
    session = boto3.Session(profile_name=profile, region_name=region)
    if session.get_credentials() is None:
        raise NoCredentialsError
    return asked(question, sources(session, question.most), datetime.now(UTC))


def asked(question: Question, given: Sources, now: datetime) -> dict[str, Any]:
    """
    Raises:
        CronmendError: the past can't be read, or the question is wrong.
    """
    since = parse_since("--since", question.since, now)
    if since >= now:
        raise Permanent(f"--since: {question.since} is not in the past.")
    if question.success and not all(each.strip() for each in question.success):
        raise Permanent("--success: the text is empty, and every line has it.")
    past = _gathered(given, max(since, now - KEPT), now)
    past = replace(past, success=tuple(question.success or ()))
    with spinner("Playing the past"):
        found = judged(past, question.policy, question.migrates_before_rollout)
    return document(found, question.policy, gaps(past))


def _gathered(given: Sources, since: datetime, now: datetime) -> Past:
    try:
        return gather(given, since, now, progress)
    except Denied as error:
        raise Permanent(permissions.remedy(error.operation)) from error


def sources(session: Any, most: int, sleep: Callable[[float], None] = time.sleep) -> Sources:
    @cache
    def client(service: str, region: str | None = None) -> Any:
        return session.client(service, region_name=region, config=PATIENT)

    return Sources(
        schedules=ScheduleReader(client("scheduler"), client("events")),
        trail=CloudTrailReader(client("cloudtrail"), most, sleep),
        definitions=EcsTaskDefinitions(client("ecs")),
        logs=PastLogs(lambda region: client("logs", region)),
        services=ServiceReader(client("ecs")),
    )


def _case(found: Mapping[str, Any], number: int) -> Any:
    cases = {each["number"]: each for each in found["cases"]}
    if number not in cases:
        raise fail(f"There is no case {number}. There are {len(cases)} of them, from 1 on.", 2)
    return cases[number]


def _of_file(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if found["form"] != FORM:
            raise ValueError(f"its form is {found['form']}, expected {FORM}")
    except (OSError, *UNREADABLE) as error:
        raise fail(f"{path} can't be used: {reason_of(error)}. {_WRITE}") from error
    return found
