"""``cronmend bench``: how fast the diagnosis is, and how right on labelled cases."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from cli.bench.hostile import HOSTILE, growth
from cli.bench.score import Judged, Score, score
from cli.bench.speed import measure
from cli.bench.storm import storm
from cli.diagnosis.cases import BadCase, case_of, judged

app = typer.Typer(invoke_without_command=True, help="Figures of the diagnosis.")


@app.callback()
def bench(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False
) -> None:
    """Measure speed: diagnoses a second, megabytes a second, start; ratios are taken within the same run."""
    if context.invoked_subcommand:
        return
    figures = measure()
    if as_json:
        typer.echo(json.dumps(figures))
        return
    table = Table("figure", "value")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.2f}" if isinstance(value, float) else f"{value:,}")
    Console().print(table)


@app.command()
def corpus(
    file: Annotated[Path, typer.Argument(help="Labelled cases, one JSON object a line with expect.")],
) -> None:
    """Compare with the labels: confusion table, macro-F1, dangerous errors, each miss with its rule."""
    result = score(_judged(file))
    console = Console()
    console.print(_confusion(result))
    for miss in result.misses:
        mark = "[bold red]dangerous[/] " if miss.dangerous else ""
        console.print(
            f"{mark}{escape(miss.id)}: expected {_pairs(miss)}, "
            f"got {miss.category}/{miss.action} by {escape(miss.rule)}"
        )
        console.print(f"    {escape(miss.line[:160])}", style="dim")
    console.print(
        f"{result.cases} cases: category {result.category_right:.1%}, action {result.action_right:.1%}, "
        f"macro-F1 {result.macro_f1:.3f}, dangerous {result.dangerous}"
    )
    console.print(
        f"{result.contested} contested, counted in no figure above: category {result.contested_category_right:.1%}, "
        f"action {result.contested_action_right:.1%}"
    )


def _judged(file: Path) -> list[Judged]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
        return [_one(json.loads(line)) for line in lines if line.strip()]
    except (OSError, ValueError, KeyError, BadCase) as error:
        typer.echo(f"{file}: {error}; expected labelled cases, one JSON object a line", err=True)
        raise typer.Exit(2) from error


def _one(raw: dict[str, object]) -> Judged:
    """Only what ``classify`` reads decides; the label is looked at afterwards."""
    diagnosis, action = judged(case_of({key: value for key, value in raw.items() if key != "expect"}))
    expect = raw["expect"]
    if not isinstance(expect, dict):
        raise ValueError("expect is no object")
    right = [(expect["category"], expect["action"]), *((category, word) for category, word in expect.get("also", ()))]
    return Judged(
        id=str(raw.get("id", "")),
        right=tuple(right),
        contested=bool(expect.get("contested")),
        category=diagnosis.category.value,
        action=action,
        rule=diagnosis.rule,
        line=diagnosis.line,
    )


def _confusion(result: Score) -> Table:
    """Rows are what is right, columns what was said."""
    words = sorted({word for pair in result.confusion for word in pair})
    table = Table("expected", *(word.replace("_", "\n") for word in words), title="confusion", title_justify="left")
    for expected in words:
        counts = [result.confusion.get((expected, said), 0) for said in words]
        table.add_row(expected, *(str(count) if count else "·" for count in counts))
    return table


def _pairs(miss: Judged) -> str:
    return " or ".join(f"{category}/{action}" for category, action in miss.right)


@app.command(name="storm")
def storm_command(
    failures: Annotated[int, typer.Option("--failures", min=1, max=100_000, help="Jobs that fail within a minute.")] = (
        10_000
    ),
    causes: Annotated[int, typer.Option("--causes", min=1, help="Different causes among them.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Let many jobs fail at once, over ports in memory: what reaches people, and what is on record."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("failures", total=failures)
        figures = storm(failures, causes, lambda done: bar.update(task, completed=done))
    if as_json:
        typer.echo(json.dumps(asdict(figures)))
        return
    for name, value in asdict(figures).items():
        typer.echo(f"{name:>9}  {value:,}")


@app.command(name="redact")
def redact_command(as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False) -> None:
    """How much more a character costs to look at in a text a hundred times longer; 1 is linear, 100 is the square."""
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("texts", total=len(HOSTILE))
        figures = growth(lambda name: bar.update(task, advance=1, description=name))
    if as_json:
        typer.echo(json.dumps(figures))
        return
    for name, ratio in figures.items():
        typer.echo(f"{ratio:>6.2f}  {name}")
