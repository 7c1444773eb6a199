"""The state of the deploy when a run ended, as `--deploy` names it."""

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
