"""A rule says no more than it knows: errors that look alike, but differ in what a person has to do."""

import pytest

from cronmend.diagnosis.steps import diagnose
from cronmend.model import DeployWindow, Evidence, WindowState
from tests.samples import stopped


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("PermissionError: [Errno 13] Permission denied: '/srv/out.csv'", "file.denied"),
        ("sh: 1: ./settle.sh: Permission denied", "file.denied"),
        ("ERROR:  permission denied for table payroll", "sql.denied"),
        ("OSError: [Errno 28] No space left on device", "disk.own"),
        ('ERROR:  could not extend file "base/16401/88": No space left on device', "sql.full"),
        ("index [orders] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)]", "search.blocked"),
        ("gpg: decryption failed: No secret key", "broker.key"),
        ("Host key verification failed.", "broker.host_key"),
        ("kafka.errors.TopicAuthorizationException: Not authorized to access topics: [orders]", "broker.permission"),
        ("535 5.7.8 Error: authentication failed: bad password", "broker.auth"),
        ("Migration checksum mismatch for migration version 7", "migration.edited"),
        ("error: Dirty database version 12. Fix and force version.", "migration.broken"),
        (
            "Migration file of version 'm2026_tier' is missing, it has been applied but its file is missing",
            "skew.migration_file",
        ),
        ('Failed to create file system for "cold:archive": didn\'t find section in config file', "config.section"),
        ("Error: Error locking state: resource temporarily unavailable", "local.busy"),
        ("IndexError: list index out of range", "code.index"),
        ("j.sh: line 2: /srv/close: cannot execute binary file: Exec format error", "config.platform"),
        ("make: *** No rule to make target 'rates.csv', needed by 'close'.  Stop.", "config.make_input"),
        ("make: *** No rule to make target 'close'.  Stop.", "config.command"),
        ("yaml.parser.ParserError: while parsing a block mapping", "config.syntax"),
        ("FATAL: schema version 31 of the database is ahead of this binary (29)", "schema.ahead"),
        (
            "psycopg2.errors.SerializationFailure: could not serialize access due to concurrent update",
            "sql.serialization",
        ),
        ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", "broker.auth_method"),
        ("curl: (52) Empty reply from server", "tool.no_answer"),
        ("psql:a.sql:1: ERROR:  integer out of range", "sql.value"),
    ],
)
def test_the_words_of_a_rule_are_true_for_what_it_matches(line: str, rule: str) -> None:
    window = DeployWindow(WindowState.CLOSED)
    assert diagnose(Evidence(stopped(), (line,), window)).rule == rule
