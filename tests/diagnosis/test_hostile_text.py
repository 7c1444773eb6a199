"""No text can stall the diagnosis or fill the memory: the bounds hold, and hostile text is read to its end."""

import pytest

from cronmend.diagnosis import fatal_error
from cronmend.diagnosis.fatal_error import lines
from cronmend.redact import redact
from tests.diagnosis.test_steps import SCHEMA, run

MEGABYTE = 1_000_000

HOSTILE = {
    "one long line": "a" * MEGABYTE,
    "words and colons": "Error: " * (MEGABYTE // 7),
    "dots": "a." * (MEGABYTE // 2),
    "opening brackets": '{"a":' * (MEGABYTE // 5),
    "closed brackets": '{"error":' + "[" * 100_000 + "]" * 100_000 + "}",
    "spaces": " " * MEGABYTE + "x",
    "escapes": "\x1b[" * (MEGABYTE // 2),
    "carriage returns": "\r" * MEGABYTE,
    "quotes": 'password="' * (MEGABYTE // 10),
    "addresses": "a://" * (MEGABYTE // 4),
    "frames": "\n".join(["    at a.b.c(D.java:1)"] * 40_000),
    "files": "\n".join(['  File "x", line 1, in y'] * 40_000),
    "causes": "\n".join(["Caused by: a.b.CException: x"] * 30_000),
    "nul bytes": "\0" * MEGABYTE,
    "half characters": "\ud800" * 1_000,
    "quoted outputs": "exit status 1, output: " * (MEGABYTE // 23),
    "digits": '{"level":' + "9" * 500_000 + "}",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_diagnosed(text: str) -> None:
    for log in ((text,), tuple(text.split("\n")), (*SCHEMA, text), (text, *SCHEMA)):
        found = run(log)
        assert found.category in ("unknown", "application_error", "schema_mismatch", "configuration_error")
        assert len(found.line) <= 600
        assert sum(map(len, found.excerpt)) < 20_000


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_does_not_hide_the_error_behind_it(text: str) -> None:
    assert run((text, "2026-11-23 07:00:00 INFO job - next", *SCHEMA)).category == "schema_mismatch"


def test_half_a_character_that_json_escapes_is_no_obstacle() -> None:
    found = run(('{"level":"error","msg":"sync \\ud800 failed","error":"connect ECONNREFUSED \\ud800 10.0.0.1:6379"}',))
    assert found.rule == "net.refused"
    found.line.encode()


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_is_redacted(text: str) -> None:
    assert isinstance(redact(text[:50_000]), str)


def test_only_the_end_of_a_log_is_read() -> None:
    read = lines.read(tuple(f"line {n}" for n in range(50_000)))
    assert len(read) == lines.MAX_LINES
    assert read.text[-1] == "line 49999"
    assert read.origin[-1] == 49_999


def test_a_long_log_is_bounded_by_characters_too() -> None:
    read = lines.read(("x" * 10_000,) * 100)
    assert len(read.whole) <= lines.MAX_CHARS + 100


def test_a_long_line_keeps_its_start_and_its_end() -> None:
    (text,) = lines.read(("KeyError: " + "x" * 50_000 + " the end",)).text
    assert text.startswith("KeyError")
    assert text.endswith("the end")
    assert len(text) < lines.MAX_LINE + 10


def test_the_error_of_a_long_log_keeps_its_place() -> None:
    log = ("noise",) * 30_000 + SCHEMA
    error = fatal_error.find(log)
    assert error is not None
    assert log[error.line].startswith("django.db.utils.ProgrammingError")
