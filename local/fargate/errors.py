"""What ECS refuses, in its own words."""


class EcsError(Exception):
    """An answer with an error, as the ECS API gives it."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class StartFailed(Exception):
    """A task that could not be started; the text becomes its ``stoppedReason``.

    Args:
        container: the container that is to blame, which then carries the text as its ``reason``; empty for the task.
    """

    def __init__(self, reason: str, container: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.container = container


def invalid_parameter(message: str) -> EcsError:
    return EcsError("InvalidParameterException", message)
