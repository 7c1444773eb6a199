"""A log's line as a headline can quote it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend.alerting.plain_words import MAX_FIELD, in_words, shorter


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
        ('{"level":50,"code":7}', "code: 7"),
        ('{"level":50,"time":1778065263,"pid":7}', "an error in JSON"),
        (
            '{"ts":"2026-05-06T11:01:04Z","stage":"load","rows":0,"ok":false,"status":"rejected","code":"L-204"}',
            "stage: load, rows: 0, ok: false, status: rejected, code: L-204",
        ),
        (
            'production.ERROR: The payload is invalid. {"exception":"[object] (App\\\\Decrypt(code: 0): The MAC',
            "The payload is invalid",
        ),
        (
            '[error] Shop::HttpError: {"errors":"Exceeded 2 calls per second. Reduce request rates."}',
            "Shop::HttpError: Exceeded 2 calls per second. Reduce request rates",
        ),
        (
            'sync failed: {"error":"invalid_grant","error_description":"Token is expired"}',
            "sync failed: Token is expired",
        ),
        (
            "The server responded with: {'ok': False, 'error': 'not_in_channel'}",
            "The server responded with: not_in_channel",
        ),
        (
            "CrmError: Malformed request https://crm.example/services/data/v59.0/query/. Response content: "
            "[{'message': \"\\nSELECT x\\nNo such column 'Tier'.\", 'code': 'INVALID_FIELD'}]",
            "CrmError: No such column 'Tier'",
        ),
        (
            "list: operation error S3: ListObjectsV2, https response error StatusCode: 301, RequestID: X, HostID: Y, "
            "api error PermanentRedirect: Use the specified endpoint.",
            "list: S3 ListObjectsV2: Use the specified endpoint. (PermanentRedirect)",
        ),
        (
            "requests.exceptions.ProxyError: HTTPSConnectionPool(host='api.example', port=443): "
            "Max retries exceeded with url: /v1 (Caused by ProxyError('Unable to connect to proxy'))",
            "ProxyError: api.example: ProxyError('Unable to connect to proxy')",
        ),
        ("Caused by: Error: ENOENT: no such file", "ENOENT: no such file"),
        ('order refused {"order_id":"88","retry":false}', "order refused"),
        ('"error_description": "AADSTS7000222: The keys are expired.",', "AADSTS7000222: The keys are expired"),
        (
            "smtplib.SMTPAuthenticationError: (535, b'5.7.139 Not allowed')",
            "SMTPAuthenticationError: 5.7.139 Not allowed (535)",
        ),
        (
            "x509: certificate has expired or is not yet valid: current time 2026-05-06T11:01Z is after 2026-05-05Z",
            "x509: certificate has expired or is not yet valid",
        ),
        ('{"type":"LOG","log":{"level":"FATAL","message":"limit reached"}}', "limit reached"),
        ("[ ERROR ] [Migrator] no table", "[Migrator] no table"),
        (
            "[082]: segment 55 was not archived before the 60000ms timeout",
            "segment 55 was not archived before the 60000ms timeout",
        ),
        ("error: Uncaught (in promise) TypeError: rate is undefined", "TypeError: rate is undefined"),
        (
            'Exception in thread "main" org.h2.jdbc.JdbcSQLSyntaxErrorException: Column "T" not found; SQL statement:',
            'JdbcSQLSyntaxErrorException: Column "T" not found',
        ),
        ("2026-11-28 04:00:15,002 INFO  [main] cache saved", "cache saved"),
        ("02:40:20    Got 37 results, configured to fail if != 0", "Got 37 results, configured to fail if != 0"),
        ("Nov 28 02:00:31 ip-10-0-3-77 etl[31]: phase transform", "phase transform"),
        ("[Mon Nov 23 02:19:15 UTC 2026] Error renewing img.acme.example", "Error renewing img.acme.example"),
        ("F1128 02:14:12.242102       1 main.go:90] no store", "no store"),
        ("psql:close.sql:3: ERROR:  division by zero", "division by zero"),
        ("In SettleCommand.php line 88: Limit exceeded.", "Limit exceeded"),
        (
            'time=2026-11-28T02:15:00Z level=ERROR msg="list failed" err="table \\"a\\" is gone"',
            'list failed: table "a" is gone',
        ),
        ("ts=2026-11-28T02:15:00Z level=error msg=stopped n=1", "stopped"),
        (
            "terminate called after throwing an instance of 'std::out_of_range': what():  map::at",
            "uncaught std::out_of_range: map::at",
        ),
        ("terminate called after throwing an instance of 'int'", "uncaught int"),
        (
            "805B6FEA7E7F0000:error:1C800064:Provider routines:ossl_cipher:bad decrypt:p/c.c:129:",
            "bad decrypt (Provider routines)",
        ),
        (
            'UnhandledPromiseRejection: It originated elsewhere. The promise rejected with the reason "no quota".',
            "unhandled rejection: no quota",
        ),
        (
            'psycopg.OperationalError: connection to server at "a", port 5 failed: FATAL:  no user "x"',
            'OperationalError: no user "x"',
        ),
        ("│ Error: Error acquiring the state lock", "Error: Error acquiring the state lock"),
        (
            "fatal error: An error occurred (NoSuchBucket) when calling the ListObjectsV2 operation: It does not exist",
            "It does not exist (NoSuchBucket)",
        ),
        (
            'PgError { severity: "ERROR", code: State(E42P07), message: "relation \\"tiers\\" already exists" }',
            'PgError: relation "tiers" already exists',
        ),
        (
            '2026-11-02T02:46:54.013Z [sync] [crit]: Sync error {"name":"e","message":"no \\"b\\" here","code":"7"}',
            'Sync error: no "b" here',
        ),
        (
            'level=fatal msg="stopped" error="reading runs with \\"\\nSELECT *\\nFROM runs\\n\\": quota exceeded"',
            "stopped: reading runs: quota exceeded",
        ),
        (
            "aws: error: argument command: Invalid choice, valid choices are:",
            "aws: error: argument command: Invalid choice",
        ),
        (
            "job.py: error: argument --day: invalid choice: 'x' (choose from 'a', 'b')",
            "job.py: error: argument --day: invalid choice: 'x'",
        ),
        ("", ""),
    ],
)
def test_what_is_left_of_a_line(line: str, words: str) -> None:
    assert in_words(line) == words


def test_shorter_words_lose_the_advice_first_and_then_the_wrappers() -> None:
    said = "SyncError: Access Denied: User may not read bucket invoices. See the manual"
    assert list(shorter(said)) == [
        said,
        "SyncError: Access Denied: User may not read bucket invoices",
        "Access Denied: User may not read bucket invoices",
        "User may not read bucket invoices",
    ]
    assert list(shorter("KeyError: x")) == ["KeyError: x"]


@given(st.text(max_size=600))
def test_any_line_is_one_line_without_json_around_it(line: str) -> None:
    words = in_words(line)
    assert "\n" not in words
    assert in_words("{" + line) != "{" + line


def test_of_a_json_line_without_a_message_the_short_fields_are_shown() -> None:
    fits = "x" * MAX_FIELD
    assert in_words(json.dumps({"status": fits, "body": f"{fits}x", "ok": False})) == f"status: {fits}, ok: false"
