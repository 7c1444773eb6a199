"""``cronmend audit``: check in a real ledger that every promise was kept."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from cli.console import fail, out, print_json, reason_of, spinner
from cli.on_call.options import STACK, AsJson, Profile, Region, StackName, reported
from cli.on_call.stack import Stack
from cronmend.errors import NewerForm
from cronmend.jobs import policies
from simulation.audit import OUTCOMES, Audit
from simulation.audit import audit as audited
from simulation.ledger_entries import entries_of

_File = Annotated[
    Path | None,
    typer.Option(
        "--file", help="A file with the table's items, as `aws dynamodb scan` or an export writes them, instead."
    ),
]


def audit(
    file: _File = None,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Check the ledger: every failed run healed, was sent or is silent, and every re-run was allowed.

    Exits with 1 if a promise was broken.
    """
    stack = Stack(stack_name, profile, region)
    items = _of_file(file) if file else _scanned(stack)
    known = policies.packaged() if file else reported(stack.policies)
    try:
        found = audited(entries_of(items, known.of, datetime.now(UTC)))
    except NewerForm as error:
        raise fail(str(error)) from error
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)
    if found.violations:
        raise typer.Exit(1)


def _scanned(stack: Stack) -> Iterable[Mapping[str, Any]]:
    with spinner("Reading the ledger"):
        return reported(lambda: list(stack.items()))


def _of_file(path: Path) -> list[Mapping[str, Any]]:
    """``{"Items": […]}``, or a line ``{"Item": {…}}`` for each item."""
    try:
        text = path.read_text(encoding="utf-8")
        return _items(text)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise fail(f"{path} can't be used: {reason_of(error)}. Write it with `aws dynamodb scan`.") from error


def _items(text: str) -> list[Mapping[str, Any]]:
    if text.lstrip().startswith('{"Item":'):
        return [json.loads(line)["Item"] for line in text.splitlines() if line.strip()]
    items: list[Mapping[str, Any]] = json.loads(text)["Items"]
    return items


def _print(found: Audit) -> None:
    for each in found.violations:
        at = f"{datetime.fromtimestamp(each.at, UTC):%Y-%m-%d %H:%M}"
        out.print(Text(f"Invariant {each.invariant} broken ({each.kind}), {at}: {each.job}: {each.text}", style="red"))
    counts = ", ".join(f"{found.outcomes[name]} {name}" for name in OUTCOMES)
    out.print(f"{sum(found.outcomes.values())} runs: {counts}.")
    rate = "no run failed" if found.heal_rate is None else f"{found.heal_rate:.1%} of failed runs healed by a re-run"
    out.print(f"{found.reruns} re-runs, {rate}, {found.figures['false_heals']} false heals.")
