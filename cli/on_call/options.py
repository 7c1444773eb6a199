"""What the on-call commands share: the options that name the stack, and how results are printed."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from cli.console import fail, plain_table, print_table
from cli.on_call.stack import CommandError, command_errors

StackName = Annotated[str, typer.Option("--stack-name", help="Name of the deployed stack.")]
Profile = Annotated[str | None, typer.Option("--profile", help="Profile of the AWS configuration.")]
Region = Annotated[str | None, typer.Option("--region", help="Region of the stack.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
JobArgument = Annotated[
    str, typer.Argument(metavar="JOB", help="<group>/<schedule name>, or the name alone.", show_default=False)
]
STACK = "cronmend"
JOB, TASK = "Job", "Task"
"""Columns that people copy into the next command."""
_WIDTHS = {"State": 18}
"""Wide enough that no category is broken within a word."""


def reported[T](call: Callable[[], T]) -> T:
    """The call's result; an error is printed as a sentence, and the command exits with 1."""
    try:
        with command_errors():
            return call()
    except CommandError as error:
        raise fail(str(error)) from error


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = plain_table(columns, whole=(JOB, TASK), widths=_WIDTHS)
    for row in rows:
        table.add_row(*row)
    print_table(table)
