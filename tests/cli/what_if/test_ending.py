"""A log decides a run's end only if it says how the run ended."""

import pytest

from cli.what_if.ending import End, ending

TRACEBACK = (
    "Traceback (most recent call last):",
    '  File "/srv/a.py", line 3, in <module>',
    "    a()",
    "KeyError: 'x'",
)

FAILED = [
    ("INFO loading", *TRACEBACK),
    ("INFO exited with status 3",),
    ('{"level": "info", "msg": "done", "exit_code": 2}',),
    ("CommandError: Unable to find user 7",),
    (
        "panic: runtime error: index out of range [3]",
        "",
        "goroutine 1 [running]:",
        "main.main()",
        "\t/src/main.go:9 +0x1d",
    ),
    ("Error: boom", "    at main (/app/job.js:4:9)", "    at node:internal/main:1:1", "", "Node.js v22.4.0"),
]
SUCCEEDED = [
    ("INFO publish_scheduled finished successfully",),
    ("INFO exited with status 0", ""),
    (*TRACEBACK, "INFO the import completed without errors"),
    ("INFO successfully completed the export", "INFO closing the connection", "bye"),
]
NOT_KNOWN = [
    ("INFO page 3 of 9 completed successfully",),
    ("INFO orders: completed successfully", "INFO starting customers"),
    ("INFO shop 1 completed without errors", "INFO shop 2 completed without errors"),
    ("the batch finished successfully",),
    ("pg_dump exited with code 1", "INFO using yesterday's dump", "INFO loading"),
    (),
    ("", " "),
    ("INFO page 3 of 9",),
    ("ERROR order 17 was skipped", *TRACEBACK),
    (*TRACEBACK, "INFO next order"),
    ("Exception in thread Thread-3 (poll):", *TRACEBACK),
    ('{"level": "error", "exc": "Traceback (most recent call last):\\n  File \\"a.py\\", line 1\\nKeyError: 1"}',),
    ("the import did not finish successfully",),
    ("finished, but not successfully",),
    ("ERROR connection refused",),
    ("the child exited with status 1", "INFO retrying", "INFO retrying", "INFO retrying"),
]


@pytest.mark.parametrize("log", FAILED)
def test_a_log_shows_a_failure(log: tuple[str, ...]) -> None:
    assert ending(log).end is End.FAILED


@pytest.mark.parametrize("log", SUCCEEDED)
def test_a_log_shows_a_success(log: tuple[str, ...]) -> None:
    assert ending(log).end is End.SUCCEEDED
    assert ending(log).code == 0


@pytest.mark.parametrize("log", NOT_KNOWN)
def test_any_other_log_shows_neither(log: tuple[str, ...]) -> None:
    assert ending(log).end is End.NOT_KNOWN


def test_the_last_statement_decides() -> None:
    assert ending(("exited with status 1", "exited with status 0")).end is End.SUCCEEDED
    assert ending(("INFO the import completed successfully", "exit code 4")).code == 4


def test_a_users_own_words_for_a_success_count_at_the_end() -> None:
    log = ("synced 41 orders", "bye")  # the second line only says that the program closes
    assert ending(log, ("synced",)).end is End.SUCCEEDED
    assert ending(("synced 41 orders", *TRACEBACK), ("synced",)).end is End.FAILED
    assert ending(log).end is End.NOT_KNOWN
