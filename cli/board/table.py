"""The board on a terminal."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from cli.console import out, plain_table, print_table
from cli.on_call.options import print_rows
from cronmend.alerting.headlines import name_of
from cronmend.board.model import Board, Row
from cronmend.board.story import Kind, Records, story
from cronmend.board.text import COLUMNS, Cell, cells, plain

_STYLES: Final = {"ok": "green", "bad": "bold red", "warn": "yellow", "soft": "dim", "": ""}
_MOMENTS: Final = {Kind.DEPLOY: "blue", Kind.FAILED: "red", Kind.CRONMEND: "", Kind.SUCCEEDED: "green"}
_WIDE: Final = 150
_LEFT_OUT: Final = frozenset({"Last run", "Owner"})
"""On a terminal that is narrower than that."""
_BUDGET: Final = "Budget used"
_STRIP: Final = "Last 30 runs"
_NARROW: Final = 100


def print_board(board: Board) -> None:
    subject = name_of(board.subject)
    out.print(Text(" ".join(filter(None, (board.headline, f"{subject}." if subject else ""))), style="bold"))
    for line in board.lines:
        out.print(line)
    if board.shown:
        out.print(Text(f"Shown: {board.shown}", style="dim"))
    out.print()
    if not out.is_terminal:
        shown = _columns(board)[1:]
        print_rows(shown, [[plain(cell) for cell in _shown(row, board, shown)] for row in board.rows])
        return
    print_table(_table(board))


def print_story(records: Records, now: datetime) -> None:
    """The job's latest incident."""
    found = story(records, now)
    out.print()
    if found is None:
        out.print("This job has had no incident that is still on record.")
        return
    out.print(Text(found.title, style="bold"))
    for each in found.moments:
        out.print(Text.assemble((f"  {each.at:%d %b %H:%M:%S}  ", "dim"), (each.what, _MOMENTS[each.kind])))
        if each.why:
            out.print(f"                   {each.why}")
    for number, line in enumerate(found.excerpt):
        out.print(
            Text(
                f"  {'>' if number == found.marked else '|'} {line}", style="bold" if number == found.marked else "dim"
            )
        )
    for sent in found.sent:
        out.print(f"  {sent.channel or 'no channel'}: {sent.what} ({sent.answer})")
    out.print(Text(f"  {found.command}", style="bold"))


def _table(board: Board) -> Table:
    shown = [name for name in _columns(board) if name not in _LEFT_OUT or out.width >= _WIDE]
    if out.width < _NARROW:
        shown = [name for name in shown if name not in (_STRIP, _BUDGET)]
    table = plain_table(shown, whole=("", "Job", _STRIP, "Next run", "28 days", _BUDGET), widths={"State": 24})
    for row in board.rows:
        table.add_row(*map(_text, _shown(row, board, shown)))
    return table


def _columns(board: Board) -> Sequence[str]:
    """Without the budgets if no job has an SLO."""
    return [name for name in COLUMNS if name != _BUDGET or any(each.budget for each in board.rows)]


def _shown(row: Row, board: Board, columns: Sequence[str]) -> Iterator[Cell]:
    found = zip(COLUMNS, cells(row, board), strict=True)
    return (cell for name, cell in found if name in columns)


def _text(cell: Cell) -> Text:
    return Text.assemble(*((each.text, _STYLES[each.tone]) for each in cell))
