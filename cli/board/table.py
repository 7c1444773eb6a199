"""The board on a terminal."""

from datetime import datetime
from typing import Final

from rich.table import Table
from rich.text import Text

from cli.console import out, plain_table, print_table
from cli.on_call.options import print_rows
from cronmend.alerting.headlines import name_of
from cronmend.board.model import Board
from cronmend.board.story import Kind, Records, story
from cronmend.board.text import COLUMNS, Cell, cells, plain

_STYLES: Final = {"ok": "green", "bad": "bold red", "warn": "yellow", "soft": "dim", "": ""}
_MOMENTS: Final = {Kind.DEPLOY: "blue", Kind.FAILED: "red", Kind.CRONMEND: "", Kind.SUCCEEDED: "green"}
_WIDE: Final = 150
_LEFT_OUT: Final = frozenset({"Last run", "Owner"})
"""On a terminal that is narrower than that."""
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
        print_rows(COLUMNS[1:], [[plain(cell) for cell in cells(row, board)[1:]] for row in board.rows])
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
    shown = [name for name in COLUMNS if name not in _LEFT_OUT or out.width >= _WIDE]
    if out.width < _NARROW:
        shown.remove(_STRIP)
    table = plain_table(shown, whole=("", "Job", _STRIP, "Next run", "28 days"), widths={"State": 24})
    for row in board.rows:
        found = zip(COLUMNS, cells(row, board), strict=True)
        table.add_row(*(_text(cell) for name, cell in found if name in shown))
    return table


def _text(cell: Cell) -> Text:
    return Text.assemble(*((each.text, _STYLES[each.tone]) for each in cell))
