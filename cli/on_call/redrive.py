"""``cronmend redrive``: resend undelivered messages, and pass stopped runs and timers to their functions again."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from cli.console import out, print_json, progress
from cli.on_call.options import STACK, AsJson, Profile, Region, StackName, reported
from cli.on_call.redriver import Redriver, RedriveResult
from cli.on_call.stack import Stack
from cronmend.wording import times


def redrive(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list what the queues hold.")] = False,
    most: Annotated[int, typer.Option("--most", min=1, max=10_000, help="Most messages to process.")] = 1_000,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Process the dead-letter queues again: messages, stopped runs, timers, deploys. Exits with 1 if any remain."""
    redriver = Redriver(Stack(stack_name, profile, region), datetime.now(UTC), dry_run)
    results = reported(lambda: _redriven(redriver, most, quiet=as_json))
    if as_json:
        print_json([asdict(each) for each in results])
    elif not results:
        out.print("The dead-letter queues are empty.")
    elif dry_run:
        out.print(f"{times(len(results), 'message')}, all kept in the queue.")
    else:
        out.print(f"{sum(each.told for each in results)} of {len(results)} processed.")
    raise typer.Exit(0 if dry_run or all(each.told for each in results) else 1)


def _redriven(redriver: Redriver, most: int, quiet: bool) -> list[RedriveResult]:
    """If a person interrupts, the messages that are left are released to the queue again."""
    results: list[RedriveResult] = []
    try:
        with progress("messages", min(redriver.waiting(), most)) as done:
            for message in redriver.messages(most):
                results.append(redriver.redrive(message))
                done(completed=len(results))
                if not quiet:
                    _print(results[-1])
    finally:
        redriver.release()
    return results


def _print(result: RedriveResult) -> None:
    mark = ("✓", "green") if result.told else ("·", "yellow")
    out.print(Text.assemble(mark, f" {result.what}: {result.result}"))
