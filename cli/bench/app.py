"""``cronmend bench``: measure how fast the diagnosis is, how often it is right, and what each event costs.

Each command imports what it measures when it runs: all of it together would delay every other command.
"""
# ruff: noqa: PLC0415

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.bench.corpus import corpus
from cli.console import out, print_json, progress, spinner
from cli.on_call.options import AsJson
from cli.tables import print_rows

bench_app = typer.Typer(invoke_without_command=True, help="Measure the diagnosis.")


@bench_app.callback()
def bench(context: typer.Context, as_json: AsJson = False) -> None:
    """Measure the speed of the diagnosis: diagnoses per second, megabytes per second, start-up time.

    If valgrind is installed, also count the instructions that a failure costs, in a minute.
    """
    if context.invoked_subcommand:
        return
    from cli.bench import instructions
    from cli.bench.speed import measure

    with spinner("Measuring"):
        results = measure()
    with spinner("Counting instructions"):
        counted = instructions.measured() if instructions.is_possible() else {}
    if as_json:
        print_json({**results, **({"million_instructions": counted} if counted else {})})
        return
    rows = [
        (f"{name} {part}".rstrip(), f"{number:,.2f}" if isinstance(number, float) else f"{number:,}")
        for name, value in results.items()
        for part, number in (value.items() if isinstance(value, dict) else [("", value)])
    ]
    rows += [
        (f"million_instructions of {kind}", f"{number:,.1f} (goal: {instructions.GOALS[kind]:,})")
        for kind, number in counted.items()
    ]
    print_rows(("measurement", "value"), rows)


bench_app.command()(corpus)


@bench_app.command(name="storm")
def storm_command(
    failures: Annotated[int, typer.Option("--failures", min=1, max=100_000, help="Jobs that fail within a minute.")] = (
        10_000
    ),
    causes: Annotated[int, typer.Option("--causes", min=1, help="How many different causes they have.")] = 1,
    quotas: Annotated[
        bool,
        typer.Option("--quotas", help="Under AWS's quotas, on a virtual clock: count what is diagnosed, and when."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Let many jobs fail at once, in memory, and count the messages and records."""
    from cli.bench.quotas import quota_storm
    from cli.bench.storm import storm

    with progress("failures", failures) as done:
        model = quota_storm if quotas else storm
        results = asdict(model(failures, causes, lambda number: done(completed=number)))
    _print_figures(results, as_json=as_json)


@bench_app.command(name="calls")
def calls_command(as_json: AsJson = False) -> None:
    """Count the calls of AWS and the units of the ledger that each event costs, as the table in docs/deploy.md."""
    from cli.bench import calls

    with progress("accounts", calls.COUNT) as done:
        found = calls.costs(lambda number: done(completed=number))
    if as_json:
        print_json([asdict(each) for each in found])
        return
    out.print(calls.table(found))


@bench_app.command(name="compare")
def compare_command(
    keep: Annotated[bool, typer.Option("--keep", help="Keep the present counts, for a release.")] = False,
) -> None:
    """Compare the calls and units per event with those of the last release, and name what is more than 10 % higher."""
    from cli.bench import calls, kept

    with progress("accounts", calls.COUNT) as done:
        found = kept.counts(calls.costs(lambda number: done(completed=number)))
    if keep:
        kept.write(found)
        out.print(f"{len(found)} counts are kept in {kept.PATH.name}.")
        return
    worse = list(kept.worse(kept.read(), found))
    for each in worse:
        out.print(each)
    if worse:
        raise typer.Exit(1)
    out.print(f"None of {len(found)} counts is more than 10 % higher than in the last release.")


@bench_app.command(name="costs")
def costs_command() -> None:
    """Print what Cronmend costs a month for three loads, as the table in docs/deploy.md."""
    from cli.bench import costs

    out.print(costs.table())


@bench_app.command(name="missed")
def missed_command(
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="How many days of the year to play.")] = 365,
    seed: Annotated[int, typer.Option("--seed", help="Of the year.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Play a year in four time zones, in memory, and compare the missed times that are found with those that were."""
    from cli.bench import unreported
    from cli.bench.missed import missed

    with progress("days", days) as done:
        results = asdict(missed(days, seed, lambda number: done(completed=number)))
    late, refused = asdict(unreported.overdue(days, seed)), asdict(unreported.starts(days, seed))
    results |= {f"overdue_{name}": value for name, value in late.items()}
    results |= {f"never_started_{name}": value for name, value in refused.items()}
    _print_figures(results, as_json=as_json)


@bench_app.command(name="foresight")
def foresight_command(
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="How many jobs to play, and as many that grow.")] = 60,
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="How many days of the year to play.")] = 90,
    seed: Annotated[int, typer.Option("--seed", help="Of the year.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Play ordinary job-days, and runs and memory that grow, roles and secrets that are lost; count what is told."""
    from cli.bench.foreseen_needs import foreseen_needs
    from cli.bench.foresight import foresight

    with progress("jobs", 2 * jobs) as done:
        grown = foresight(jobs, days, seed, lambda number: done(completed=number))
        needs = foreseen_needs(jobs, days, seed, lambda number: done(completed=jobs + number))
    false = grown.false_notices + needs.false_notices
    figures = {**asdict(grown), **asdict(needs), "false_notices": false}
    _print_figures({**figures, "per_1000_job_days": round(1000 * false / grown.job_days, 3)}, as_json=as_json)


@bench_app.command(name="follow")
def follow_command(
    histories: Annotated[int, typer.Option("--histories", min=1, help="How many histories to play, each twice.")] = 100,
    seed: Annotated[int, typer.Option("--seed", help="The first history's seed.")] = 1,
    assumed: Annotated[bool, typer.Option("--assumed", help="With follow = service_assumed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play simulated deploys with and without follow, and count the runs that started before their migration."""
    from cli.bench.following import follow
    from cronmend.model import Follow

    with progress("histories", histories) as done:
        kind = Follow.ASSUMED if assumed else Follow.SERVICE
        found = follow(seed, histories, kind, lambda number: done(completed=number))
    _print_figures({**asdict(found), "never_started": round(found.never_started, 4)}, as_json=as_json)


@bench_app.command(name="checks")
def checks_command(as_json: AsJson = False) -> None:
    """Count the calls of AWS that a check of the schedules costs, as the table in docs/missed-runs.md."""
    from cli.bench import check_calls

    with progress("accounts", len(check_calls.SIZES)) as done:
        found = check_calls.check_costs(lambda number: done(completed=number))
    if as_json:
        print_json([asdict(each) for each in found])
        return
    out.print(check_calls.table(found))


@bench_app.command(name="holds")
def holds_command() -> None:
    """Let a deploy hold 1 to 1,000 schedules on a virtual clock, and print the table in docs/deploys.md."""
    from cli.bench import holds

    with progress("accounts", len(holds.SIZES)) as done:
        found = holds.hold_costs(lambda number: done(completed=number))
    out.print(holds.table(found))


@bench_app.command(name="redact")
def redact_command(as_json: AsJson = False) -> None:
    """Measure how much more a character costs to redact in a text 100 times longer: 1 is linear, 100 is quadratic."""
    from cli.bench.hostile import HOSTILE, growth

    names = list(HOSTILE)
    with progress("texts", len(names)) as done:
        results = growth(lambda name: done(completed=names.index(name), description=name))
    if as_json:
        print_json(results)
        return
    for name, ratio in results.items():
        out.print(f"{ratio:>6.2f}  {name}")


@bench_app.command(name="board")
def board_command(
    jobs: Annotated[int, typer.Option("--jobs", min=1, max=10_000, help="How many jobs it has.")] = 1_000,
    as_json: AsJson = False,
) -> None:
    """Measure the board of many jobs: calls of the ledger, bytes of HTML, seconds of processor time."""
    from cli.bench.board import figures

    with spinner("Making the board"):
        found = asdict(figures(jobs))
    _print_figures(found, as_json=as_json)


def _print_figures(figures: Mapping[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(figures)
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        out.print(f"{name:>{width}}  {value:,}")
