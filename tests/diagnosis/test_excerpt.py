"""What of a log is stored and sent."""

import pytest

from cronmend.diagnosis.excerpt import shown
from cronmend.diagnosis.fatal_error import lines
from cronmend.model import FatalError

COLORED = (
    "\x1b[2m10:00\x1b[0m \x1b[31mERROR\x1b[39m in \x1b]8;;file:///app/jobs.py\x1b\\jobs.py\x1b]8;;\x1b\\",
    "\x9b1mValueError\x9b0m: boom\nnext \x1b[31",
)
PLAIN = ("10:00 ERROR in jobs.py", "ValueError: boom", "next ")


def test_an_excerpt_has_no_terminal_escapes() -> None:
    assert shown("a \x1b[1mbug\x1b[0m", COLORED[1], COLORED, None).excerpt == PLAIN
    assert shown("a \x1b[1mbug\x1b[0m", "", COLORED, None).sentence == "a bug"
    assert shown("", COLORED[0], COLORED, None).line == PLAIN[0]


def excerpt(line: str, log: tuple[str, ...], error: FatalError | None = None) -> tuple[str, ...]:
    return shown("", line, log, error).excerpt


def test_an_excerpt_holds_the_line_that_decided_however_far_above_the_end() -> None:
    log = (*(f"step {n}" for n in range(50)), "denied: no", *(f"cleaning {n}" for n in range(50)))
    assert excerpt("denied: no", log) == (*log[41:50], "→ denied: no", *log[51:53])
    assert excerpt("not in the log", log) == log[-10:]


def test_an_excerpt_holds_the_cause_that_decided_and_the_error_that_it_caused() -> None:
    cause = FatalError("B", "refused", 12)
    log = tuple(f"line {n}" for n in range(100))
    near = excerpt("B: refused", log, FatalError("A", "failed", 20, (cause,)))
    assert {"→ line 12", "line 20"} <= set(near)
    assert len(near) <= 20
    far = excerpt("B: refused", log, FatalError("A", "failed", 70, (cause,)))
    assert far == (*log[3:12], "→ line 12", *log[13:15])


def test_a_secret_that_colors_divide_is_hidden() -> None:
    (line,) = shown("", "", ("password\x1b[0m=\x1b[31mhun\x1b[1mter2seven\x1b[0m done",), None).excerpt
    assert "hun" not in line
    assert "ter2" not in line


@pytest.mark.parametrize("end", ["", "\r"])
def test_readers_of_errors_see_the_same_lines(end: str) -> None:
    assert lines.read(tuple(f"{line}{end}" for line in COLORED)).text == list(PLAIN)
