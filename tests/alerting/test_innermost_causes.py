"""What a person reads about a real log: the innermost cause, in words, and the line that says it."""

import pytest

from cronmend.alerting import headlines
from cronmend.diagnosis.marks import MARK
from cronmend.diagnosis.steps import diagnose
from cronmend.model import Category, DeployWindow, Diagnosis, Evidence, WindowState
from cronmend.model.report import MessageKind
from tests.incidents import BROKEN, diagnosed
from tests.samples import stopped


def read(log: str) -> Diagnosis:
    lines = tuple(log.strip("\n").split("\n"))
    return diagnose(Evidence(stopped(), log=lines, window=DeployWindow(WindowState.CLOSED)))


def headline(log: str) -> str:
    found = read(log)
    changes = {name: getattr(found, name) for name in ("category", "cause", "line", "excerpt", "sentence")}
    incident = diagnosed(BROKEN, fatal_error=None, **changes, deploy_explains=found.deploy_explains)
    said = headlines.of(incident, MessageKind.ALERT).long
    return said.removeprefix("publish-scheduled failed: ").removesuffix("; no deploy is in progress")


NODE = """
ReportError: could not build report
    at build (file:///app/report.mjs:4:63) {
  [cause]: TypeError: fetch failed
      at async load (file:///app/report.mjs:3:24) {
    [cause]: Error: bad port
        at makeNetworkError (node:internal/deps/undici/undici:9495:35)
  }
}
"""
DBT = """
11:01:10    Database Error in model fct_orders (models/marts/fct_orders.sql)
  100051 (22012): Division by zero
  compiled code at target/run/acme/models/marts/fct_orders.sql
"""
R = """
Error in `dplyr::left_join()`:
! Join columns in `x` must be present in the data.
Execution halted
"""
AXIOS = """
AxiosError: Request failed with status code 401
    at async pushContacts (/app/src/hubspot.js:33:5) {
  code: 'ERR_BAD_REQUEST',
  response: {
    status: 401,
    data: {
      status: 'error',
      message: 'Authentication credentials not found'
    }
  }
}
"""
SYNTAX = """
  File "/app/jobs/prune.py", line 14
    match action:
          ^^^^^^
SyntaxError: invalid syntax
"""
INLINE = """
GaxiosError: Request failed with status code 400
    at async Sheets.read (/app/src/sheets.js:18:11) {
  response: {
    data: { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' },
  }
}
"""
FLYWAY = """
Exception in thread "main" org.flywaydb.core.api.FlywayException: Migrations have failed validation
Migration checksum mismatch for version 14
	at com.acme.jobs.Main.main(Main.java:20)
"""
CPP = """
terminate called after throwing an instance of 'std::runtime_error'
  what():  tile 18: bad checksum
Aborted (core dumped)
"""
ASSERTION = """
Traceback (most recent call last):
  File "/app/check.py", line 9, in main
    assert total == expected
AssertionError
"""
GRAPHQL = """
{"level":"error","message":"GraphQL request failed","errors":[{"message":"Field 'qty' doesn't exist on type 'Item'"}]}
"""
NESTED = """
{"level":"error","message":"pricing failed","error":{"message":"no list","cause":{"message":"ENOENT: no such file x"}}}
"""
ZOD = """
ZodError: [
  {
    "code": "invalid_type",
    "path": ["WAREHOUSE_TOKEN"],
    "message": "Required"
  }
]
    at load (/app/dist/env.js:14:9)
"""
USAGE = """
flag provided but not defined: -dry-run
Usage of prune:
  -days int
"""
TENACITY = """
Traceback (most recent call last):
  File "/app/sync.py", line 21, in call
    raise Refused("order 88 has no price list")
sync.Refused: order 88 has no price list

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/sync.py", line 40, in <module>
    main()
RetryError: RetryError[<Future raised Refused>]
"""
DENIED = """
ERROR : report.csv: Failed to copy: AccessDenied: User: x is not authorized to perform: s3:PutObject on resource: y
	status code: 403
Failed to copy: AccessDenied: Access Denied
"""


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (NODE, "a service that it needs wasn't available: TypeError: fetch failed: Error: bad port"),
        (DBT, "Database Error in model fct_orders (models/marts/fct_orders.sql): 100051 (22012): Division by zero"),
        (R, "Error in `dplyr::left_join()`: Join columns in `x` must be present in the data"),
        (AXIOS, "AxiosError: Request failed with status code 401: Authentication credentials not found"),
        (SYNTAX, "SyntaxError: invalid syntax (/app/jobs/prune.py, line 14)"),
        (INLINE, "its login was rejected: GaxiosError: Request failed with status code 400: Invalid JWT Signature"),
        (FLYWAY, "FlywayException: Migrations have failed validation: Migration checksum mismatch for version 14"),
        (CPP, "uncaught std::runtime_error: tile 18: bad checksum"),
        (ASSERTION, "AssertionError: assert total == expected"),
        (GRAPHQL, "Field 'qty' doesn't exist on type 'Item'"),
        (NESTED, "ENOENT: no such file x"),
        (ZOD, "ZodError: WAREHOUSE_TOKEN: Required"),
        (USAGE, "flag provided but not defined: -dry-run"),
        (TENACITY, "RetryError: RetryError[<Future raised Refused>]: sync.Refused: order 88 has no price list"),
        (DENIED, "AWS denied s3:PutObject"),
    ],
)
def test_the_headline_says_what_the_outer_line_leaves_out(log: str, said: str) -> None:
    assert headline(log) == said


def test_the_error_that_decided_is_marked_even_if_another_was_raised_while_handling_it() -> None:
    found = read("""
Traceback (most recent call last):
  File "/app/billing/gateway.py", line 18, in charge
    raise GatewayDown("gateway returned 503 for merchant 77")
billing.gateway.GatewayDown: gateway returned 503 for merchant 77

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/billing/tasks.py", line 33, in charge
    raise self.retry(exc=exc)
celery.exceptions.MaxRetriesExceededError: Can't retry billing.charge
""")
    assert found.category is Category.DEPENDENCY_UNAVAILABLE
    assert f"{MARK}billing.gateway.GatewayDown: gateway returned 503 for merchant 77" in found.excerpt
    assert found.excerpt[-1] == "celery.exceptions.MaxRetriesExceededError: Can't retry billing.charge"


def test_a_groups_frames_are_left_out_like_any_others() -> None:
    found = read("""
  + Exception Group Traceback (most recent call last):
  |   File "/app/h.py", line 7, in main
  |     async with asyncio.TaskGroup() as g:
  |   File "/usr/local/lib/python3.13/asyncio/taskgroups.py", line 154, in __aexit__
  |     raise me from None
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/app/h.py", line 4, in one
    |     raise ValueError("shop 2: currency XBT not supported")
    | ValueError: shop 2: currency XBT not supported
    +------------------------------------
""")
    assert not any("taskgroups.py" in line for line in found.excerpt)
    assert f"{MARK}    | ValueError: shop 2: currency XBT not supported" in found.excerpt


@pytest.mark.parametrize(
    ("log", "own"),
    [
        (
            "panic: nil map\n[signal SIGSEGV]\n\ngoroutine 1 [running]:\nmain.f()\n\t/src/feed.go:44 +0x2a",
            "\t/src/feed.go:44 +0x2a",
        ),
        (
            "Unhandled exception:\nFormatException: Invalid date\n11.13.2026\n"
            "#0      DateTime.parse (dart:core/date.dart:3)\n"
            "#1      parseRow (package:importer/rows.dart:22:21)",
            "#1      parseRow (package:importer/rows.dart:22:21)",
        ),
        (
            "rollup: Prelude.head: empty list\nCallStack (from HasCallStack):\n"
            "  error, called at libraries/base/List.hs:1\n"
            "  total, called at src/Rollup.hs:40:12 in main:Rollup",
            "  total, called at src/Rollup.hs:40:12 in main:Rollup",
        ),
    ],
)
def test_the_jobs_own_frames_below_an_error_are_shown(log: str, own: str) -> None:
    assert own in read(log).excerpt


def test_the_whole_box_of_a_message_is_shown() -> None:
    found = read("""
╷
│ Error: Error acquiring the state lock
│
│ Error message: ConditionalCheckFailedException: The conditional request failed
│ Lock Info:
│   ID:        9db590f1
│   Who:       ci@runner-7
╵
""")
    assert "│   Who:       ci@runner-7" in found.excerpt
