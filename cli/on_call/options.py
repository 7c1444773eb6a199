"""What the commands for people share: the options that name the stack, and how they print."""

import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.on_call.stack import PeopleError, people_errors

console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

StackName = Annotated[str, typer.Option("--stack-name", help="Name of the deployed stack.")]
Profile = Annotated[str | None, typer.Option("--profile", help="Profile of the AWS configuration.")]
Region = Annotated[str | None, typer.Option("--region", help="Region of the stack.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
STACK = "cronmend"
JOB, TASK = "Job", "Task"
"""The columns that people copy into the next command: whole in a window of any width."""
_WIDEST = {"State": 18}
"""So that no category is broken within its word."""


def asked[T](ask: Callable[[], T]) -> T:
    """What AWS answers; an error is a sentence and exit code 1."""
    try:
        with people_errors():
            return ask()
    except PeopleError as error:
        errors.print(f"[red]{escape(str(error))}[/]", soft_wrap=True)
        raise typer.Exit(1) from error


def print_json(document: Any) -> None:
    console.print_json(json.dumps(document, ensure_ascii=False, default=_plain))


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, overflow="fold", no_wrap=head in {JOB, TASK}, min_width=_WIDEST.get(head))
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)


def _plain(value: Any) -> int | str:
    """DynamoDB's numbers."""
    return int(value) if hasattr(value, "as_integer_ratio") else str(value)
