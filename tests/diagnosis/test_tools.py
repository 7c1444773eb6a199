"""Which tool an exit code belongs to."""

import pytest

from cronmend.diagnosis.tools import exits


@pytest.mark.parametrize(
    ("log", "command", "code", "found"),
    [
        ((), ("restic", "backup", "/data"), 12, "restic 12"),
        ((), ("sh", "-c", "pg_dump shop > /tmp/x && /usr/bin/rclone copy /tmp/x s3:b"), 5, "rclone 5"),
        ((), ("env", "TZ=UTC", "timeout", "300", "psql", "-f", "a.sql"), 2, "psql 2"),
        ((), ("python", "manage.py", "publish"), 2, "python 2"),
        (("curl: (52) Empty reply from server", "sync failed"), (), 1, "curl 52"),
        (("rsync error: timeout in data send/receive (code 30) at io.c(204)",), (), 1, "rsync 30"),
        (("Command 'restic backup /data' returned non-zero exit status 11.",), (), 1, "restic 11"),
        (("mysqldump: unknown variable 'x'",), (), 7, "mysqldump 7"),
        (("mysqldump: unknown variable 'x'",), (), 1, ""),
        (("wait-for-it.sh: timeout occurred after waiting 15 seconds for db:5432",), (), 124, "wait-for-it.sh 124"),
        (("processing 12 rows",), (), 3, ""),
        ((), ("restic", "backup"), None, ""),
        ((), (), 12, ""),
    ],
)
def test_a_code_belongs_to_the_tool_that_states_it_or_ran_last(
    log: tuple[str, ...], command: tuple[str, ...], code: int | None, found: str
) -> None:
    assert exits(log, command, code) == found
