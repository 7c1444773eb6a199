"""``cronmend redrive``: what no channel took is sent again."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape

from cli.on_call.options import STACK, AsJson, Profile, Region, StackName, asked, console, errors, print_json
from cli.on_call.redriver import Outcome, Redriver
from cli.on_call.stack import Stack


def redrive(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be sent again.")] = False,
    most: Annotated[int, typer.Option("--most", min=1, max=10_000, help="How many letters of the queue.")] = 1_000,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Send again what no channel took, from the dead letters. Exit 1 where something stays undelivered."""
    driver = Redriver(Stack(stack_name, profile, region), datetime.now(UTC), dry_run)
    outcomes = asked(lambda: _driven(driver, most, quiet=as_json))
    if as_json:
        print_json([asdict(each) for each in outcomes])
    elif not outcomes:
        console.print("Nothing waits: no letter lies there.")
    elif dry_run:
        console.print(f"{len(outcomes)} letters, all left in the queue.")
    else:
        told = sum(each.told for each in outcomes)
        console.print(f"{told} of {len(outcomes)} delivered.")
    raise typer.Exit(0 if dry_run or all(each.told for each in outcomes) else 1)


def _driven(driver: Redriver, most: int, quiet: bool) -> list[Outcome]:
    """What is done stays done, and what is left is given back, also where a person interrupts."""
    outcomes: list[Outcome] = []
    total = driver.waiting()
    try:
        with errors.status("") as status:
            for letter in driver.letters(most):
                status.update(f"{len(outcomes) + 1} of about {total}")
                outcomes.append(driver.redrive(letter))
                if not quiet:
                    _show(outcomes[-1])
    finally:
        driver.give_back()
    return outcomes


def _show(outcome: Outcome) -> None:
    mark = "[green]✓[/]" if outcome.told else "[yellow]·[/]"
    console.print(f"{mark} {escape(outcome.what)}: {escape(outcome.result)}", soft_wrap=True)
