"""The one style of tables: rows that fold on a terminal and are never cut, one line each for a program."""

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.console import out, plain_table, print_table

JOB, TASK = "Job", "Task"
"""Columns that people copy into the next command."""
STATE = "State"
_STYLES = {
    **dict.fromkeys(("alerted", "failed", "overdue"), "red"),
    **dict.fromkeys(("healing", "held", "waiting"), "yellow"),
    **dict.fromkeys(("healed", "recovered", "delivered"), "green"),
}
"""Of a state, by its first word."""
_STATE = 18
"""Wide enough that no category is broken within a word."""
_READABLE = 12
"""A longer cell can be wrapped at this width; a shorter one, such as a time, is never wrapped."""
_GAP = 2


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
            table.add_row(*map(_cell, columns, row))
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


def _cell(column: str, cell: str) -> Text:
    """Folded, never cut; a state in its color."""
    return Text(cell, style=_STYLES.get(cell.partition(":")[0], "") if column == STATE else "", overflow="fold")


def _print_lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(map(cell_len, cells)) for cells in zip(columns, *rows, strict=True)]
    for row in (columns, *rows):
        out.print((" " * _GAP).join(map(set_cell_size, row, widths)).rstrip())


def _least(column: str, cells: Sequence[str]) -> int:
    """The width below which the column isn't readable."""
    longest = max(map(cell_len, (column, *cells)))
    if column in (JOB, TASK):
        return longest
    return max(min(longest, _READABLE), _STATE if column == STATE else 0)


def _print_blocks(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    for first, *others in rows:
        out.print(Text(first, style="bold"))
        block = Table.grid(padding=(0, _GAP))
        for name, cell in zip(columns[1:], others, strict=True):
            if cell:
                block.add_row("", Text(name, style="dim"), _cell(name, cell))
        print_table(block)
