"""The error that ended the process, in the forms in which runtimes print it."""

import json

import pytest

from cronmend.diagnosis.fatal_error import find
from cronmend.model import FatalError


def found(text: str) -> FatalError:
    error = find(tuple(text.strip("\n").split("\n")))
    assert error is not None
    return error


def types(error: FatalError) -> list[str]:
    return [one.type for one in (error, *error.causes)]


CHAINED = """
2026-11-23 07:00:00 INFO starting
Traceback (most recent call last):
  File "/app/db.py", line 3, in run
    cursor.execute(sql)
psycopg.errors.UndefinedTable: relation "shop_order" does not exist
LINE 1: SELECT 1 FROM shop_order
                      ^

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/manage.py", line 22, in <module>
    main()
django.db.utils.ProgrammingError: relation "shop_order" does not exist
LINE 1: SELECT 1 FROM shop_order
                      ^
"""


def test_python_direct_cause_is_a_cause() -> None:
    error = found(CHAINED)
    assert types(error) == ["django.db.utils.ProgrammingError", "psycopg.errors.UndefinedTable"]
    assert error.message.startswith('relation "shop_order" does not exist\nLINE 1')
    assert error.line == 13


def test_python_context_is_not_a_cause() -> None:
    error = found(
        CHAINED.replace(
            "The above exception was the direct cause of the following exception:",
            "During handling of the above exception, another exception occurred:",
        )
    )
    assert types(error) == ["django.db.utils.ProgrammingError"]


def test_python_group_has_its_members_as_causes() -> None:
    error = found(
        """
  + Exception Group Traceback (most recent call last):
  |   File "/app/job.py", line 9, in <module>
  |     asyncio.run(main())
  | ExceptionGroup: unhandled errors in a TaskGroup (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/job.py", line 3, in a
    |     raise ConnectionRefusedError(111, "Connection refused")
    | ConnectionRefusedError: [Errno 111] Connection refused
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/app/job.py", line 5, in b
    |     prices[sku]
    | KeyError: 'SKU-3'
    +------------------------------------
"""
    )
    assert types(error) == ["ExceptionGroup", "ConnectionRefusedError", "KeyError"]


@pytest.mark.parametrize(
    "line",
    ["\x1b[31m\x1b[1mKeyError\x1b[0m:\x1b[1m 'fair'\x1b[0m", "KeyError: 'fair'\r"],
)
def test_python_colored_and_with_windows_line_ends(line: str) -> None:
    error = found(f'Traceback (most recent call last):\n  File "/app/job.py", line 1, in <module>\n    x()\n{line}')
    assert (error.type, error.message) == ("KeyError", "'fair'")


def test_python_box_of_rich() -> None:
    error = found(
        """
╭──────────── Traceback (most recent call last) ─────────────╮
│ /app/job.py:3 in <module>                                   │
│ ❱ 3 {}['a']                                                 │
╰─────────────────────────────────────────────────────────────╯
KeyError: 'a'
"""
    )
    assert error.type == "KeyError"


def test_a_tail_without_its_start() -> None:
    error = found('  File "/app/job.py", line 3, in run\n    total += row["x"]\nTypeError: bad operand\n')
    assert types(error) == ["TypeError"]


def test_java_causes_and_not_what_was_suppressed() -> None:
    error = found(
        """
2026-11-23 07:00:00 ERROR [main] c.e.Job - Job failed
java.lang.IllegalStateException: export failed
\tat com.example.Export.run(Export.java:17)
\tSuppressed: java.io.IOException: while closing
\t\tat com.example.Export.close(Export.java:30)
Caused by: org.postgresql.util.PSQLException: ERROR: column "label" does not exist
  Position: 12
\tat org.postgresql.core.v3.QueryExecutorImpl.receive(QueryExecutorImpl.java:2733)
\t... 3 more
2026-11-23 07:00:01 INFO [main] c.e.Job - exit code 1
"""
    )
    assert types(error) == ["java.lang.IllegalStateException", "org.postgresql.util.PSQLException"]
    assert "Position: 12" in error.causes[0].message


def test_node_cause_and_its_code() -> None:
    error = found(
        """
TypeError: fetch failed
    at node:internal/deps/undici/undici:14976:13
    at async /app/job.js:2:17 {
  [cause]: Error: connect ECONNREFUSED 10.0.12.15:8080
      at TCPConnectWrap.afterConnect (node:net:1611:16) {
    errno: -111,
    code: 'ECONNREFUSED'
  }
}

Node.js v22.11.0
"""
    )
    assert types(error) == ["TypeError", "Error"]
    assert "code: 'ECONNREFUSED'" in error.causes[0].message


def test_node_message_of_many_lines() -> None:
    error = found(
        """
PrismaClientKnownRequestError:
Invalid `prisma.order.findMany()` invocation:

The column `orders.segment` does not exist in the current database.
    at ei.handleRequestError (/app/node_modules/@prisma/client/runtime/library.js:121:7268) {
  code: 'P2022',
  clientVersion: '6.1.0'
}
"""
    )
    assert error.type == "PrismaClientKnownRequestError"
    assert "does not exist in the current database" in error.message
    assert "P2022" in error.message


def test_dotnet_inner_exceptions_stand_above_the_frames() -> None:
    error = found(
        """
Unhandled exception. System.AggregateException: One or more errors occurred.
 ---> System.Net.Http.HttpRequestException: Connection refused
 ---> System.Net.Sockets.SocketException (111): Connection refused
   at System.Net.Sockets.Socket.Connect()
   --- End of inner exception stack trace ---
   at Program.Main(String[] args)
"""
    )
    assert types(error) == [
        "System.AggregateException",
        "System.Net.Http.HttpRequestException",
        "System.Net.Sockets.SocketException",
    ]


def test_ruby_prints_the_message_first_and_the_cause_after_the_frames() -> None:
    error = found(
        """
/gems/sequel/postgres.rb:171:in `exec': PG::UndefinedTable: relation "clicks" does not exist (Sequel::DatabaseError)
LINE 1: INSERT INTO "clicks"
\tfrom /gems/sequel/postgres.rb:171:in `block in execute_query'
\tfrom rollup.rb:6:in `<main>'
/gems/sequel/postgres.rb:171:in `exec': ERROR:  relation "clicks" does not exist (PG::UndefinedTable)
\tfrom rollup.rb:6:in `<main>'
I, [2026-11-23T08:00:31 #1]  INFO -- : rollup start
"""
    )
    assert types(error) == ["Sequel::DatabaseError", "PG::UndefinedTable"]


def test_php_next_is_the_outer_error() -> None:
    error = found(
        """
PHP Fatal error:  Uncaught PDOException: SQLSTATE[HY000] [2002] Connection refused in /app/job.php:3
Stack trace:
#0 {main}

Next RuntimeException: import failed in /app/job.php:5
Stack trace:
#0 {main}
  thrown in /app/job.php on line 5
"""
    )
    assert types(error) == ["RuntimeException", "PDOException"]


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ((
"panic: assignment to entry in nil map\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:7 "
"+0x1\nexit status 2"
), "panic", "assignment to entry in nil map"),
        ((
"thread 'main' panicked at src/main.rs:2:5:\nindex out of bounds: the len is 1\nnote: run "
"with `RUST_BACKTRACE=1`"
), "panic", "index out of bounds: the len is 1"),
        ("thread 'main' panicked at 'no such key', src/main.rs:2:5", "panic", "no such key"),
        ("** (KeyError) key :email not found in: %{}\n    (app 1.0) lib/job.ex:3: f/0", "KeyError", "key :email"),
        ("2026/11/23 08:07:38 fetch: dial tcp 10.0.0.1:443: i/o timeout", "", "2026/11/23 08:07:38 fetch: dial tcp"),
    ],
)  # fmt: skip
def test_other_runtimes(text: str, kind: str, message: str) -> None:
    error = found(text)
    assert error.type == kind
    assert error.message.startswith(message)


def test_rust_chain_of_causes() -> None:
    error = found(
        "Error: nightly export\n\nCaused by:\n    0: connecting to db\n    1: Connection refused (os error 111)"
    )
    assert [one.message for one in error.causes] == ["connecting to db", "Connection refused (os error 111)"]


@pytest.mark.parametrize(
    "record",
    [
        {"level": "error", "event": "job_failed", "exception": (
'Traceback (most recent call last):\n  File "/app/j.py", line 1, in <module>\n    x()\nKeyError: '
'\'sku\''
)},
        {"levelname": "ERROR", "message": "failed", "exc_info": (
'Traceback (most recent call last):\n  File "/app/j.py", line 1, in <module>\n    x()\nKeyError: '
'\'sku\''
)},
        {"level": "error", "event": "x", "exception": [{"exc_type": "KeyError", "exc_value": "'sku'", "frames": []}]},
        {"level": 50, "err": {"type": "KeyError", "message": "'sku'", "stack": "KeyError: 'sku'\n    at f (j.js:1:2)"}},
        {"log.level": "ERROR", "message": "x", "error.type": "KeyError", "error.message": "'sku'"},
        {"record": {"level": {"name": "ERROR"}, "message": "x", "exception": {"type": "KeyError", "value": "'sku'"}}},
    ],
)  # fmt: skip
def test_errors_in_json_fields(record: dict[str, object]) -> None:
    error = find(('{"level": "info", "message": "start"}', json.dumps(record)))
    assert error is not None
    assert (error.type, error.message) == ("KeyError", "'sku'")
    assert error.line == 1


def test_handled_json_errors_are_ignored() -> None:
    warning = json.dumps(
        {"level": "warn", "msg": "retrying", "err": {"type": "Error", "message": "connect ECONNREFUSED"}}
    )
    fatal = json.dumps(
        {"level": "error", "msg": "job failed", "err": {"type": "TypeError", "message": "x is not a function"}}
    )
    assert found(f"{fatal}\n{warning}").type == "TypeError"


def test_telemetry_after_the_end_is_ignored() -> None:
    error = found(
        """
Traceback (most recent call last):
  File "/app/job.py", line 1, in <module>
    prices["x"]
KeyError: 'x'
2026-11-23 07:42:08 ERROR sentry_sdk.errors Internal error in sentry_sdk
Traceback (most recent call last):
  File "/site-packages/sentry_sdk/transport.py", line 710, in send
    self.send()
urllib3.exceptions.NewConnectionError: Failed to establish a new connection: [Errno 111] Connection refused
"""
    )
    assert error.type == "KeyError"


def test_a_bug_right_after_telemetry_is_not_telemetry() -> None:
    sending = "ERROR opentelemetry.sdk.trace.export Exception while exporting\nTraceback (most recent call last):\n"
    refused = (
        '  File "/x/opentelemetry/exporter/otlp.py", line 1, in export\n    x\nConnectionError: http://otel/v1/traces\n'
    )
    bug = 'Traceback (most recent call last):\n  File "/app/job.py", line 1, in f\n    x\nValueError: bad vat id'
    assert found(sending + refused + bug).type == "ValueError"


def test_a_traceback_under_a_warning_was_handled() -> None:
    handled = (
        'WARNING cache: falling back\nTraceback (most recent call last):\n  File "/a.py", line 1, '
        "in f\n    x()\nOSError: down"
    )
    assert found(f"ERROR total does not add up: 3 lines differ\n{handled}").type != "OSError"


def test_a_services_answer_in_json_keeps_the_error_before_it() -> None:
    error = found('acme.ApiException: (404) Reason: Not Found Body: {"code":"not found","message":"no bucket"}')
    assert error.type == "acme.ApiException"
    assert "no bucket" in error.message


def test_a_message_that_ends_with_a_colon_continues_below() -> None:
    assert (
        "invalid identifier" in found("000904 (42000): SQL compilation error:\nline 1\ninvalid identifier 'T'").message
    )


def test_only_the_last_state_of_a_progress_bar_is_kept() -> None:
    error = found("10 %\r50 %\rERROR: bad checksum in part 7 of 9")
    assert "10 %" not in error.message


def test_a_log_without_an_error_has_none() -> None:
    assert find(()) is None
    assert find(("2026-11-23 07:00:00 INFO done",)) is None
