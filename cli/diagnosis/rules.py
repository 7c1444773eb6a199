"""``cronmend rules``: check, list, try and pack the rules of the diagnosis."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli.console import err, fail, out
from cli.diagnosis.labeled import count_in
from cli.diagnosis.own_rules import OwnFiles, packaged
from cli.tables import print_rows
from cli.text_files import read_text
from cronmend.diagnosis import fatal_error
from cronmend.diagnosis.log_verdict import candidates, log_verdict
from cronmend.diagnosis.rule_files import PACK, BadRules, load, pack, read, shipped_files
from cronmend.diagnosis.ruleset import Rule, Rules, Where
from cronmend.model import Category
from cronmend.wording import times

rules_app = typer.Typer(
    no_args_is_help=True, help="Check, list and try the rules of the diagnosis. They are described in docs/rules.md."
)

RuleFiles = Annotated[
    list[Path] | None,
    typer.Argument(metavar="FILE", help="Your own rules, or a folder, tried before the shipped ones."),
]
OwnRules = Annotated[
    list[Path] | None,
    typer.Option("--rules", metavar="FILE", help="Your own rules, or a folder, tried before the shipped ones."),
]
RuleFilesOption = Annotated[
    list[Path] | None,
    typer.Option("--rules", "--file", "-f", metavar="FILE", help="The same as the argument FILE."),
]


@rules_app.command()
def check(files: RuleFiles = None, option: RuleFilesOption = None) -> None:
    """Report every mistake: fields, patterns, examples that don't match, and fixtures that are diagnosed wrongly.

    FILE is a file of rules or of fixtures, or a folder of both. Without FILE, check the shipped rules.
    """
    own = OwnFiles.of(_given(files, option) or shipped_files())
    _refuse_if_wrong(own)
    out.print(f"{_count(own)} in {times(len(own.rules) + len(own.fixtures), 'file')}, no mistakes")


def _refuse_if_wrong(own: OwnFiles) -> None:
    for mistake in (wrong := own.mistakes()):
        err.print(mistake)
    if wrong:
        raise typer.Exit(1)


def _count(own: OwnFiles) -> str:
    rules = times(len(read(own.rules)), "rule")
    return f"{rules} and {times(count_in(own.fixtures), 'fixture')}" if own.fixtures else rules


@rules_app.command()
def build(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Your own rules and fixtures; may be absent.")],
    root: Annotated[Path, typer.Option(help="The copy of the project that is deployed. Its rules are replaced.")],
) -> None:
    """Check your own rules and add them to a copy of the functions. `make build` runs this."""
    own = OwnFiles.of([folder] if folder.is_dir() else [])
    _refuse_if_wrong(own)
    for path, text in packaged(own).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    if own.rules:
        out.print(f"{_count(own)} of {folder} added")


@rules_app.command("pack")
def pack_rules() -> None:
    """Pack the shipped rules, so that functions start quickly. Run it after you change a rule file."""
    with _reported():
        text = pack()
    PACK.write_text(text, encoding="utf-8")
    out.print(f"{PACK.name} written: {PACK.stat().st_size / 1024:.0f} KiB")


@rules_app.command("list")
def list_rules(
    files: RuleFiles = None,
    option: RuleFilesOption = None,
    category: Annotated[Category | None, typer.Option(help="Only rules of this category.")] = None,
) -> None:
    """List the rules in the order in which they are tried."""
    shown = [row for row in loaded(_given(files, option)).rows if category in (None, row.category)]
    rows = [(row.id, row.where.value, row.category.value, row.weight.value, row.file) for row in shown]
    print_rows(("rule", "where", "category", "weight", "file"), rows)


@rules_app.command("try")
def try_rules(
    log: Annotated[Path, typer.Option(help="A file with the lines of a log.")],
    files: RuleFiles = None,
    option: RuleFilesOption = None,
) -> None:
    """Show which rules match a log, in which order, and why the first one decides."""
    rules = loaded(_given(files, option))
    try:
        lines = tuple(read_text(log).splitlines())
    except OSError as error:
        raise fail(f"Can't read '{log}': {error.strerror}. Use --log with a text file.", 2) from error
    reading = fatal_error.read(lines)
    rows = []
    for stated, row in candidates(reading, rules):
        rows.append((stated.text.split("\n", 1)[0], str(stated.line + 1), *_cells(row)))
    for row in rules.matching(Where.LINE, reading.lines.whole):
        rows.append(("any line", "", *_cells(row)))
    print_rows(("error", "line", "rule", "weight", "category"), rows)
    found = log_verdict(reading, rules)
    if found is None:
        out.print(
            "No rule decides. The category is application_error if the log has an error with frames, else unknown."
        )
        return
    out.print(Text.assemble((found.rule.id, "bold"), f" decides, {found.rule.category.value}: {found.why}"))


def loaded(files: list[Path] | None) -> Rules:
    """The shipped rules, with these before them; a mistake in one exits with 2."""
    with _reported():
        return load(*OwnFiles.of(files or []).rules)


@contextmanager
def _reported() -> Iterator[None]:
    """Print the mistakes in rule files, and exit with 2."""
    try:
        yield
    except BadRules as error:
        raise fail(str(error), 2) from error


def _given(files: list[Path] | None, option: list[Path] | None) -> list[Path]:
    """
    Raises:
        BadParameter: files are given both as arguments and as options.
    """
    if files and option:
        given = f"as arguments ({', '.join(map(str, files))}) and as --rules ({', '.join(map(str, option))})"
        raise typer.BadParameter(f"Rule files are given twice: {given}. Use one of the two.")
    return files or option or []


def _cells(row: Rule) -> tuple[str, str, str]:
    return row.id, row.weight, row.category
