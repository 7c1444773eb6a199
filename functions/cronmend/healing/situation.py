"""The facts that the guards of a re-run need, when it is planned or due, and the limits of healing. Pure."""

from collections.abc import Callable
from copy import replace
from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.model import Category, DeployWindow, LiveSchedule, Missing, Mode, Policy, Size, WindowState


class Limits(Struct, frozen=True):
    """The limits of healing; the defaults are the template's."""

    recheck_after: timedelta = timedelta(minutes=5)
    """How long to wait for the first re-run or recheck of the deploy; doubles with each attempt."""
    alert_deadline: timedelta = timedelta(hours=1)
    """The longest time that an alert is held."""
    max_attempts: int = 3
    """The most re-runs of one incident for causes in the job and its dependencies."""
    max_infra_attempts: int = 3
    """The same for failures of AWS, which don't use the job's own budget."""
    max_memory: int = 16_384
    """The most memory of a re-run, in MiB."""

    def of(self, attempts: int, deadline: timedelta) -> "Limits":
        """These limits, lowered to those of the job's policy. No attempts means none for failures of AWS either."""
        return replace(
            self,
            max_attempts=min(self.max_attempts, attempts),
            max_infra_attempts=self.max_infra_attempts if attempts else 0,
            alert_deadline=min(self.alert_deadline, deadline),
        )

    def attempts(self, category: Category) -> int:
        return self.max_infra_attempts if category.traits.of_aws else self.max_attempts


def heal() -> Mode:
    """The mode if there is no account to read it from."""
    return Mode.HEAL


def circuit_closed() -> None:
    """None: healing has not stopped."""


def no_active_run() -> str:
    return ""


def no_window() -> DeployWindow:
    """The window for a re-run that no deploy affects."""
    return DeployWindow(WindowState.UNKNOWN)


class Situation(Struct, frozen=True):
    """What decides on a re-run besides the diagnosis, as known at ``now``.

    A fact that costs a call is a callable: it is asked only if no earlier guard blocks the re-run.
    """

    now: datetime
    policy: Policy
    schedule: LiveSchedule | Missing | None = None
    """Missing if the job has none to re-run it from; None if no schedule was read, as in an offline command."""
    ran: bool = True
    """Whether the code of the latest failed run may have run; False for a job that is not broken."""
    tasks: int = 1
    """How many tasks the schedule starts at once; a re-run repeats one of them."""
    slot: datetime | None = None
    """The slot that the re-run would catch up on; None for a job that is not broken."""
    stale_after: timedelta = timedelta(hours=24)
    """How long after its slot a re-run may start."""
    last_run: datetime | None = None
    """When the latest known run that the schedule itself started was created."""
    attributed: bool = True
    """Whether it is certain which job the failed run belongs to. If not, no success can show that the job recovered, so
    its alert is never held."""
    claimed_at: datetime | None = None
    """When another run was claimed that ECS may not list yet; None if there is none."""
    repeats: bool = False
    """Whether the failed run was a re-run, and the one that it repeated had failed for a cause of this category."""
    last_rerun: datetime | None = None
    """When the latest re-run of the incident for the job's own causes was claimed; None if there was none."""
    waits_for_deploy: bool = False
    """Whether the end of a deploy may bring the re-run forward."""
    reruns: int = 0
    """Re-runs of the incident for causes of this kind."""
    most_reruns: int | None = None
    """The limit of ``reruns``; None for a job that is not broken."""
    reruns_today: int = 0
    """Re-runs of the job in the last 24 hours for causes of this kind."""
    most_today: int | None = None
    """The limit of ``reruns_today``; None for no limit."""
    mode: Callable[[], Mode | Missing] = heal
    circuit_until: Callable[[], datetime | None] = circuit_closed
    """When the circuit closes; None if it is closed."""
    active_run: Callable[[], str] = no_active_run
    """The ARN of a run of the job that is active, or ``""``."""
    window: Callable[[], DeployWindow] = no_window
    """The deploy window around the code that the re-run would use."""
    limits: Limits = Limits()
    key: str = ""
    """The key of the attempt that would be planned; its jitter is derived from it."""
    larger: Size | None = None
    """The next larger size after running out of memory; None if the job may not have one."""
    held_until: datetime | None = None
    """The deadline of an alert that the incident already holds: later failures don't move it."""
