"""``cronmend hold``: the schedules that are disabled during a deploy."""

from collections.abc import Sequence
from copy import replace
from datetime import UTC, datetime
from time import sleep
from typing import Annotated

import typer

from cli.console import err, fail, out, print_json
from cli.on_call.options import JOB, STACK, AsJson, Profile, Region, StackName, print_rows, reported
from cli.on_call.reader import Reader
from cli.on_call.stack import CommandError, Stack
from cronmend.adapters.ledger.items import from_item, to_item
from cronmend.deploys.holds import LEASE, Hold
from cronmend.errors import Retryable
from cronmend.incoming.timer_forms import payload
from cronmend.use_cases.healing.hold_changes import ended
from cronmend.wording import times

hold = typer.Typer(no_args_is_help=True, help="The schedules that Cronmend has disabled during a deploy.")
PAUSE_SECONDS = 5.0
TRIES = int(LEASE.total_seconds() / PAUSE_SECONDS) + 6
"""Half a minute longer than an invocation that is just switching the schedule can take."""


@hold.command("list")
def list_holds(
    as_json: AsJson = False, stack_name: StackName = STACK, profile: Profile = None, region: Region = None
) -> None:
    """List the held schedules: since when, until when at the latest, and for which deploy."""
    stack = Stack(stack_name, profile, region)
    found = reported(lambda: _holds(stack))
    if as_json:
        print_json([to_item(each) for each in found])
    elif found:
        rows = [(each.job, _clock(each.since), _clock(each.until), each.key, each.state.value) for each in found]
        print_rows((JOB, "Since (UTC)", "Until (UTC)", "Deploy", "State"), rows)
    else:
        out.print("No schedule is held.")


@hold.command()
def release(
    job: Annotated[
        str, typer.Argument(metavar="JOB", help="<group>/<schedule name>, or the name alone.", show_default=False)
    ] = "",
    everything: Annotated[bool, typer.Option("--all", help="Release every held schedule.")] = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Enable held schedules now, as they were. Exits with 1 if one is still held.

    A job that missed a scheduled time is run once, with the guards of any re-run.
    """
    if bool(job) == everything:
        raise fail("Name one job, or use --all.", 2)
    stack = Stack(stack_name, profile, region)
    chosen = reported(lambda: _chosen(_holds(stack), job))
    if not chosen:
        out.print("No schedule is held.")
    failed = [each.job for each in chosen if not _release(stack, each)]
    if failed:
        still = f"{times(len(failed), 'schedule')} still held: {', '.join(failed)}"
        raise fail(f"{still}. Run the command again; `cronmend jobs resume JOB` enables a schedule without Cronmend.")


def _holds(stack: Stack) -> Sequence[Hold]:
    found = (from_item(Hold, item["hold"]) for item in Reader(stack).scan("hold"))
    return sorted(found, key=lambda each: each.job)


def _chosen(found: Sequence[Hold], job: str) -> Sequence[Hold]:
    chosen = [each for each in found if job in ("", each.job, each.job.rsplit("/", 1)[-1])]
    if job and not chosen:
        held = ", ".join(each.job for each in found) or "none"
        raise CommandError(f"No held schedule is named '{job}' (held: {held}).")
    return chosen


def _release(stack: Stack, held: Hold) -> bool:
    """Whether the schedule is enabled again. An error is printed, so that it doesn't stop the others."""
    try:
        done, is_free = reported(lambda: _released(stack, held))
    except typer.Exit:
        return False
    if done:
        out.print(done)
    return is_free


def _released(stack: Stack, held: Hold) -> tuple[str, bool]:
    """What rerun answers, and whether the schedule is no longer held.

    Only that function switches schedules, so that no two do it at the same time. It waits for an invocation that is
    just switching the schedule.
    """
    done = ""
    for number in range(TRIES):
        if number:
            err.print(f"{held.job}: waiting for another invocation")
            sleep(PAUSE_SECONDS)
        now = datetime.now(UTC)
        try:
            ended(stack.holds, held, now)
        except Retryable:
            continue
        done = str(stack.ask("RerunFunctionName", payload(replace(held.timer, at=now)))["done"])
        if not _is_held(stack, held):
            return done, True
    return done, False


def _is_held(stack: Stack, held: Hold) -> bool:
    current = stack.holds.get(held.cluster_arn, held.job)
    return current is not None and current.id == held.id


def _clock(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
