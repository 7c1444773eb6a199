"""The facts that bear on a re-run, when it is planned and when it is due, and the bounds of healing. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cronmend.model import Category, DeployWindow, LiveSchedule, Missing, Mode, Policy, Size, WindowState


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of healing; the defaults are the template's."""

    recheck_after: timedelta = timedelta(minutes=5)
    """Until the first re-run or look at the deploy; doubles with each attempt."""
    alert_deadline: timedelta = timedelta(hours=1)
    """A held alert is released after this, whatever happens."""
    max_attempts: int = 3
    """Re-runs of one incident for causes in the job and what it depends on."""
    max_infra_attempts: int = 3
    """The same for failures of AWS: they don't use up the job's own."""
    max_memory: int = 16_384
    """MiB beyond which no re-run is given more memory."""

    def of(self, attempts: int, deadline: timedelta) -> "Limits":
        """These bounds, drawn tighter where a job's owner says so. An owner who allows no re-run means any."""
        return replace(
            self,
            max_attempts=min(self.max_attempts, attempts),
            max_infra_attempts=self.max_infra_attempts if attempts else 0,
            alert_deadline=min(self.alert_deadline, deadline),
        )

    def attempts(self, category: Category) -> int:
        return self.max_infra_attempts if category.traits.of_aws else self.max_attempts


def heal() -> Mode:
    """The mode of a situation that no account stands behind."""
    return Mode.HEAL


def circuit_closed() -> None:
    """No time until which healing has stopped."""


def no_active_run() -> str:
    return ""


def no_window() -> DeployWindow:
    """Of a re-run that no deploy bears on."""
    return DeployWindow(WindowState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Situation:
    """What bears on a re-run besides the diagnosis, as known at ``now``.

    A fact that costs a call is a callable: it is asked only if no earlier guard blocks the re-run.
    """

    now: datetime
    policy: Policy
    schedule: LiveSchedule | Missing | None = None
    """Missing if the job has none to re-run it from; None if none was asked for, as by an offline command."""
    ran: bool = True
    """Whether the code of the latest failed run may have run; False for a job that is not broken."""
    slot: datetime | None = None
    """The slot that the re-run would catch up on; None for a job that is not broken."""
    stale_after: timedelta = timedelta(hours=24)
    """How long after its slot a re-run may start."""
    last_run: datetime | None = None
    """When the latest known run was created, or succeeded."""
    last_start: datetime | None = None
    """When Cronmend last started a run that ECS may not list yet. Known only if a person asks for a run: a re-run
    that ECS had no capacity for counts as a start, and must not block its own next attempt."""
    waits_for_deploy: bool = False
    """Whether the end of a deploy may bring the re-run forward."""
    reruns: int = 0
    """Re-runs of the incident for causes of this kind."""
    most_reruns: int | None = None
    """Bound of ``reruns``; None for a job that is not broken."""
    reruns_today: int = 0
    """Re-runs of the job in the last 24 hours for causes of this kind."""
    most_today: int | None = None
    """Bound of ``reruns_today``; None for no bound."""
    mode: Callable[[], Mode | Missing] = heal
    circuit_until: Callable[[], datetime | None] = circuit_closed
    """When the circuit closes; None if it is closed."""
    active_run: Callable[[], str] = no_active_run
    """The ARN of a run of the job that is active, or ``""``."""
    window: Callable[[], DeployWindow] = no_window
    """The deploy window around the code that the re-run would use."""
    limits: Limits = Limits()
    key: str = ""
    """Of the attempt that would be planned: its jitter follows from it."""
    larger: Size | None = None
    """What a run that ran out of memory may be given next; None where that is not allowed."""
    held_until: datetime | None = None
    """The deadline of an alert that the incident already holds: later failures don't move it."""
