"""The example site's deploys: which release its jobs and its service run, and runs of its jobs."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from local.account import LocalAccount
from local.aws import ACCOUNT, CLUSTER, REGION
from local.images import SITE, build
from local.patience import PATIENCE
from local.pipeline import FAMILY, REPOSITORY, SERVICE

GROUP: Final = "cronmend-jobs"
SERVICE_ARN: Final = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{CLUSTER}/{SERVICE}"
FIRST, SECOND, BAD_MIGRATION = 1, 2, 3
"""Releases: the first; one with a new column; one with a migration that can't succeed."""

type Progress = Callable[[str], None]


class BreakFailed(RuntimeError):
    """The account didn't do what it should; the message says what."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that a breakage started."""

    job: str
    """The schedule's name."""
    task_id: str
    succeeded: bool


class Site:
    """Starts with release 1 deployed and migrated."""

    def __init__(self, account: LocalAccount, progress: Progress) -> None:
        self.account = account
        self.progress = progress
        self.release = FIRST
        """Whose code the service runs and whose migrations the database has."""

    def settle(self) -> None:
        """Deploy the release again if something else has registered a revision or moved the service."""
        if self._newest() != self._serving():
            self.deploy(self.release)

    def deploy(self, release: int, tag: str = "") -> None:
        """Migrate, register and update the service, in the order that never fails."""
        self.progress(f"deploying release {tag or release}")
        self.manage(release, "migrate", "--no-input")
        revision = self.register(tag or release)
        self.finish(release, revision)

    def register(self, tag: int | str) -> str:
        """A revision with this image, which the jobs run from now on: their schedules name only the family."""
        return self.account.pipeline.register_release(tag)

    def finish(self, release: int, revision: str) -> None:
        """Update the service, and wait until its deployment is complete."""
        self.account.pipeline.update_service(revision)
        self.until("the service's deployment is complete", self._is_rolled_out, PATIENCE)
        self.release = release

    def go_back(self) -> None:
        """To release 1, so that release 2 can be deployed again."""
        if self.release == FIRST:
            return
        self.progress("going back to release 1, so that release 2 is a new deploy")
        self.manage(self.release, "migrate", "home", "0001")
        self.finish(FIRST, self.register(FIRST))

    def push_with_bug(self) -> str:
        """Push an image of the release with a bug in refresh_calendar; returns its tag."""
        layers = (SITE / "base", *(SITE / f"release_{number}" for number in range(2, self.release + 1)))
        tag = f"{self.release}-bug"
        self.account.registry.push(REPOSITORY, tag, build(*layers, SITE / "bug"))
        return tag

    def add_page(self) -> None:
        """A page that is due, so that publish-scheduled has something to do."""
        self.manage(self.release, "seed")

    def manage(self, release: int, *command: str) -> None:
        done = self.account.site.manage(release, *command)
        if done.code:
            raise BreakFailed(f"`manage.py {' '.join(command)}` of release {release} failed:\n{done.output[-500:]}")

    def run(self, job: str) -> Ran:
        """Fire the job's schedule, and wait until the run has stopped."""
        self.progress(f"running {job}")
        fired = self.account.scheduler.fire(GROUP, job)
        if not fired.tasks:
            raise BreakFailed(f"{job} couldn't be started: {fired.error}.")
        return self._ended(job, fired.tasks[0])

    def fails(self, job: str) -> Ran:
        if (ran := self.run(job)).succeeded:
            raise BreakFailed(f"{job} should have failed, but task {ran.task_id} succeeded.")
        return ran

    def succeeds(self, job: str) -> Ran:
        if not (ran := self.run(job)).succeeded:
            raise BreakFailed(f"{job} should have succeeded, but task {ran.task_id} failed.")
        return ran

    def migrate_in_ecs(self, release: int, revision: str) -> bool:
        """Run the migration as a task of its own; returns whether it succeeded."""
        self.progress(f"migrating to release {release} as an ECS task")
        arn = self.account.pipeline.run_task(revision, "python", "manage.py", "migrate", "--no-input")
        return self._ended("the migration", arn).succeeded

    def until(self, what: str, holds: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise BreakFailed(f"After {seconds:.0f} seconds it was still not true that {what}.")
            time.sleep(0.1)

    def _ended(self, what: str, arn: str) -> Ran:
        try:
            task = self.account.wait_until_stopped(arn, PATIENCE)
        except TimeoutError as error:
            raise BreakFailed(f"{what}: {error}") from error
        return Ran(what, task.id, all(each.exit_code == 0 for each in task.containers))

    def _newest(self) -> str:
        listed = self.account.clients.ecs.list_task_definitions(familyPrefix=FAMILY, sort="DESC", status="ACTIVE")
        arns = [arn for arn in listed["taskDefinitionArns"] if arn.rsplit("/", 1)[-1].rsplit(":", 1)[0] == FAMILY]
        return arns[0] if arns else ""

    def _serving(self) -> str:
        services = self.account.clients.ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
        return services[0]["taskDefinition"] if services else ""

    def _is_rolled_out(self) -> bool:
        return all(each["status"] != "IN_PROGRESS" for each in self.account.fargate.rollouts.history(SERVICE_ARN))
