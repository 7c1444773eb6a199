"""``cronmend classify``: what ended many runs, a JSON object a line in, one out."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer
from rich.console import Console
from rich.progress import Progress

from cli.diagnosis.cases import BadCase, answer, case_of
from cronmend.diagnosis.rule_files import BadRules, load
from cronmend.diagnosis.ruleset import Rules


def classify(
    batch: Annotated[str, typer.Option(help="File of cases, one JSON object a line; - for standard input.")],
    rules: Annotated[list[Path] | None, typer.Option(help="Your own rules, ahead of the shipped ones.")] = None,
) -> None:
    """Say of each case what ended the run and what follows; exit status 1 if a line could not be read."""
    loaded = _rules(rules or [])
    with _opened(batch) as lines:
        failed = sum(not _print(number, line, loaded) for number, line in _watched(lines) if line.strip())
    if failed:
        raise typer.Exit(1)


def _rules(files: list[Path]) -> Rules:
    try:
        return load(*files)
    except BadRules as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


@contextmanager
def _opened(batch: str) -> Iterator[TextIO]:
    if batch == "-":
        yield sys.stdin
        return
    try:
        lines = Path(batch).open(encoding="utf-8", errors="replace")  # noqa: SIM115 (closed by the next with)
    except OSError as error:
        typer.echo(f"{batch}: {error.strerror}; --batch takes a file of cases, one JSON object a line, or -", err=True)
        raise typer.Exit(2) from error
    with lines:
        yield lines


def _watched(lines: TextIO) -> Iterator[tuple[int, str]]:
    """The lines with their numbers; on a terminal, with a count of those done."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from enumerate(lines, start=1)
        return
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("classified", total=None)
        for number, line in enumerate(lines, start=1):
            yield number, line
            progress.update(task, completed=number)


def _print(number: int, line: str, rules: Rules) -> bool:
    """Prints the answer to one line; False where the line can't be read."""
    try:
        result: dict[str, object] = answer(case_of(json.loads(line)), rules)
    except (ValueError, RecursionError, BadCase) as error:
        result = {"line": number, "error": f"{error}; expected one JSON object a line, see docs/rules.md"}
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return "error" not in result
