"""``cronmend rules``: check, list and try the rows that the diagnosis knows failures by."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cronmend.diagnosis import fatal_error
from cronmend.diagnosis.log_verdict import candidates, log_verdict
from cronmend.diagnosis.rule_files import PACK, BadRules, load, pack, read, shipped_files, wrong_examples
from cronmend.diagnosis.ruleset import Rule, Rules, Where
from cronmend.model import Category

app = typer.Typer(no_args_is_help=True, help="The rules of the diagnosis: rows of TOML, see docs/rules.md.")

Own = Annotated[list[Path] | None, typer.Option("--rules", help="Your own rules, ahead of the shipped ones.")]


@app.command()
def check(
    file: Annotated[Path | None, typer.Argument(help="A file of rules; the shipped ones by default.")] = None,
) -> None:
    """Report every mistake of every row: fields, patterns, examples that don't match."""
    files = [file] if file else shipped_files()
    try:
        rows = read(files)
        load(*([file] if file else []))
    except BadRules as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    wrong = wrong_examples(rows)
    for mistake in wrong:
        typer.echo(mistake, err=True)
    if wrong:
        raise typer.Exit(1)
    typer.echo(f"{len(rows)} rules in {len(files)} file(s), all examples as they should be")


@app.command("pack")
def pack_rules() -> None:
    """Pack the shipped rules for a quick start, after one of their files has changed."""
    PACK.write_text(pack(), encoding="utf-8")
    typer.echo(f"{PACK.name} written: {PACK.stat().st_size / 1024:.0f} KiB")


@app.command("list")
def list_rules(
    own: Own = None, category: Annotated[Category | None, typer.Option(help="Only rules with this category.")] = None
) -> None:
    """List the rules in their order of precedence."""
    table = Table("rule", "where", "category", "weight", "file")
    for row in _loaded(own).rows:
        if category in (None, row.category):
            table.add_row(escape(row.id), row.where, row.category, row.weight, row.file)
    Console().print(table)


@app.command("try")
def try_rules(
    log: Annotated[Path, typer.Option(help="A log, a line each.")],
    own: Own = None,
) -> None:
    """Show which rules match this log, in which order, and why the first won."""
    rules = _loaded(own)
    try:
        lines = tuple(log.read_text(encoding="utf-8", errors="replace").splitlines())
    except OSError as error:
        typer.echo(f"{log}: {error.strerror}; --log takes a text file", err=True)
        raise typer.Exit(2) from error
    console = Console()
    reading = fatal_error.read(lines)
    table = Table("error", "stated in line", "rule", "weight", "category")
    for stated, row in candidates(reading, rules):
        text = f"{stated.type}: {stated.message}" if stated.type else stated.message
        table.add_row(escape(text.split("\n", 1)[0][:100]), str(stated.line + 1), *_cells(row))
    for row in rules.matching_text(Where.LINE, reading.lines.whole):
        table.add_row("any line", "", *_cells(row))
    console.print(table)
    found = log_verdict(reading, rules)
    if found is None:
        console.print(
            "no rule decides: the answer is application_error if the log states an error with frames, else unknown"
        )
        return
    console.print(f"[bold]{escape(found.rule.id)}[/] decides, {found.rule.category.value}: {escape(found.why)}")


def _cells(row: Rule) -> tuple[str, str, str]:
    return escape(row.id), row.weight, row.category


def _loaded(own: list[Path] | None) -> Rules:
    try:
        return load(*(own or []))
    except BadRules as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
