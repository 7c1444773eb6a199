"""Reads of the state of a deploy. A denied one is logged and counted: it must not look as if there were no deploy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cronmend import telemetry
from cronmend.adapters.aws import our_errors
from cronmend.errors import Denied, Permanent
from cronmend.model import Missing


def read[T](call: str, ask: Callable[[], T]) -> T | Missing:
    """ECS's answer, or why there is none. ``call`` completes "couldn't …".

    Raises:
        Retryable: the same call may work later.
    """
    try:
        with denials(call):
            return ask()
    except Denied as error:
        return Missing(f"AWS denied ecs:{error.operation} to Cronmend's role")
    except Permanent as error:
        return Missing(str(error))


@contextmanager
def denials(call: str) -> Iterator[None]:
    """As :func:`~cronmend.adapters.aws.our_errors`, and log and count a denial before it is raised."""
    try:
        with our_errors(call):
            yield
    except Denied as error:
        telemetry.denied(f"ecs:{error.operation}", str(error))
        raise
