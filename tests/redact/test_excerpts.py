"""No secret gets past a cut: excerpts of a log are cut in several places, and a secret may cross each."""

import pytest

from cronmend.diagnosis import excerpt
from cronmend.diagnosis.steps import diagnose
from cronmend.model import Container, DeployWindow, Evidence, StoppedTask, TaskDefinitionRef, WindowState
from cronmend.redact import HIDDEN, Also, Redactor, redact

SECRET = "Tr0ub4dor-and-3-more-words"
FAILED = ("Traceback (most recent call last):", '  File "/app/job.py", line 9, in f', "    f()", "KeyError: 'x'")
KEY = (
    "-----BEGIN RSA PRIVATE KEY-----",
    *(f"{row:02d}inventedInventedInventedInvented0123456789abcdefghijklmnopqrst" for row in range(30)),
    "c2hvcnQ=",
    "-----END RSA PRIVATE KEY-----",
)


def shown(*log: str, hide: Redactor = redact) -> str:
    containers = (Container("app", 1),)
    task = StoppedTask("a/1", "c", TaskDefinitionRef("web", 1), "arn", containers, job_container="app")
    found = diagnose(Evidence(task, log, DeployWindow(WindowState.CLOSED)), hide=hide)
    error = found.fatal_error.message if found.fatal_error else ""
    return "\n".join([found.sentence, found.line, *found.excerpt, error])


@pytest.mark.parametrize("before", range(excerpt.MAX_LINE - 70, excerpt.MAX_LINE + 5, 5))
def test_the_end_of_a_long_line_does_not_halve_an_address(before: int) -> None:
    text = shown("x" * (before - 40) + f" connecting to postgres://shop:{SECRET}@db/shop", *FAILED)
    assert not [SECRET[:n] for n in range(4, len(SECRET)) if f":{SECRET[:n]}" in text]


@pytest.mark.parametrize("before", range(excerpt.MAX_LINE - 70, excerpt.MAX_LINE + 5, 5))
def test_the_end_of_a_message_does_not_halve_it_either(before: int) -> None:
    text = shown(*FAILED[:-1], "ValueError: " + "x" * (before - 40) + f" postgres://shop:{SECRET}@db/shop")
    assert not [SECRET[:n] for n in range(4, len(SECRET)) if f":{SECRET[:n]}" in text]


@pytest.mark.parametrize("gap", range(12))
def test_a_key_that_the_excerpt_cuts_leaves_nothing(gap: int) -> None:
    """The lines around the error start in the middle of the key, at its end, or after it."""
    text = shown(*KEY, *("still here",) * gap, "KeyError: 'x'")
    assert not [row for row in KEY[1:-1] if row in text]


@pytest.mark.parametrize("rows", range(1, 30, 4))
def test_a_key_that_is_broken_off_leaves_nothing(rows: int) -> None:
    text = shown(*FAILED[:-1], *KEY[:rows], "KeyError: 'x'")
    assert not [row for row in KEY[1:-1] if row in text]
    assert "KeyError: 'x'" in text


def test_a_key_in_one_event_leaves_nothing() -> None:
    text = shown("\n".join([*KEY, *FAILED]))
    assert not [row for row in KEY[1:-1] if row in text]
    assert "KeyError: 'x'" in text


def test_a_secret_at_the_end_of_a_field_takes_nothing_of_the_next() -> None:
    text = shown(*FAILED[:-1], 'ValueError: password="' + SECRET)
    assert SECRET not in text
    assert "ValueError" in text


def test_what_a_team_hides_is_hidden_in_all_parts() -> None:
    hide = Redactor(frozenset({Also.EMAILS}), (r"acct-\d+",))
    text = shown(*FAILED[:-1], "ValueError: no acct-4711 for ops@example.com", hide=hide)
    assert "4711" not in text
    assert "ops@" not in text
    assert f"ValueError: no {HIDDEN} for {HIDDEN}" in text
