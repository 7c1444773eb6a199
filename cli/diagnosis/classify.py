"""``cronmend classify``: diagnose many runs. Reads one JSON object per line and prints one per line."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from cli.console import fail, json_text, progress, write
from cli.diagnosis.rules import OwnRules, loaded
from cli.diagnosis.samples import BadSample, answer, sample_of
from cronmend.diagnosis.ruleset import Rules


def classify(
    batch: Annotated[str, typer.Option(help="A file of samples, one JSON object per line; - for standard input.")],
    rules: OwnRules = None,
) -> None:
    """Print the diagnosis and the action of each sample. Exits with 1 if a line can't be read."""
    known = loaded(rules)
    with _opened(batch) as lines:
        failed = sum(not _print(number, line, known) for number, line in _counted(lines) if line.strip())
    if failed:
        raise typer.Exit(1)


@contextmanager
def _opened(batch: str) -> Iterator[TextIO]:
    if batch == "-":
        yield sys.stdin
        return
    try:
        lines = Path(batch).open(encoding="utf-8", errors="replace")  # noqa: SIM115 (closed by the next with)
    except OSError as error:
        remedy = "Use --batch with a file of samples, one JSON object per line, or with -"
        raise fail(f"Can't read '{batch}': {error.strerror}. {remedy}.", 2) from error
    with lines:
        yield lines


def _counted(lines: TextIO) -> Iterator[tuple[int, str]]:
    with progress("samples classified") as done:
        for number, line in enumerate(lines, start=1):
            yield number, line
            done(completed=number)


def _print(number: int, line: str, rules: Rules) -> bool:
    """Print the answer to one line; returns False if the line can't be read."""
    try:
        result: dict[str, object] = answer(sample_of(json.loads(line)), rules)
    except (ValueError, RecursionError, BadSample) as error:
        result = {"line": number, "error": f"{error}; expected one JSON object per line, see docs/rules.md"}
    write(f"{json_text(result, indent=None)}\n")
    return "error" not in result
