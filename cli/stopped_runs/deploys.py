"""The state of the deploy when a run ended, as `--deploy` names it."""

from enum import StrEnum

from cronmend.model import DeployWindow, Signal, WindowState
from local.past import Deploy

_STATES = {
    Deploy.OPEN: (WindowState.OPEN, "a deploy is in progress"),
    Deploy.CLOSED: (WindowState.CLOSED, "no deploy is in progress"),
    Deploy.STUCK: (WindowState.STUCK, "the deploy is half done"),
    Deploy.OLDER: (WindowState.OLDER_CODE, "the run used older code than the service"),
}
NOT_GIVEN = DeployWindow(WindowState.UNKNOWN, Signal.NONE, "--deploy wasn't given")


def window_of(deploy: Deploy | None) -> DeployWindow:
    """The window that the option stands for; no signal has observed it."""
    if deploy is None:
        return NOT_GIVEN
    state, words = _STATES[deploy]
    return DeployWindow(state, Signal.NONE, f"{words}, as --deploy says")


class DeployState(StrEnum):
    """Every state that a message can name: those of :class:`Deploy`, and two that no account can be put into."""

    OPEN = "open"
    RECENT = "recent"
    CLOSED = "closed"
    STUCK = "stuck"
    OLDER = "older"
    UNKNOWN = "unknown"

    @property
    def window_state(self) -> WindowState:
        return WindowState.OLDER_CODE if self is DeployState.OLDER else WindowState(self.value)
