"""``cronmend bench``: measure how fast the diagnosis is, and how often it is right on labeled samples."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from cli.bench import calls, check_calls
from cli.bench.hostile import HOSTILE, growth
from cli.bench.missed import missed
from cli.bench.quotas import quota_storm
from cli.bench.score import Score, ScoredAnswer, score
from cli.bench.speed import measure
from cli.bench.storm import storm
from cli.console import fail, out, print_json, print_table, progress, reason_of, spinner
from cli.diagnosis.samples import BadSample, diagnosed, sample_of

bench_app = typer.Typer(invoke_without_command=True, help="Measure the diagnosis.")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@bench_app.callback()
def bench(context: typer.Context, as_json: AsJson = False) -> None:
    """Measure the speed of the diagnosis: diagnoses per second, megabytes per second, start-up time."""
    if context.invoked_subcommand:
        return
    with spinner("Measuring"):
        results = measure()
    if as_json:
        print_json(results)
        return
    table = Table("measurement", "value")
    for name, value in results.items():
        for part, number in value.items() if isinstance(value, dict) else [("", value)]:
            table.add_row(f"{name} {part}".rstrip(), f"{number:,.2f}" if isinstance(number, float) else f"{number:,}")
    print_table(table)


@bench_app.command()
def corpus(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Labeled samples: one JSON object per line, with expect.")
    ],
) -> None:
    """Compare the diagnosis with labels: confusion table, macro-F1, dangerous errors, and every miss with its rule."""
    result = score(_answers(file))
    print_table(_confusion(result))
    for miss in result.misses:
        text = f"{miss.id}: expected {_pairs(miss)}, got {miss.category}/{miss.action} by {miss.rule}"
        out.print(Text.assemble(("dangerous " if miss.dangerous else "", "bold red"), text))
        out.print(Text(f"    {miss.line[:160]}", style="dim"))
    out.print(
        f"{result.cases} samples: category {result.category_right:.1%}, action {result.action_right:.1%}, "
        f"macro-F1 {result.macro_f1:.3f}, dangerous {result.dangerous}"
    )
    if result.tries:
        labels = ", ".join(f"{count} labeled {action}" for action, count in sorted(result.tries.items()))
        out.print(f"{result.tries.total()} run once more after the deploy, which may explain them: {labels}")
    out.print(
        f"{result.contested} contested, not counted above: category {result.contested_category_right:.1%}, "
        f"action {result.contested_action_right:.1%}"
    )


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
    with progress("failures", failures) as done:
        model = quota_storm if quotas else storm
        results = asdict(model(failures, causes, lambda number: done(completed=number)))
    if as_json:
        print_json(results)
        return
    for name, value in results.items():
        out.print(f"{name:>11}  {value:,}")


@bench_app.command(name="calls")
def calls_command(as_json: AsJson = False) -> None:
    """Count the calls of AWS that each event costs, as the table in docs/deploy.md."""
    with progress("accounts", calls.COUNT) as done:
        found = calls.costs(lambda number: done(completed=number))
    if as_json:
        print_json([asdict(each) for each in found])
        return
    out.print(calls.table(found))


@bench_app.command(name="missed")
def missed_command(
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="How many days of the year to play.")] = 365,
    seed: Annotated[int, typer.Option("--seed", help="Of the year.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Play a year in four time zones, in memory, and compare the missed times that are found with those that were."""
    with progress("days", days) as done:
        results = asdict(missed(days, seed, lambda number: done(completed=number)))
    if as_json:
        print_json(results)
        return
    for name, value in results.items():
        out.print(f"{name:>15}  {value:,}")


@bench_app.command(name="checks")
def checks_command(as_json: AsJson = False) -> None:
    """Count the calls of AWS that a check of the schedules costs, as the table in docs/missed-runs.md."""
    with progress("accounts", len(check_calls.SIZES)) as done:
        found = check_calls.check_costs(lambda number: done(completed=number))
    if as_json:
        print_json([asdict(each) for each in found])
        return
    out.print(check_calls.table(found))


@bench_app.command(name="redact")
def redact_command(as_json: AsJson = False) -> None:
    """Measure how much more a character costs to redact in a text 100 times longer: 1 is linear, 100 is quadratic."""
    names = list(HOSTILE)
    with progress("texts", len(names)) as done:
        results = growth(lambda name: done(completed=names.index(name), description=name))
    if as_json:
        print_json(results)
        return
    for name, ratio in results.items():
        out.print(f"{ratio:>6.2f}  {name}")


def _answers(file: Path) -> list[ScoredAnswer]:
    try:
        lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        answers = []
        with progress("samples diagnosed", len(lines)) as done:
            for line in lines:
                answers.append(_answer(json.loads(line)))
                done(completed=len(answers))
        return answers
    except (OSError, ValueError, KeyError, BadSample) as error:
        remedy = "Name a file of labeled samples, one JSON object per line"
        raise fail(f"Can't read '{file}': {reason_of(error)}. {remedy}.", 2) from error


def _answer(raw: dict[str, object]) -> ScoredAnswer:
    """Diagnosed from what ``classify`` reads; the label is only compared afterwards."""
    diagnosis, action = diagnosed(sample_of({key: value for key, value in raw.items() if key != "expect"}))
    expect = raw["expect"]
    if not isinstance(expect, dict):
        raise ValueError("expect is not an object")
    right = [(expect["category"], expect["action"]), *((category, word) for category, word in expect.get("also", ()))]
    return ScoredAnswer(
        id=str(raw.get("id", "")),
        right=tuple(right),
        contested=bool(expect.get("contested")),
        category=diagnosis.category.value,
        action=action,
        rule=diagnosis.rule,
        line=diagnosis.line,
        only_tries=action == "rerun" and diagnosis.only_a_try_helps,
    )


def _confusion(result: Score) -> Table:
    """One row for each expected category, one column for each answered one."""
    words = sorted({word for pair in result.confusion for word in pair})
    table = Table("expected", *(word.replace("_", "\n") for word in words), title="Confusion", title_justify="left")
    for expected in words:
        counts = [result.confusion.get((expected, answered), 0) for answered in words]
        table.add_row(expected, *(str(count) if count else "·" for count in counts))
    return table


def _pairs(miss: ScoredAnswer) -> str:
    return " or ".join(f"{category}/{action}" for category, action in miss.right)
