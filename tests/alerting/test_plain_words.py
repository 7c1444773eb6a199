"""A log's line as a headline can quote it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend.alerting.plain_words import in_words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("2026-11-23 07:21:01,679 ERROR job - Job failed", "Job failed"),
        ("[2026-11-23T06:00:00Z INFO  shop_jobs] starting", "starting"),
        ("CRITICAL - 2026-11-27 11:00:03 --> Out of room", "Out of room"),
        ("2026/11/27 13:26:09 settle: load orders: EOF", "settle: load orders: EOF"),
        ("ERROR: trial balance does not add up", "trial balance does not add up"),
        ("ERROR 2002 (HY000): Can't connect", "ERROR 2002 (HY000): Can't connect"),
        ("shop.models.Product.DoesNotExist: No product.", "Product.DoesNotExist: No product"),
        ("System.Collections.Generic.KeyNotFoundException: No 'EUR'", "KeyNotFoundException: No 'EUR'"),
        ("Illuminate\\Database\\QueryException: SQLSTATE[42S02]", "QueryException: SQLSTATE[42S02]"),
        ("PG::UndefinedTable: no table", "PG::UndefinedTable: no table"),
        ("Sequel::NoMatchingRow: Sequel::NoMatchingRow", "Sequel::NoMatchingRow"),
        ("TimeoutError: ", "TimeoutError"),
        (
            "botocore.errorfactory.EntityNotFoundException: An error occurred (EntityNotFoundException) when calling "
            "the GetTable operation: Table daily not found.",
            "Table daily not found (EntityNotFoundException)",
        ),
        (
            "An error occurred (ParameterNotFound) when calling the GetParameter operation: ",
            "ParameterNotFound by GetParameter",
        ),
        (
            "CannotPullContainerError: pull image manifest has been retried 7 time(s): failed to resolve ref x",
            "failed to resolve ref x",
        ),
        (
            '{"level":"error","message":"sync failed","error":{"name":"AxiosError","message":"status code 402"}}',
            "sync failed: status code 402",
        ),
        ('{"level":"error","message":"sync failed","service":"crm-sy', "sync failed"),
        (
            "anthropic.NotFoundError: Error code: 404 - {'type': 'error', 'error': {'message': 'model: x'}, 'id': 'r'}",
            "NotFoundError: Error code: 404 - model: x",
        ),
        ("PG::FeatureNotSupported: ERROR:  cached plan", "PG::FeatureNotSupported: cached plan"),
        ("Error: Failed to launch the browser process!", "Failed to launch the browser process"),
        ('{"level":50,"code":7}', "an error in JSON"),
        ("", ""),
    ],
)
def test_what_is_left_of_a_line(line: str, words: str) -> None:
    assert in_words(line) == words


@given(st.text(max_size=600))
def test_any_line_is_one_line_without_json_around_it(line: str) -> None:
    words = in_words(line)
    assert "\n" not in words
    assert in_words("{" + line) != "{" + line
