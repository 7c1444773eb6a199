"""What the on-call commands share: the options that name the stack, and how results are printed."""

from collections.abc import Callable, Sequence
from typing import Annotated

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.aws_options import Profile, Region, StackName
from cli.console import fail, out, plain_table, print_json, print_table
from cli.on_call.stack import CommandError, command_errors

__all__ = [
    "JOB",
    "STACK",
    "TASK",
    "AsJson",
    "By",
    "JobArgument",
    "Profile",
    "Region",
    "StackName",
    "print_done",
    "print_facts",
    "print_rows",
    "reported",
]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
JobArgument = Annotated[
    str, typer.Argument(metavar="JOB", help="<group>/<schedule name>, or the name alone.", show_default=False)
]
By = Annotated[str, typer.Option("--by", help="Your name. Default: the name in your AWS credentials.")]
STACK = "cronmend"
JOB, TASK = "Job", "Task"
"""Columns that people copy into the next command."""
_STATE = 18
"""Wide enough that no category is broken within a word."""
_READABLE = 12
"""A longer cell can be wrapped at this width; a shorter one, such as a time, is never wrapped."""
_GAP = 2


def reported[T](call: Callable[[], T]) -> T:
    """The call's result; an error is printed as a sentence, and the command exits with 1."""
    try:
        with command_errors():
            return call()
    except CommandError as error:
        raise fail(str(error)) from error


def print_done(done: str, *, as_json: bool) -> None:
    """What a command did, as a sentence."""
    if as_json:
        print_json({"done": done})
    else:
        out.print(done)


def print_rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table; each row as a block of its own on a terminal that is too narrow, and as one line for a program."""
    least = [_least(name, [row[index] for row in rows]) for index, name in enumerate(columns)]
    if not out.is_terminal:
        _print_lines(columns, rows)
    elif sum(least) + _GAP * (len(columns) - 1) > out.width:
        _print_blocks(columns, rows)
    else:
        table = plain_table(columns, whole=(JOB, TASK), widths=dict(zip(columns, least, strict=True)))
        for row in rows:
            table.add_row(*row)
        print_table(table)


def print_facts(facts: Sequence[tuple[str, str]], to: Console = out) -> None:
    """Names and values below each other; a value is wrapped on a terminal, and whole for a program."""
    if to.is_terminal:
        grid = Table.grid(padding=(0, _GAP))
        for name, value in facts:
            grid.add_row(Text(name, style="dim"), Text(value, overflow="fold"))
        to.print(grid, soft_wrap=False)
        return
    width = max(cell_len(name) for name, _ in facts)
    for name, value in facts:
        first, *others = value.split("\n")
        to.print(f"{set_cell_size(name, width)}  {first}", *(f"{' ' * width}  {line}" for line in others), sep="\n")


def _print_lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(cell_len, cells)) for cells in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        out.print((" " * _GAP).join(map(set_cell_size, row, widths)).rstrip())


def _least(column: str, cells: Sequence[str]) -> int:
    """The width below which the column isn't readable."""
    longest = max(map(cell_len, (column, *cells)))
    if column in (JOB, TASK):
        return longest
    return max(min(longest, _READABLE), _STATE if column == "State" else 0)


def _print_blocks(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for first, *others in rows:
        out.print(Text(first, style="bold"))
        block = Table.grid(padding=(0, _GAP))
        for name, cell in zip(columns[1:], others, strict=True):
            if cell:
                block.add_row("", Text(name, style="dim"), Text(cell, overflow="fold"))
        print_table(block)
