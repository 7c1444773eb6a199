"""What stands below an error: the fields, columns and remedies that it leaves out, and frames that say nothing."""

from copy import replace

import pytest

from cronmend.diagnosis.steps import diagnose
from cronmend.model import Container, DeployWindow, Evidence, WindowState
from tests.alerting.test_innermost_causes import headline, read
from tests.samples import stopped

FIELDS = """
Traceback (most recent call last):
  File "/srv/invoices/load.py", line 31, in load
    return Batch.model_validate(rows)
pydantic_core._pydantic_core.ValidationError: 2 validation errors for Batch
invoices.0.vat
  Input should be a valid decimal [type=decimal_type, input_value=None, input_type=NoneType]
    For further information visit https://errors.pydantic.dev/2.11/v/decimal_type
3.country
  Field required [type=missing, input_value={'id': 3}, input_type=dict]
    For further information visit https://errors.pydantic.dev/2.11/v/missing
"""
CONTEXT = """
Traceback (most recent call last):
  File "/srv/prices.py", line 12, in <module>
    frame.collect()
polars.exceptions.ComputeError: cannot compare string with numeric type (f64)

This error occurred with the following context stack:
\t[1] 'parquet scan'
\t[2] failed to filter on column 'net_price'
"""
SUGGESTED = """
No such command "reports:sends". Did you mean one of these?

  - reports:build
  - reports:clean
  - reports:list
  - reports:send
"""
BOXED = """
Traceback (most recent call last):
  File "/srv/shots.py", line 8, in <module>
    take()
crawler.errors.LaunchError: no browser at /opt/browsers/firefox-1440/firefox
┌──────────────────────────────┐
│ The browser isn't installed. │
│ Install it with:             │
│                              │
│     crawler fetch firefox    │
└──────────────────────────────┘
"""
MAPPED = """
QueryFailedError: deadlock detected
    at MysqlQueryRunner.query (/srv/app/src/driver/mysql/MysqlQueryRunner.ts:211:20)
    at async InsertQueryBuilder.execute (/srv/app/src/query-builder/InsertQueryBuilder.ts:163:33)
    at async LedgerWriter.flush (/srv/app/dist/ledger/writer.ts:88:9)
"""


@pytest.mark.parametrize(
    ("log", "names"),
    [(FIELDS, "invoices.0.vat, 3.country"), (CONTEXT, "failed to filter on column 'net_price'")],
)
def test_the_headline_names_the_fields_and_columns_that_stand_below_an_error(log: str, names: str) -> None:
    assert names in headline(log)


@pytest.mark.parametrize(
    ("log", "line"),
    [
        (FIELDS, "  Field required [type=missing, input_value={'id': 3}, input_type=dict]"),
        (SUGGESTED, "  - reports:send"),
        (BOXED, "│     crawler fetch firefox    │"),
        (MAPPED, "    at async LedgerWriter.flush (/srv/app/dist/ledger/writer.ts:88:9)"),
    ],
)
def test_the_excerpt_goes_on_to_the_line_that_helps(log: str, line: str) -> None:
    assert line in read(log).excerpt


def test_the_excerpt_leaves_out_links_to_documentation_and_frames_of_an_orm() -> None:
    assert not [line for line in read(FIELDS).excerpt if "For further information" in line or line == "…"]
    assert not [line for line in read(MAPPED).excerpt if "QueryRunner" in line or "QueryBuilder" in line]


POOL = """
[09:41:10.018][pool][ERROR] FATAL: sorry, the role "batch" has no privilege CONNECT
[09:41:13.020][pool][ERROR] FATAL: sorry, the role "batch" has no privilege CONNECT
[09:41:30.020][ledger][ERROR] Failed to get a connection from the pool.
"""
PROBLEM = """
Renewal stopped. {
  "type": "urn:ietf:params:acme:error:rateLimited",
  "detail": "Too many certificates already issued for example.org this week",
  "status": 429
}
"""
WAREHOUSE = """
Encountered an error:
Database Error
  001003 (42000): SQL compilation error:
  syntax error line 3 at position 7 unexpected 'FROM'.
"""


BUCKET = """
Traceback (most recent call last):
  File "/srv/landing.py", line 9, in <module>
    client.list_objects_v2(Bucket="acme-landing-zone", Prefix="2026/")
botocore.errorfactory.NoSuchBucket: An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: The \
specified bucket does not exist
"""
PLSQL = """
ERROR at line 1:
ORA-20310: ledger period 2026-11 is closed
ORA-06512: at "ACME.POSTING", line 88
ORA-06512: at line 1
"""


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (BUCKET, "bucket acme-landing-zone doesn't exist"),
        (PLSQL, "ORA-20310: ledger period 2026-11 is closed"),
        (POOL, "has no privilege CONNECT"),
        (PROBLEM, "Too many certificates already issued for example.org this week"),
        (WAREHOUSE, "SQL compilation error: syntax error line 3 at position 7 unexpected 'FROM'"),
    ],
)
def test_the_headline_says_what_the_lines_around_an_error_say(log: str, said: str) -> None:
    assert said in headline(log)


def test_no_rule_matches_the_data_of_a_command_that_redis_rejected() -> None:
    found = read(
        "Traceback (most recent call last):\n"
        '  File "/srv/beat.py", line 3, in <module>\n'
        "    pipe.execute()\n"
        "redis.exceptions.ResponseError: Command # 1 (HSET job:Check Snowflake schema drift definition {}) of pipeline "
        "caused error: UNKILLABLE the script is busy"
    )
    assert not found.rule.startswith(("sql.", "schema."))


def test_a_long_headline_keeps_the_start_of_the_innermost_message() -> None:
    said = headline(
        "Nightly clean-up of the archive in bucket acme-archive-eu failed: <class 'tidy.errors.Failed'>: Exception "
        "encountered. Exception: RequestError(400, 'snapshot_in_progress_exception', 'Cannot delete indices that are "
        "being snapshotted: [[orders-2026.11.16/wU2OmwPXQA2K3mcNqbGMBg]]')"
    )
    assert "Cannot delete indices that are being snapshotted" in said


def test_another_container_that_failed_stands_in_the_headline_and_in_the_advice() -> None:
    killed = stopped(exit_code=143)
    task = replace(killed, containers=(*killed.containers, Container("vault-agent", 2)))
    found = diagnose(Evidence(task, log=("waiting for secrets",), window=DeployWindow(WindowState.CLOSED)))
    assert "vault-agent ended with 2" in found.cause
    assert "Check the log of container vault-agent first" in found.advice
