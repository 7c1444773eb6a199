"""What the logs of successes show, each with lines that only look like it."""

from copy import replace

import pytest

from cronmend.jobs.log_findings import RUNS, SKIPPED, is_skipped, of_logs
from cronmend.model.findings import FindingKind
from cronmend.model.timetables import Target
from tests.jobs.test_foresight import timetable

MIGRATIONS = (
    "  Apply all migrations: admin, auth, pages",
    "  No migrations to apply.",
    "  Applying pages.0007_summary... OK",
    "INFO  [alembic.runtime.migration] Running upgrade 1975ea83b712 -> ae1027a6acf2, add summary",
    "INFO  [alembic.runtime.migration] Running upgrade  -> 1975ea83b712, create pages",
    "== 20260506110121 AddSummary: migrating ======================================",
    "== 20260506110121-add-summary: migrated (0.012s)",
    'Migrating schema "public" to version "7 - add summary"',
    'Schema "public" is up to date. No migration necessary.',
    "Running Changeset: db/changelog.xml::7::ann",
    "12 migrations found in prisma/migrations",
    "Batch 7 run: 2 migrations",
    "   INFO  Running migrations.",
    "2026/05/06 11:01:21 goose: no migrations to run. current version: 7",
    "Applying migration '20260506110121_AddSummary'.",
    "11:01:21.123 [info] == Running 20260506110121 Site.Repo.Migrations.AddSummary.change/0 forward",
    "Applying: 20260506110121_add_summary.sql",
    r"[notice] Migrating up to DoctrineMigrations\Version20260506110121",
)
NO_MIGRATIONS = (
    "migrated 12 users to the new plan",
    "Running upgrade of the search index",
    "Applying discount to order 12... OK",
    "Batch 7 run: 200 invoices",
    "migrations: 0 pending",
    "Migrating avatars to the new bucket",
)


@pytest.mark.parametrize("line", MIGRATIONS)
def test_a_migration_inside_a_run_is_recognized_by_its_tools_words(line: str) -> None:
    (found,) = of_logs(timetable(), [("start", line, "done")])
    assert found.kind is FindingKind.MIGRATES_INSIDE


@pytest.mark.parametrize("line", NO_MIGRATIONS)
def test_other_words_are_no_migration(line: str) -> None:
    assert list(of_logs(timetable(), [(line,)])) == []


def test_a_job_whose_command_migrates_is_found_by_its_command_alone() -> None:
    table = replace(timetable(), target=Target(migrates=True))
    assert list(of_logs(table, [(MIGRATIONS[0],)])) == []


LOCKED = (
    "publish_scheduled is already running, exiting",
    "Another instance of this command is running.",
    "another process holds the lock; skipping",
    "Could not acquire lock, giving up",
    "Unable to obtain the advisory lock",
    "couldn't get a lock on /tmp/report.lock",
    "INFO Lock not acquired",
    "lock is already held by pid 12",
    "The lock could not be obtained",
    "Lock report is held by worker-3",
    '{"level": "info", "message": "job already in progress"}',
)
FREE = (
    "acquired lock report",
    "lock released",
    "12 documents unlocked",
    "worker running",
    "no other process is using it",
    "blocked 3 addresses",
)


@pytest.mark.parametrize("line", LOCKED)
def test_a_run_that_leaves_the_work_to_another_one_is_skipped(line: str) -> None:
    assert is_skipped(("starting", line, ""))


@pytest.mark.parametrize("line", FREE)
def test_a_run_that_has_its_lock_is_not(line: str) -> None:
    assert not is_skipped(("starting", line))


def test_only_the_end_of_a_short_log_says_that_nothing_was_done() -> None:
    assert not is_skipped((LOCKED[0], *("page published",) * 5))
    assert not is_skipped((*("page published",) * 30, LOCKED[0]))


def test_runs_that_are_skipped_again_and_again_are_found() -> None:
    skipped, worked = (LOCKED[0],), ("12 pages published",)
    few = [skipped] * (SKIPPED - 1) + [worked] * (RUNS - SKIPPED + 1)
    assert list(of_logs(timetable(), few)) == []
    (found,) = of_logs(timetable(), [*few[1:], skipped, skipped])
    assert found.kind is FindingKind.SKIPS
    assert (
        found.sentence
        == "At least 3 of its last 5 successful runs did nothing: their log says that another one held the lock."
    )
