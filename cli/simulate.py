"""``cronmend simulate``: play histories in which everything breaks, and check that every promise was kept."""

import secrets
from typing import Annotated

import typer
from rich.text import Text

from cli.console import out, print_json, progress
from simulation.report import EXPLAINED, Report
from simulation.report import simulate as played
from simulation.shrink import walk
from simulation.sight import Violation

_Seed = Annotated[int | None, typer.Option(help="The first history's seed. A random one by default; it is printed.")]
_Histories = Annotated[int, typer.Option(min=1, help="How many histories to play, each with the next seed.")]
_Days = Annotated[int, typer.Option(min=1, max=30, help="The days of each history.")]
_Workers = Annotated[int, typer.Option(min=1, help="Processes that play histories at the same time.")]


def simulate(
    seed: _Seed = None,
    histories: _Histories = 300,
    days: _Days = 1,
    workers: _Workers = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Play a simulated account in which functions are killed, events are lost and services are away.

    Exits with 1 if a promise was broken, and then prints the smallest history that breaks it.
    """
    first = secrets.randbelow(10**9) if seed is None else seed
    with progress("histories", histories) as done:
        report = played(first, histories, days, workers, tick=lambda count: done(completed=count))
    if as_json:
        print_json(report.as_json(days))
    else:
        _print(report, first, days)
    if report.violations:
        raise typer.Exit(1)


def _print(report: Report, seed: int, days: int) -> None:
    for first, violation, told in report.walks(days):
        _print_walk(first, violation, walk(told))
    for (invariant, kind), count in sorted(report.kinds().items()):
        out.print(f"Invariant {invariant} broken ({kind}) in {count} of {report.histories} histories.")
    counts = report.counts
    out.print(
        f"{report.histories} histories from seed {seed}, {report.events} invocations, "
        f"{len(report.points.hit)} of {len(report.points.seen)} kill points hit, {report.seconds:.1f} seconds."
    )
    out.print(
        f"Healed {counts['healed']}, alerted {counts['alerted']}, false heals {counts['false_heals']}, "
        f"missed heals {counts['missed_heals']}, messages {counts['messages']}."
    )
    for name in EXPLAINED:
        for reason, count in report.reasons(name).items():
            out.print(f"  {count:5} {name.replace('_', ' ')}: {reason}")


def _print_walk(seed: int, violation: Violation, lines: list[str]) -> None:
    title = f"Invariant {violation.invariant} ({violation.kind}), seed {seed}: {violation.job}: {violation.text}"
    out.print(Text(title, style="bold red"))
    for line in lines:
        out.print(f"  {line}")
