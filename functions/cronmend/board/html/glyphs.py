"""A sign for each state, which differ in shape as well as in color."""

from collections.abc import Mapping
from typing import Final

from cronmend.board.html.markup import Html, tag
from cronmend.board.model import State

_SHAPES: Final[Mapping[State, str]] = {
    State.FAILED: '<rect class="fbad" x="2" y="2" width="12" height="12" rx="2.5"/>'
    '<path class="mark sbg" d="M5.5 5.5l5 5m0-5l-5 5"/>',
    State.OVERDUE: '<circle class="line swarn" cx="8" cy="8" r="6"/><path class="line swarn" d="M8 4.6V8l2.4 1.8"/>',
    State.HEALING: '<circle class="line sbad" cx="8" cy="8" r="5"/><path class="fok" d="M3 8a5 5 0 0 0 10 0z"/>',
    State.WAITING: '<path class="line sacc" '
    'd="M4 2.5h8M4 13.5h8M5 3c0 3.2 3 3.4 3 5s-3 1.8-3 5m6-10c0 3.2-3 3.4-3 5s3 1.8 3 5"/>',
    State.MUTED: '<circle class="line sedge" cx="8" cy="8" r="5.5"/><path class="line sedge" d="M4.2 11.8l7.6-7.6"/>',
    State.HELD: '<path class="line sedge wide" d="M5.5 3.5v9m5-9v9"/>',
    State.RUNNING: '<circle class="line sline wide" cx="8" cy="8" r="5"/>'
    '<path class="line sok wide" d="M8 3a5 5 0 0 1 5 5"/>',
    State.HEALED: '<path class="fbad" d="M3 8.5a5 5 0 0 0 10 0z"/><path class="fok" d="M3 7.5a5 5 0 0 1 10 0z"/>',
    State.HEALTHY: '<circle class="fok" cx="8" cy="8" r="4"/>',
    State.NEW: '<circle class="line sedge" cx="8" cy="8" r="3.5"/>',
    State.DISABLED: '<circle class="line sedge dash" cx="8" cy="8" r="5.5"/>',
}


def glyph(state: State) -> Html:
    return _svg(state, role="img", aria_label=state.label)


def silent_glyph(state: State) -> Html:
    """For a place where the state is written beside it."""
    return _svg(state, aria_hidden="true")


def _svg(state: State, **attributes: str) -> Html:
    size = {"class_": "g", "width": "16", "height": "16", "viewBox": "0 0 16 16"}
    return tag("svg", Html(_SHAPES[state]), **size, **attributes)


CROSS: Final = "m-2 -2l4 4m0-4l-4 4"
TICK: Final = "m-2.2 .2l1.7 1.8 3-3.8"
"""Paths around the point where they start."""
