"""An account with an invented past. Its truth is known here, and hidden from what reads it: exit codes, migrations.

The jobs' own code decides how a run ends, so the same code answers whether a re-run at any time would have succeeded.
"""

from collections.abc import Iterator, Sequence
from copy import replace
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

ACCOUNT, REGION = "111122223333", "eu-west-2"
CLUSTER: Final = f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/app-prod"
FAMILY: Final = "webapp"
START: Final = datetime(2026, 8, 1, tzinfo=UTC)
END: Final = START + timedelta(days=21)
TOOK: Final = timedelta(seconds=70)
MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class Deploy:
    """Of one revision. The schedules move when it is registered."""

    revision: int
    registered: datetime
    migrated: datetime | None
    """When the database had its schema; None if never."""
    started: datetime
    ended: datetime
    status: str = "SUCCESSFUL"
    by_task: bool = False
    """Whether the migration ran as an ECS task."""
    changes_schema: bool = True
    bug: str = ""
    """The job that is broken in this revision."""


@dataclass(frozen=True)
class Job:
    name: str
    every: timedelta
    first: datetime
    expression: str
    last_line: str
    """What its log ends with if the run succeeds."""


@dataclass(frozen=True)
class Ended:
    code: int
    log: tuple[str, ...]


@dataclass(frozen=True)
class Run:
    job: Job
    at: datetime
    revision: int
    task_id: str


JOBS: Final = (
    Job(
        "publish-scheduled",
        timedelta(hours=1),
        START,
        "cron(0 * * * ? *)",
        "INFO publish_scheduled finished successfully",
    ),
    Job(
        "nightly-report",
        timedelta(days=1),
        START + timedelta(hours=3),
        "cron(0 3 * * ? *)",
        "INFO exited with status 0",
    ),
    Job("sync-orders", timedelta(hours=3), START + 5 * MINUTE, "cron(5 0/3 * * ? *)", "synced 41 orders"),
    Job(
        "weekly-digest",
        timedelta(days=7),
        START + timedelta(hours=9),
        "cron(0 9 ? * SAT *)",
        "INFO digest completed without errors",
    ),
)
SILENT: Final = JOBS[2]
"""Its log never says that it succeeded."""


def _traceback(*last: str) -> tuple[str, ...]:
    return (
        "Traceback (most recent call last):",
        '  File "/srv/manage.py", line 22, in <module>',
        "    main()",
        '  File "/srv/shop/tasks.py", line 61, in main',
        "    rows = load()",
        *last,
    )


NO_COLUMN: Final = _traceback(
    "django.db.utils.ProgrammingError: column shop_order.channel does not exist",
    "LINE 1: SELECT shop_order.channel FROM shop_order",
)
REFUSED: Final = _traceback(
    'django.db.utils.OperationalError: connection to server at "db.internal", port 5432 failed: Connection refused',
    "\tIs the server running on that host and accepting TCP/IP connections?",
)
BUG: Final = _traceback("KeyError: 'currency'")
HANDLED: Final = ("ERROR shop.tasks order 17 was skipped", *BUG)
"""Logged by the job, which then exits with 0."""


def _at(day: int, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return START + timedelta(days=day, hours=hour, minutes=minute)


def deploy(revision: int, day: int, clock: str, **changes: object) -> Deploy:
    """Registered at this time, migrated four minutes later, and served from minute 6 to 9."""
    at = _at(day, clock)
    usual = Deploy(revision, at, at + 4 * MINUTE, at + 6 * MINUTE, at + 9 * MINUTE)
    return replace(usual, **changes)  # type: ignore[arg-type] # its fields


DEPLOYS: Final = (
    deploy(1, -20, "10:20"),
    deploy(2, 1, "10:57"),
    deploy(3, 3, "15:58", by_task=True),
    deploy(4, 4, "02:57", by_task=True),
    deploy(5, 6, "11:57", migrated=_at(6, "12:40")),  # by hand, long after the rollout
    deploy(6, 8, "08:58", migrated=None, status="ROLLBACK_SUCCESSFUL", ended=_at(8, "09:20")),
    deploy(7, 8, "16:20"),
    deploy(8, 10, "02:57"),
    deploy(9, 12, "13:30", changes_schema=False, bug="nightly-report"),
    deploy(10, 14, "12:10", changes_schema=False),
    deploy(11, 16, "10:57", by_task=True),
    deploy(12, 19, "17:57", by_task=True),
)
OUTAGES: Final = ((_at(9, "02:55"), _at(9, "03:08")), (_at(18, "20:50"), _at(18, "22:20")))
"""When the database refused connections."""
HANDLED_AT: Final = frozenset({_at(2, "07:00"), _at(11, "18:00")})
"""Runs of publish-scheduled that log an error and exit with 0."""
KILLED_AT: Final = frozenset({_at(5, "04:00"), _at(13, "13:00")})
"""Runs of it that run out of memory: their logs just stop."""


@dataclass(frozen=True)
class Truth:
    deploys: Sequence[Deploy] = DEPLOYS
    outages: Sequence[tuple[datetime, datetime]] = OUTAGES
    end: datetime = END

    def serving(self, at: datetime) -> Deploy:
        """The newest deploy whose revision the schedules have."""
        return max((each for each in self.deploys if each.registered <= at), key=lambda each: each.registered)

    def has_schema(self, revision: int, at: datetime) -> bool:
        """A later migration includes the earlier ones."""
        if not next(each for each in self.deploys if each.revision == revision).changes_schema:
            return True
        done = [each.revision for each in self.deploys if each.migrated and each.migrated <= at]
        return max(done, default=0) >= revision

    def ends(self, job: Job, at: datetime, revision: int) -> Ended:
        """How a run of the job that starts then ends."""
        head = (f"INFO starting {job.name}",)
        if not self.has_schema(revision, at):
            return Ended(1, (*head, *NO_COLUMN))
        if any(start <= at < end for start, end in self.outages):
            return Ended(1, (*head, *REFUSED))
        if next(each for each in self.deploys if each.revision == revision).bug == job.name:
            return Ended(1, (*head, *BUG))
        if job is JOBS[0] and at in HANDLED_AT:
            return Ended(0, (*head, *HANDLED))
        if job is JOBS[0] and at in KILLED_AT:
            return Ended(137, (*head, "INFO page 3 of 9 completed successfully"))
        return Ended(0, (*head, job.last_line))

    def of_run(self, run: Run) -> Ended:
        return self.ends(run.job, run.at, run.revision)

    def runs(self) -> Iterator[Run]:
        number = 0
        for job in JOBS:
            at = job.first
            while at < self.end:
                number += 1
                yield Run(job, at, self.serving(at).revision, f"{number:032x}")
                at += job.every
