"""How a run ended, from the options that say so. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class BadOption(ValueError):
    """An option that can't be used; the message names it and says what to do."""


class StopCode(StrEnum):
    """Every ``stopCode`` of ECS; https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html."""

    EXITED = "EssentialContainerExited"
    NEVER_STARTED = "TaskFailedToStart"
    BY_USER = "UserInitiated"
    BY_SERVICE = "ServiceSchedulerInitiated"
    SPOT = "SpotInterruption"
    NOTICE = "TerminationNotice"
    UNHEALTHY = "InfrastructureHealth"


@dataclass(frozen=True, slots=True)
class Ending:
    """The fields of a stopped task that say how it ended."""

    stop_code: StopCode
    stopped_reason: str
    exit_code: int | None
    """Of the job's container; None if it never ran."""
    container_reason: str = ""

    @property
    def ran(self) -> bool:
        return self.exit_code is not None

    @property
    def pulled(self) -> bool:
        """Whether the image was pulled."""
        return self.ran or self.container_reason.startswith(_AFTER_PULL)


_REASONS: Final = {
    StopCode.EXITED: "Essential container in task exited",
    StopCode.NEVER_STARTED: "Task failed to start",
    StopCode.BY_USER: "Task stopped by user",
    StopCode.BY_SERVICE: "Scaling activity initiated by (deployment ecs-svc/1234567890123456789)",
    StopCode.SPOT: "Your Spot Task was interrupted.",
    StopCode.NOTICE: "Your Spot Task was interrupted.",
    StopCode.UNHEALTHY: "",
}
"""The ``stoppedReason`` that ECS usually sends with a stop code; ``""`` if none is documented."""
_NEVER_STARTED: Final = re.compile(
    r"Cannot\w+Error|ResourceInitializationError|TaskFailedToStart|Task failed to start|Capacity is unavailable"
    r"|RESOURCE:|Timeout waiting for network interface|Unexpected EC2 error"
)
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html"""
_OF_CONTAINER: Final = re.compile(r"Cannot\w+ContainerError|OutOfMemoryError")
"""Reasons that ECS gives to the container, too."""
_AFTER_PULL: Final = ("CannotCreate", "CannotStart")
_OUT_OF_MEMORY: Final = "OutOfMemoryError"
_SIGKILL, _SIGTERM = 137, 143


def ending(exit_code: int | None = None, stop_code: StopCode | None = None, stop_reason: str = "") -> Ending:
    """What ECS would report. What isn't given follows from the rest; nothing given means exit code 1.

    Raises:
        BadOption: the values contradict each other, or the exit code isn't one.
    """
    if exit_code is not None and not 0 <= exit_code <= 255:
        raise BadOption(f"--exit-code: {exit_code} is not an exit code. Use a number from 0 to 255.")
    code = _stop_code(stop_code, stop_reason)
    if code is StopCode.NEVER_STARTED and exit_code is not None:
        cause = f"--stop-reason '{stop_reason}'" if stop_code is None else f"--stop-code {code}"
        raise BadOption(
            f"--exit-code {exit_code} contradicts {cause}: a container that never ran has no exit code. "
            "Leave out one of the two."
        )
    of_container = stop_reason if _OF_CONTAINER.match(stop_reason) else ""
    stopped_reason = _REASONS[code] if not stop_reason or _is_memory(stop_reason) else stop_reason
    return Ending(code, stopped_reason, _exit_code(exit_code, code, stop_reason), of_container)


def _stop_code(given: StopCode | None, reason: str) -> StopCode:
    implied = _implied_by(reason)
    if given and implied is StopCode.NEVER_STARTED and given is not implied:
        raise BadOption(
            f"--stop-code {given} contradicts --stop-reason '{reason}', which ECS reports with {implied}. "
            "Leave out --stop-code."
        )
    return given or implied or StopCode.EXITED


def _implied_by(reason: str) -> StopCode | None:
    if _NEVER_STARTED.match(reason):
        return StopCode.NEVER_STARTED
    return next((code for code, usual in _REASONS.items() if reason and reason == usual), None)


def _exit_code(given: int | None, code: StopCode, reason: str) -> int | None:
    """SIGTERM ends a run that ECS stops, SIGKILL one without memory."""
    if given is not None or code is StopCode.NEVER_STARTED:
        return given
    if _is_memory(reason):
        return _SIGKILL
    return 1 if code is StopCode.EXITED else _SIGTERM


def _is_memory(reason: str) -> bool:
    return reason.startswith(_OUT_OF_MEMORY)
