"""Each kind of breakage: what goes wrong, which messages people are sent and when, and how it ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from local.breakage.site import BAD_MIGRATION, SECOND, BreakFailed, Ran, Site
from local.patience import PATIENCE
from local.slack_faults import Fault

PUBLISH, REPORT, CALENDAR, INDEX, PURGE = (
    *("publish-scheduled", "send-report", "refresh-calendar", "rebuild-index", "purge-revisions"),
)
MISSING_TAG: Final = "never-pushed"
ALL: Final = 10**9
"""More requests than are ever made."""
SLACK_FAULTS: Final = (Fault.SERVER_ERROR, Fault.RATE_LIMITED, Fault.LOGIN_PAGE)
SMALL, LARGE = (256, 512), (256, 1024)
"""CPU units and MiB of rebuild-index, which needs about 650 MiB."""


class Kind(StrEnum):
    DEPLOY = "deploy"
    MIGRATION = "migration"
    BUG = "bug"
    MEMORY = "memory"
    IMAGE = "image"
    REGISTRY = "registry"
    SLACK = "slack"
    THROTTLE = "throttle"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done, and what to watch now."""

    happened: str
    watch: str
    runs: tuple[Ran, ...] = ()


class Breakage(Protocol):
    """Both may take a minute, and raise BreakFailed."""

    def start(self, site: Site) -> Outcome: ...

    def fix(self, site: Site) -> Outcome: ...


class DeployInProgress:
    _revision = ""

    def start(self, site: Site) -> Outcome:
        site.go_back()
        site.add_page()
        site.progress("registering release 2, without its migration")
        self._revision = site.register(SECOND)
        ran = site.fails(PUBLISH)
        return Outcome(
            "A deploy is in progress: release 2 is registered, but its migration hasn't run. publish-scheduled ran on "
            "the new code and failed.",
            "Nothing is sent: Cronmend holds the alert until the deploy ends. To end it and see the job healed, use "
            "--fix within 45 min; otherwise an alert follows.",
            (ran,),
        )

    def fix(self, site: Site) -> Outcome:
        site.progress("migrating, and updating the service")
        site.manage(SECOND, "migrate", "--no-input")
        site.finish(SECOND, self._revision or site.register(SECOND))
        return Outcome(
            "The deploy is complete: the migration has run, and the service is updated.",
            "Within a minute, Cronmend re-runs publish-scheduled and reports it as healed.",
        )


class FailedMigration:
    def start(self, site: Site) -> Outcome:
        # The migration fails only if two rows exist.
        site.add_page()
        site.add_page()
        revision = site.register(BAD_MIGRATION)
        if site.migrate_in_ecs(BAD_MIGRATION, revision):
            raise BreakFailed("The migration of release 3 should have failed, but it succeeded.")
        ran = site.fails(PUBLISH)
        return Outcome(
            "The migration of release 3 failed, and publish-scheduled ran on its code and failed.",
            "Within a minute, one alert says that the deploy is half done. Nothing is re-run.",
            (ran,),
        )

    def fix(self, site: Site) -> Outcome:
        site.progress("deploying release 2 instead")
        revision = site.register(SECOND)
        if not site.migrate_in_ecs(SECOND, revision):
            raise BreakFailed("The migration of release 2 failed.")
        site.finish(SECOND, revision)
        return Outcome(
            "Release 2 is deployed, and publish-scheduled has succeeded.",
            "Within a minute, the alert says that the job has recovered.",
            (site.succeeds(PUBLISH),),
        )


class Bug:
    def start(self, site: Site) -> Outcome:
        site.deploy(site.release, site.push_with_bug())
        self._before_run(site)
        ran = site.fails(CALENDAR)
        return Outcome(
            "A version with a bug is deployed, and refresh-calendar raised an error.",
            "Within a minute, one alert shows the traceback. Nothing is re-run: the job would fail the same way.",
            (ran,),
        )

    def fix(self, site: Site) -> Outcome:
        site.deploy(site.release)
        return Outcome(
            "The version before the bug is deployed, and refresh-calendar has succeeded.",
            "Within a minute, the alert says that the job has recovered.",
            (site.succeeds(CALENDAR),),
        )

    def _before_run(self, site: Site) -> None:
        """Break something else after the version is deployed."""


class Memory:
    def start(self, site: Site) -> Outcome:
        _resize(site, *SMALL)
        ran = site.fails(INDEX)
        return Outcome(
            f"rebuild-index has {SMALL[1]} MiB, needs more, and was killed.",
            "Cronmend re-runs it once with the next larger size, within 3 min, and reports it as healed.",
            (ran,),
        )

    def fix(self, site: Site) -> Outcome:
        _resize(site, *LARGE)
        ran = site.succeeds(INDEX)
        return Outcome(f"rebuild-index has {LARGE[1]} MiB and has succeeded.", "Nothing more is sent.", (ran,))


class MissingImage:
    def start(self, site: Site) -> Outcome:
        site.register(MISSING_TAG)
        runs = tuple(site.fails(job) for job in (PUBLISH, PURGE, CALENDAR))
        return Outcome(
            "The newest task definition names an image that doesn't exist. Three jobs couldn't start.",
            "Within a minute, an alert for the first job; the others with the same cause join its message.",
            runs,
        )

    def fix(self, site: Site) -> Outcome:
        site.deploy(site.release)
        runs = tuple(site.succeeds(job) for job in (PUBLISH, PURGE, CALENDAR))
        return Outcome(
            "The newest task definition names an image that exists, and the three jobs have succeeded.",
            "Within a minute, the message says that they have recovered.",
            runs,
        )


class NoRegistry:
    def start(self, site: Site) -> Outcome:
        site.account.registry.hang(ALL)
        ran = site.fails(PURGE)
        return Outcome(
            "The image registry doesn't answer. purge-revisions couldn't start.",
            "Nothing is sent at first: Cronmend re-runs the job, each time after a longer wait. To see the job healed, "
            "use --fix within 5 min; otherwise an alert follows.",
            (ran,),
        )

    def fix(self, site: Site) -> Outcome:
        site.account.registry.hang(0)
        return Outcome(
            "The registry answers again.", "The next re-run succeeds, and Cronmend reports the job as healed."
        )


class SlackOut(Bug):
    def start(self, site: Site) -> Outcome:
        bug = super().start(site)
        return Outcome(
            "Slack answers every request with an error, a rate limit or a proxy's login page. A version with a bug is "
            "deployed, so that there is an alert.",
            "Within a minute, the alert arrives by email and text message, but not in Slack. Cronmend keeps trying.",
            bug.runs,
        )

    def fix(self, site: Site) -> Outcome:
        before = len(site.account.slack.messages())
        site.account.slack.misbehave()
        site.progress("waiting until Slack has the alert that it missed")
        site.until("Slack has the alert", lambda: len(site.account.slack.messages()) > before, PATIENCE)
        bug = super().fix(site)
        return Outcome(f"Slack answers again and has the alert that it missed. {bug.happened}", bug.watch, bug.runs)

    def _before_run(self, site: Site) -> None:
        site.account.slack.misbehave(*SLACK_FAULTS)


class Throttled(Bug):
    def start(self, site: Site) -> Outcome:
        bug = super().start(site)
        return Outcome(
            "AWS throttles every second call to DynamoDB and ECS. A version with a bug is deployed, so that "
            "there is an alert.",
            "The alert comes later than usual, within 2 min, and only once. Your own commands are throttled too.",
            bug.runs,
        )

    def fix(self, site: Site) -> Outcome:
        calls, rejected = site.account.throttle(on=False)
        bug = super().fix(site)
        return Outcome(f"{rejected} of {calls} calls were throttled; now none are. {bug.happened}", bug.watch, bug.runs)

    def _before_run(self, site: Site) -> None:
        site.account.throttle(on=True)


def _resize(site: Site, cpu: int, memory: int) -> None:
    site.account.pipeline.resize("cronmend-jobs", INDEX, cpu, memory)


KINDS: Final[Mapping[Kind, type[Breakage]]] = {
    Kind.DEPLOY: DeployInProgress,
    Kind.MIGRATION: FailedMigration,
    Kind.BUG: Bug,
    Kind.MEMORY: Memory,
    Kind.IMAGE: MissingImage,
    Kind.REGISTRY: NoRegistry,
    Kind.SLACK: SlackOut,
    Kind.THROTTLE: Throttled,
}
