"""What a terminal does not show is removed, and what only looks like it stays."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend import escapes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mERROR\x1b[0m boom", "ERROR boom"),
        ("\x1b[1;38;5;196mred\x1b[39;49m", "red"),
        ("\x1b[38:2::255:0:0mred\x1b[m", "red"),
        ("\x9b31mERROR\x9b0m", "ERROR"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\ more", "link more"),
        ("\x1b]8;id=1;https://example.org\x07link\x1b]8;;\x07", "link"),
        ("\x9d0;title\x9cgo", "go"),
        ("\x1b]0;title\x07go", "go"),
        ("\x1bP1$r0m\x1b\\go", "go"),
        ("\x1b(B\x1b[mhello\x1b[K\x1b[2A\x1b[?25l", "hello"),
        ("cut \x1b[31", "cut "),
        ("\x1b]8;the end is missing: boom\nnext", "the end is missing: boom\nnext"),
        ("[31mERROR[0m boom", "ERROR boom"),
        ("[1;31mERROR[22;39m boom", "ERROR boom"),
        ("the end of a red text[0m", "the end of a red text"),
        (r"\x1b[31mERROR\x1b[0m", "ERROR"),
        (r"\u001b[31mERROR\u001b[0m", "ERROR"),
        (r"\033[31mERROR\033[0m \e[1mbold\e[m", "ERROR bold"),
        ("^[[31mERROR^[[0m \u241b[2Kx \ufffd[0my", "ERROR x y"),
    ],
)
def test_escapes_are_removed(text: str, shown: str) -> None:
    assert escapes.without(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "rate(requests[5m]) > 1",
        "a[0m] of [0m, 5m]",
        "[mysqld] port[0] [10m",
        "waited [5m for it",
        "café › naïve",
        "C:\\033\\new",
        "['31m', '0m']",
        "",
    ],
)
def test_what_is_no_escape_stays(text: str) -> None:
    assert escapes.without(text) == text


@given(st.text(alphabet="\x1b\x9b\x9d\x9c\x07\\[]0;31mKP^_ab\n", max_size=60))
def test_nothing_with_an_escape_is_left(text: str) -> None:
    once = escapes.without(text)
    assert "\x1b" not in once
    assert "\x9b" not in once
    assert len(once) <= len(text)


@pytest.mark.parametrize("piece", ["\x1b]", "\x1b[3", "[31m", "\x9d", "\x90", "\x90\x1bP", "[3;", "\\033["])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    start = time.process_time()
    escapes.without(piece * 60_000)
    assert time.process_time() - start < 5
