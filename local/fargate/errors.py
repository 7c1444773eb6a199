"""ECS's errors, with the texts of ECS."""


class EcsError(Exception):
    """An error of the ECS API."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


class StartFailed(Exception):
    """A task that couldn't start; the text becomes its ``stoppedReason``.

    Args:
        container: the container with the problem, which gets the text as its ``reason``; ``""`` for the task itself.
    """

    def __init__(self, reason: str, container: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.container = container


def invalid_parameter(message: str) -> EcsError:
    return EcsError("InvalidParameterException", message)
