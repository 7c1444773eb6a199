"""What stands below an error: the fields, columns and remedies that it leaves out, and frames that say nothing."""

import pytest

from tests.alerting.test_innermost_causes import headline, read

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
