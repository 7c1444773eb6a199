"""What of a log is stored and sent."""

import pytest

from cronmend.diagnosis.excerpt import shown
from cronmend.diagnosis.fatal_error import lines

COLORED = (
    "\x1b[2m10:00\x1b[0m \x1b[31mERROR\x1b[39m in \x1b]8;;file:///app/jobs.py\x1b\\jobs.py\x1b]8;;\x1b\\",
    "\x9b1mValueError\x9b0m: boom\nnext \x1b[31",
)
PLAIN = ("10:00 ERROR in jobs.py", "ValueError: boom", "next ")


def test_an_excerpt_has_no_terminal_escapes() -> None:
    assert shown("a \x1b[1mbug\x1b[0m", COLORED[1], COLORED, None).excerpt == PLAIN
    assert shown("a \x1b[1mbug\x1b[0m", "", COLORED, None).sentence == "a bug"
    assert shown("", COLORED[0], COLORED, None).line == PLAIN[0]


def test_an_excerpt_holds_the_line_that_decided_however_far_above_the_end() -> None:
    log = (*(f"step {n}" for n in range(50)), "denied: no", *(f"cleaning {n}" for n in range(50)))
    assert "→ denied: no" in shown("", "denied: no", log, None).excerpt


def test_a_secret_that_colors_divide_is_hidden() -> None:
    (line,) = shown("", "", ("password\x1b[0m=\x1b[31mhun\x1b[1mter2seven\x1b[0m done",), None).excerpt
    assert "hun" not in line
    assert "ter2" not in line


@pytest.mark.parametrize("end", ["", "\r"])
def test_readers_of_errors_see_the_same_lines(end: str) -> None:
    assert lines.read(tuple(f"{line}{end}" for line in COLORED)).text == list(PLAIN)
