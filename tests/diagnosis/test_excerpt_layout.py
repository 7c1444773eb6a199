"""Which lines people see around an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend.diagnosis.excerpt import shown
from cronmend.diagnosis.excerpt_layout import AFTER, BEFORE, FAR, GAP, laid_out
from cronmend.diagnosis.marks import MARK
from cronmend.model import FatalError
from cronmend.redact import redact

PYTHON = (
    "importing",
    "Traceback (most recent call last):",
    '  File "/app/manage.py", line 22, in <module>',
    "    main()",
    '  File "/usr/local/lib/python3.13/site-packages/django/db/backends/utils.py", line 89, in _execute',
    "    return self.cursor.execute(sql, params)",
    "           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    "ValueError: boom",
    "exit 1",
)
BOOM = FatalError("ValueError", "boom", 7)


def lines_of(log: tuple[str, ...], line: str, error: FatalError | None) -> tuple[str, ...]:
    return shown("", line, log, error).excerpt


def test_the_jobs_own_frames_are_kept_and_the_frameworks_left_out() -> None:
    assert lines_of(PYTHON, "ValueError: boom", BOOM) == (
        *PYTHON[:4],
        GAP,
        f"{MARK}ValueError: boom",
        "exit 1",
    )


def test_without_own_frames_the_frameworks_are_shown() -> None:
    log = PYTHON[4:]
    assert lines_of(log, "ValueError: boom", FatalError("ValueError", "boom", 3)) == (
        *log[:3],
        f"{MARK}ValueError: boom",
        "exit 1",
    )


def test_own_frames_are_found_far_above_the_frameworks() -> None:
    log = (*PYTHON[1:4], *PYTHON[4:6] * 40, "ValueError: boom")
    found = lines_of(log, "ValueError: boom", FatalError("ValueError", "boom", len(log) - 1))
    assert found == (*PYTHON[2:4], GAP, f"{MARK}ValueError: boom")


@pytest.mark.parametrize(
    ("own", "foreign"),
    [
        ("\tat com.acme.Settle.run(Settle.java:9)", "\tat org.springframework.boot.SpringApplication.run(S.java:3)"),
        ("    at /app/jobs/settle.js:8:3", "    at Socket.emit (node:events:518:28)"),
        ("/app/lib/tasks/billing.rake:12:in `block'", "/bundle/gems/activerecord-7.1/lib/base.rb:3:in `find'"),
        ("#0 /app/src/Settle.php(12): Settle->run()", "#1 /app/vendor/laravel/framework/Kernel.php(4): handle()"),
        ("\t/src/settle/main.go:12 +0x1d", "\t/usr/local/go/src/net/http/client.go:590 +0x1"),
        ("\t/src/settle/main.go:12 +0x1d", "\t/usr/lib/go-1.21/src/runtime/panic.go:7 +0x1"),
        ("\t/src/settle/main.go:12 +0x1d", "runtime.throw({0x49?, 0x2000?})"),
        ("   at Shop.Jobs.Settle.Run()", "   at System.Net.Http.HttpClient.Send()"),
    ],
)
def test_frames_are_told_apart_in_each_runtime(own: str, foreign: str) -> None:
    log = ("Error: boom", foreign, foreign, own, foreign)
    assert lines_of(log, "Error: boom", FatalError("Error", "boom", 0)) == (
        f"{MARK}Error: boom",
        GAP,
        own,
    )


def test_a_chain_shows_its_outermost_error_and_its_innermost_cause() -> None:
    frames = tuple(f"\tat org.springframework.Bean.a{number}(B.java:1)" for number in range(30))
    log = ("start", "BeanError: no bean", *frames, "Caused by: FlywayError: pending", *frames, "Caused by: E: deep")
    error = FatalError(
        "BeanError", "no bean", 1, (FatalError("FlywayError", "pending", 32), FatalError("E", "deep", 63))
    )
    found = lines_of(log, "FlywayError: pending", error)
    assert found[0] == "BeanError: no bean"
    assert f"{MARK}Caused by: FlywayError: pending" in found
    assert found[-1] == "Caused by: E: deep"


@pytest.mark.parametrize(("frames", "is_near"), [(45, True), (FAR, False)])
def test_an_innermost_cause_below_many_frames_is_shown(frames: int, *, is_near: bool) -> None:
    below = tuple(f"\tat java.base/jdk.internal.Client.a{number}(C.java:1)" for number in range(frames))
    log = (
        "ConnectError",
        "\tat Main.main(M.java:2)",
        "Caused by: ConnectError",
        *below,
        "Caused by: ClosedChannelError",
    )
    causes = FatalError("ConnectError", "", 2), FatalError("ClosedChannelError", "", 3 + frames)
    found = lines_of(log, "ConnectError", FatalError("ConnectError", "", 0, causes))
    assert found[:3] == (f"{MARK}ConnectError", *log[1:3])
    assert found[3:] == ((GAP, "Caused by: ClosedChannelError") if is_near else ())


@pytest.mark.parametrize("place", [('  in "rates.yml", line 2, column 3',), ()])
def test_the_line_of_a_parser_is_continued_by_the_problem_and_its_place(place: tuple[str, ...]) -> None:
    below = (*place, "expected <block end>, but found '-'", '  in "rates.yml", line 3, column 4')
    line = "yaml.parser.ParserError: while parsing a block mapping"
    error = FatalError("yaml.parser.ParserError", "while parsing a block mapping", 0)
    assert shown("", line, (line, *below), error).line == (
        f"{line}: expected <block end>, but found '-', in \"rates.yml\", line 3, column 4"
    )


def test_an_ordinary_last_line_is_not_marked() -> None:
    assert lines_of(("start", "info: ledger: 0 errors"), "info: ledger: 0 errors", None)[-1] == "info: ledger: 0 errors"
    assert lines_of(("start", "ledger aborted"), "ledger aborted", None)[-1] == f"{MARK}ledger aborted"


def test_a_line_of_a_whole_traceback_in_one_event_is_marked() -> None:
    found = lines_of(("start", "\n".join(PYTHON[1:])), "ValueError: boom", FatalError("ValueError", "boom", 1))
    assert f"{MARK}ValueError: boom" in found


def test_a_reason_of_ecs_marks_no_line() -> None:
    assert lines_of(("start", "work"), "OutOfMemoryError: killed", None) == ("start", "work")


def test_the_last_line_is_marked_if_it_decided() -> None:
    assert lines_of(("start", "see audit table", ""), "see audit table", None) == (
        "start",
        f"{MARK}see audit table",
        "",
    )


def test_redaction_sees_a_line_without_its_mark() -> None:
    (line,) = shown("", "password=hunter2hunter2", ("password=hunter2hunter2",), None, redact).excerpt
    assert line.startswith(MARK)
    assert "hunter2" not in line


@given(st.lists(st.sampled_from([*PYTHON, "", "a\nb", "\x1b[31mred"]), max_size=60), st.integers(-2, 70), st.text())
def test_any_log_is_cut_around_one_line(log: list[str], at: int, line: str) -> None:
    layout = laid_out(tuple(log), line, FatalError("E", line, at))
    assert len([each for each in layout.lines if each != GAP]) <= BEFORE + AFTER + 10
    assert (layout.deciding is None) == (not log)


@pytest.mark.parametrize(
    ("log", "line", "whole"),
    [
        (
            ("Error: Missing environment variables:", "  - API_URL", "  - API_KEY: must be set", "", "bye"),
            "Error: Missing environment variables:",
            "Error: Missing environment variables: API_URL, API_KEY",
        ),
        (
            ("1 validation error for Settings", "api_key", "  Field required [type=missing, input_value={}]"),
            "1 validation error for Settings",
            "1 validation error for Settings: api_key",
        ),
        (
            ("In con.php line 5:", "", "  The period is closed  ", ""),
            "In con.php line 5:",
            "In con.php line 5: The period is closed",
        ),
        (("ValueError: no colon", "NAME"), "ValueError: no colon", "ValueError: no colon"),
        (("Error:", *PYTHON[4:6]), "Error:", "Error:"),
    ],
)
def test_what_follows_a_colon_on_later_lines_is_collected(log: tuple[str, ...], line: str, whole: str) -> None:
    found = shown(f"It failed: {line}", line, log, None)
    assert (found.line, found.sentence) == (whole, f"It failed: {whole}")


def test_the_message_is_marked_and_not_the_line_that_only_says_where() -> None:
    log = ("sync 0-200", "In SyncCommand.php line 88:", "", "  Limit exceeded.", "")
    found = shown("", "In SyncCommand.php line 88:", log, FatalError("", "In SyncCommand.php line 88:", 1))
    assert f"{MARK}  Limit exceeded." in found.excerpt
    assert found.line == "In SyncCommand.php line 88: Limit exceeded."


def test_the_message_is_marked_and_not_a_field_of_the_printed_error() -> None:
    log = (
        "  parent: error: no such value",
        "      at parse (/app/node_modules/pg/x.js:1:2)",
        "    code: '22P02',",
        "exit 1",
    )
    assert lines_of(log, "code: '22P02',", FatalError("", "code: '22P02',", 2))[0] == f"{MARK}{log[0]}"


def test_frames_are_known_behind_the_name_of_their_process() -> None:
    frames = ("    at find (/app/node_modules/orm/x.js:1:2)",) * 5
    log = tuple(f"tiers | {line}" for line in ("Error: boom", *frames, "    at async /app/job.js:4:44", "", "done"))
    assert lines_of(log, "Error: boom", FatalError("Error", "boom", 0)) == (f"{MARK}{log[0]}", GAP, *log[6:])


def test_an_uncaught_exception_of_cpp_has_its_message() -> None:
    log = ("terminate called after throwing an instance of 'std::out_of_range'", "  what():  map::at", "bye")
    assert shown("", log[0], log, FatalError("", log[0], 0)).line == f"{log[0]}: what():  map::at"


def test_the_message_is_marked_and_not_the_pointer_below_it() -> None:
    log = (
        'ERROR:  relation "jobs" does not exist',
        "LINE 1: select * from jobs",
        "         ^ (Connection: pgsql)",
        "end",
    )
    assert lines_of(log, log[2].strip(), FatalError("", log[2].strip(), 2))[0] == f"{MARK}{log[0]}"
