"""``cronmend catch-up``: name the slots that a job missed, and run those that a person confirms, one at a time."""

import uuid
from collections.abc import Mapping, Sequence
from copy import replace
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Annotated, Any

import typer

from cli.console import out, print_json
from cli.on_call.options import STACK, AsJson, By, JobArgument, Profile, Region, StackName, reported
from cli.on_call.reader import Reader
from cli.on_call.stack import CommandError, Stack
from cli.times import parse_since
from cronmend.adapters.ecs import EcsRunningTasks
from cronmend.adapters.event_rules import AllSchedules, EventRules
from cronmend.adapters.ledger.timetables import DynamoRecordedRuns
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.jobs import timetables
from cronmend.jobs.slots import family_of, slots_between
from cronmend.model import LiveSchedule, Missing
from cronmend.model.timetables import Listed, RecordedRun
from cronmend.model.wakeups import RunRequest

MOST_SLOTS = 1_000
_LEARNED_FROM = 20


def catch_up(  # noqa: PLR0913, PLR0917 # each is an argument or option of the command
    job: JobArgument,
    since: Annotated[
        str, typer.Option("--from", help="A date and time such as 2026-12-01T08:00Z, or how long ago, such as 8h.")
    ],
    until: Annotated[str, typer.Option("--to", help="The same. Default: now.")] = "0m",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only name the missed times.")] = False,
    by: By = "",
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Name each time at which a job should have run and didn't, and run those that you confirm, one at a time.

    Exits with 1 if a confirmed run didn't start.
    """
    stack, now = Stack(stack_name, profile, region), datetime.now(UTC)
    name = job if "/" in job else reported(lambda: Reader(stack).job(job))
    found = reported(
        lambda: missed_slots(stack, name, parse_since("--from", since, now), parse_since("--to", until, now), now)
    )
    if as_json:
        print_json({"job": name, "missed": [slot.isoformat() for slot in found]})
        return
    if not found:
        out.print(f"{name} missed no scheduled time.")
    for slot in found:
        out.print(f"{name} missed {slot:%Y-%m-%d %H:%M} UTC")
    if not dry_run:
        _run_confirmed(stack, name, found, by)


def missed_slots(stack: Stack, job: str, start: datetime, end: datetime, now: datetime) -> Sequence[datetime]:
    """By the schedule as it is now, the runs in the ledger and the tasks that ECS lists.

    Raises:
        CommandError: there is no such schedule, or there are too many slots.
    """
    schedule = _schedule(stack, job)
    recorded = DynamoRecordedRuns(stack.table, stack.dynamodb)
    latest = recorded.latest(job, _LEARNED_FROM)
    seen = max((each.created_at for each in latest if timetables.is_own(each)), default=None)
    timetable = timetables.of_schedule(schedule, Listed(job, ""), start)
    grace = timetables.learned_grace(timetable, latest)
    over = min(end, now - timetables.wait(timetable, grace))
    slots = list(islice(slots_between(schedule, seen, start, over), MOST_SLOTS + 1))
    if len(slots) > MOST_SLOTS:
        raise CommandError(f"{job} has more than {MOST_SLOTS:,} scheduled times between these. Use a later --from.")
    if not slots:
        return []
    since = timetables.runs_matter_since(timetable, slots, grace)
    runs = (*recorded.since(job, since), *_listed(stack, schedule))
    matches = timetables.matched(replace(timetable, seen=seen), slots, runs, grace)
    planned = [each for each in stack.mutes.all(start) if each.covers_slots_of(job)]
    return [each.slot for each in matches if each.start is None and not any(mute.has(each.slot) for mute in planned)]


def _schedule(stack: Stack, job: str) -> LiveSchedule:
    found = AllSchedules(SchedulerSchedules(stack.client("scheduler")), EventRules(stack.client("events"))).get(job)
    if isinstance(found, Missing):
        raise CommandError(f"{found.reason[:1].upper()}{found.reason[1:]}.")
    return found


def _listed(stack: Stack, schedule: LiveSchedule) -> Sequence[RecordedRun]:
    tasks, place = EcsRunningTasks(stack.client("ecs")), (schedule.cluster_arn, family_of(schedule))
    return timetables.runs_among((*tasks.active(*place), *tasks.stopped(*place)), schedule)


def _run_confirmed(stack: Stack, job: str, slots: Sequence[datetime], by: str) -> None:
    """A run that is blocked ends the command: the next one would be, too."""
    for slot in slots:
        if not typer.confirm(f"Run {job} now for {slot:%Y-%m-%d %H:%M} UTC?"):
            continue
        request = RunRequest(job, uuid.uuid4().hex, by=by or stack.person, slot=f"{slot:%Y-%m-%dT%H:%M:%SZ}")
        if not _started(reported(partial(stack.ask_rerun, request))):
            raise typer.Exit(1)


def _started(answer: Mapping[str, Any]) -> bool:
    for each in answer["blockers"]:
        out.print(f"blocked by: {each['guard']} — {each['reason']}")
    out.print(f"{answer['done']} {answer['task_arn']}".strip())
    return bool(answer["task_arn"])
