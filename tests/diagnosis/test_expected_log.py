"""The log of a run that exited with 0 against what its owner expects of it."""

import pytest

from cronmend.diagnosis.expected_log import unmet, with_log
from cronmend.model import Category, Diagnosis, Missing
from cronmend.model.expected_logs import ExpectedLog, NumberInLog, Silence, WholeLog

SUCCESS = Diagnosis(Category.SUCCESS, "exit.zero", "The job ended with exit code 0.")
LOG = WholeLog(("Start", "ERROR: one page skipped", "exported 12 rows", "exported 1,240 rows", "Done"))
ROWS = r"exported ([\d,]+) rows"


def number(least: float | None = None, most: float | None = None, pattern: str = ROWS) -> ExpectedLog:
    return ExpectedLog(number=NumberInLog(pattern, least, most))


@pytest.mark.parametrize(
    ("expected", "cause"),
    [
        (ExpectedLog(must_contain=("^Done$",)), ""),
        (ExpectedLog(must_contain=("Done", "sent")), 'its log doesn\'t contain "sent"'),
        (ExpectedLog(must_not_contain=("skipped",)), 'its log contains "skipped"'),
        (ExpectedLog(must_not_contain=("failed",)), ""),
        (number(1, 2000), ""),
        (number(2000), "its log reports 1240, less than 2000"),
        (number(most=1000), "its log reports 1240, more than 1000"),
        (number(1, pattern=r"sent (\d+)"), r'its log has no number for "sent (\d+)"'),
        (number(1, pattern=r"(Done)"), 'its log has no number for "(Done)"'),
        (ExpectedLog(silence=Silence.FAILS), ""),
        (ExpectedLog(must_contain=("x" * 80,)), f'its log doesn\'t contain "{"x" * 60}…"'),
    ],
)
def test_the_first_expectation_that_is_not_met_is_named(expected: ExpectedLog, cause: str) -> None:
    found = unmet(expected, LOG)
    assert (found.cause if found else "") == cause


@pytest.mark.parametrize("lines", [(), ("", "  ")])
@pytest.mark.parametrize(
    ("expected", "fails"),
    [
        (ExpectedLog(must_contain=("Done",)), True),
        (number(1), True),
        (ExpectedLog(silence=Silence.FAILS), True),
        (ExpectedLog(must_contain=("Done",), silence=Silence.OK), False),
        (ExpectedLog(must_not_contain=("skipped",)), False),
    ],
)
def test_an_empty_log_fails_what_asks_for_a_line_unless_silence_is_ok(
    expected: ExpectedLog, fails: bool, lines: tuple[str, ...]
) -> None:
    assert bool(unmet(expected, WholeLog(lines))) is fails


def test_an_error_in_the_log_is_no_failure_if_no_expectation_names_it() -> None:
    assert with_log(ExpectedLog(must_contain=("Done",)), SUCCESS, LOG) == SUCCESS


def test_a_log_that_cannot_be_had_is_said_so_and_is_no_failure() -> None:
    found = with_log(number(1), SUCCESS, Missing("the log doesn't exist"))
    assert (found.category, found.sentence) == (
        Category.SUCCESS,
        "The job ended with exit code 0. Its log was not checked: the log doesn't exist.",
    )


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (ExpectedLog(must_contain=("Start of all",)), True),
        (ExpectedLog(must_not_contain=("failed",)), True),
        (ExpectedLog(must_contain=("Done",)), False),
        (number(1), False),
    ],
)
def test_what_may_be_in_the_part_of_a_log_that_was_not_read_is_no_failure(expected: ExpectedLog, said: bool) -> None:
    found = with_log(expected, SUCCESS, WholeLog(LOG.lines, from_start=False))
    assert (found.category, "longer than the 5 lines" in found.sentence) == (Category.SUCCESS, said)


def test_the_diagnosis_quotes_the_line_and_hides_secrets() -> None:
    log = WholeLog(("login password=hunter2secret refused",))
    found = with_log(ExpectedLog(must_not_contain=("refused",)), SUCCESS, log)
    assert (found.category, found.rule) == (Category.UNEXPECTED_OUTPUT, "log.must_not_contain")
    assert "refused" in found.line
    assert "hunter2secret" not in f"{found}"
