"""A message without what clients and loggers put around it."""

import pytest

from cronmend.alerting.plain_words import in_words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            'redis.exceptions.ResponseError: Command # 3 (SET cart:9 {"name": "Snowflake sync"}) of pipeline caused '
            "error: OOM command not allowed when used memory > 'maxmemory'.",
            "ResponseError: OOM command not allowed when used memory > 'maxmemory'",
        ),
        (
            "Failed to roll over: <class 'tidy.errors.Failed'>: Exception encountered. Rerun with DEBUG. "
            "Exception: ConflictError(409, 'version_conflict', '[audit-7]: version conflict')",
            "Failed to roll over: [audit-7]: version conflict (ConflictError 409)",
        ),
        ("<class 'shop.errors.NoStock'>: nothing left of item A4", "NoStock: nothing left of item A4"),
        ("An unexpected error occurred while loading. Reason: file is empty", "file is empty"),
        ("Loader gave up after 3 tries cmd=load name=tap run_id=77aa", "Loader gave up after 3 tries"),
        ("could not connect host=db.internal port=5432", "could not connect host=db.internal port=5432"),
        (
            "Login denied: 535 5.7.8 authentication failed: VXNlcm5hbWU6",
            "Login denied: 535 5.7.8 authentication failed",
        ),
        ("could not open the report: quarterly", "could not open the report: quarterly"),
        ("[2026-11-27 22:40:08.020][keeper][ERROR] Disk is read-only", "Disk is read-only"),
        (
            "smtplib.SMTPSenderRefused: (452, b'Too many recipients today', 'jobs@acme.example')",
            "SMTPSenderRefused: Too many recipients today (452)",
        ),
        (
            "Load stopped: command ['/srv/bin/tap-crm', '--config', '/srv/run/77/config.json'] returned 2",
            "Load stopped: command tap-crm returned 2",
        ),
        ("runner FATAL the schedule file is empty", "the schedule file is empty"),
        (
            'runner ERROR failures: [{"origin":"source","externalMessage":"Your token was revoked"}]',
            "failures: Your token was revoked",
        ),
    ],
)
def test_only_the_message_stays(line: str, words: str) -> None:
    assert in_words(line) == words
