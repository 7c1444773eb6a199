"""What the logs of runs that succeeded show that a person should change. Pure."""

from collections.abc import Iterator, Sequence
from typing import Final

from cronmend.model import Log
from cronmend.model.findings import Finding, FindingKind
from cronmend.model.timetables import Timetable
from cronmend.patterns import detector

KINDS: Final = frozenset({FindingKind.MIGRATES_INSIDE, FindingKind.SKIPS})
RUNS: Final = 5
"""The latest runs that are read."""
SKIPPED: Final = 3
"""So many of them did nothing."""
_LAST: Final = 5
"""Lines in which a run says that it does nothing: it ends at once."""
_SHORT: Final = 30
"""A run that wrote more lines did something."""
_MIGRATES: Final = (
    r"^\s*Apply all migrations: |^\s*No migrations to apply\.|^\s*Applying \w+\.\d{4}_\w+\.\.\. (?:OK|FAKED)",
    r"\bRunning upgrade (?:[0-9a-f]{8,})? +-> [0-9a-f]{8,}",
    r"^== +\d{14}[ -][\w-]+: migrat(?:ing|ed)\b",
    r"\bMigrating schema \S+ to version |\bSchema \S+ is up to date\. No migration necessary",
    r"\bRunning Changeset: \S+::\S+::",
    r"^\d+ migrations? found in prisma/migrations|^No pending migrations to apply\.",
    r"^Batch \d+ run: \d+ migrations?\b",
    r"\bINFO +Running migrations\.|\bNothing to migrate\.$",
    r"\bgoose: (?:successfully migrated database|no migrations to run)",
    r"\bApplying migration '\d{14}_\w+'",
    r"== Running \d{14} \S+Migrations\.|\bMigrations already up$",
    r"^Applying: \d{14}_\w+\.sql",
    r"\[notice\] Migrating (?:up )?to \S*Migrations\\Version\d+",
)
"""What the tools write that migrate a database: Django, Alembic, Rails and Sequelize, Flyway, Liquibase, Prisma, Knex,
Laravel, goose, Entity Framework, Ecto, dbmate, Doctrine. Django and others also say that nothing was left to do."""
_LOCKED: Final = (
    r"(?i)\balready (?:running|in progress|being (?:run|executed|processed))\b",
    r"(?i)\banother (?:\w+ )?(?:instance|process|run|copy|job|task|worker|execution)\b.{0,40}\b(?:running|active|lock)",
    r"(?i)\b(?:could ?n.t|could not|unable to|failed to|can ?not|can.t|did not|didn.t|not able to) "
    r"(?:acquire|obtain|get|take|claim) (?:\w+ ){0,3}lock\b",
    r"(?i)\block (?:\S+ )?(?:was |is |could )?(?:already |not |currently )+(?:be )?"
    r"(?:held|taken|acquired|locked|obtained|available|owned|in use)\b",
    r"(?i)\b(?:holds|is holding|owns|has) the lock\b|\block (?:\S+ )?is held by\b",
)
"""What a program says that leaves the work to another run."""

_migrates: Final = detector("|".join(f"(?:{each})" for each in _MIGRATES))
_is_locked: Final = detector("|".join(f"(?:{each})" for each in _LOCKED))


def of_logs(timetable: Timetable, logs: Sequence[Log]) -> Iterator[Finding]:
    """
    Args:
        logs: those of the latest runs that succeeded.
    """
    by_command = timetable.target is not None and timetable.target.migrates
    if not by_command and any(_migrates(line) for log in logs for line in log):
        yield Finding(
            timetable.job,
            FindingKind.MIGRATES_INSIDE,
            "Its runs migrate the database, as their log shows, so the schema changes whenever the job runs.",
            "Take the migration out of the image's entry point. Migrate in a task of its own, in the pipeline, before "
            "the service and the schedules use the new code.",
        )
    if sum(map(is_skipped, logs)) >= SKIPPED:
        yield Finding(
            timetable.job,
            FindingKind.SKIPS,
            f"At least {SKIPPED} of its last {RUNS} successful runs did nothing: their log says that another one held "
            "the lock.",
            "Start the job less often, or make it faster. If no run is active, remove the lock that one left behind.",
        )


def is_skipped(log: Log) -> bool:
    """Whether the run left the work to another one."""
    written = [line for line in log if line.strip()]
    return len(written) <= _SHORT and any(_is_locked(line) for line in written[-_LAST:])
