"""The board for a terminal: each row as cells, the strip as blocks whose shape shows the outcome, too. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from cronmend.board.model import Bar, Board, Row, State, longest
from cronmend.board.times import clock
from cronmend.jobs.error_budgets import percent
from cronmend.model.past_runs import RunResult

SIGNS: Final = {
    State.FAILED: "✗",
    State.OVERDUE: "◷",
    State.HEALING: "◐",
    State.WAITING: "⧗",
    State.MUTED: "⊘",
    State.HELD: "‖",
    State.RUNNING: "▸",
    State.HEALED: "✓",
    State.HEALTHY: "●",
    State.NEW: "○",
    State.DISABLED: "◌",
}
_HEIGHTS: Final = "▁▂▃▄▅▆▇█"
COLUMNS: Final = ("", "Job", "State", "Last 30 runs", "Last run", "Next run", "28 days", "Budget used", "Owner")


class Tone(str):
    """A color's meaning: bad, warn, ok, deploy, soft, or ``""`` for the terminal's own."""

    __slots__ = ()


OK, BAD, WARN, SOFT, PLAIN = Tone("ok"), Tone("bad"), Tone("warn"), Tone("soft"), Tone("")
_SHAPES: Final = {
    RunResult.FAILED: ("✗", BAD),
    RunResult.HEALED: ("✓", WARN),
    RunResult.MISSED: ("_", BAD),
    RunResult.STOPPED: ("-", SOFT),
    None: ("▸", SOFT),
}
_TONES: Final = {State.FAILED: BAD, State.OVERDUE: WARN, State.HEALING: WARN, State.WAITING: WARN}
_GOOD: Final = frozenset({State.RUNNING, State.HEALED, State.HEALTHY})


class Piece(Struct, frozen=True):
    """Text of one tone."""

    text: str
    tone: Tone = PLAIN


type Cell = tuple[Piece, ...]


def cells(row: Row, board: Board) -> tuple[Cell, ...]:
    """In the order of :data:`COLUMNS`."""
    tone = tone_of(row.state)
    last = f"{clock(row.last, board.now)} {row.last_took}" if row.last else ""
    at = f" ({clock(row.next, board.now)})" if row.next else ""
    return (
        (Piece(SIGNS[row.state], tone),),
        (Piece(row.name),),
        tuple(_state(row)),
        strip(row.bars),
        (Piece(last),),
        (Piece(f"{row.next_in or row.next_note}{at}"),),
        (Piece(row.rate.percent),),
        (_budget(row),),
        (Piece(row.owner),),
    )


def _budget(row: Row) -> Piece:
    budget = row.budget
    return Piece(percent(budget.used), BAD if budget.used >= 1 else PLAIN) if budget else Piece("")


def tone_of(state: State) -> Tone:
    return OK if state in _GOOD else _TONES.get(state, SOFT)


def strip(bars: Sequence[Bar]) -> Cell:
    """One character a run: its length, or a sign for any outcome but a success."""
    most = longest(bars) or 1
    return tuple(_bar(each, most) for each in bars)


def _bar(bar: Bar, most: int) -> Piece:
    if bar.result is not RunResult.SUCCEEDED:
        return Piece(*_SHAPES[bar.result])
    share = min(1.0, (bar.seconds or 0) / most)
    return Piece(_HEIGHTS[min(len(_HEIGHTS) - 1, int(share * len(_HEIGHTS)))], OK)


def _state(row: Row) -> Iterator[Piece]:
    if row.lead:
        yield Piece(f"{row.lead} ", tone_of(row.state))
    yield Piece(row.detail)


def plain(cell: Cell) -> str:
    return "".join(each.text for each in cell)
