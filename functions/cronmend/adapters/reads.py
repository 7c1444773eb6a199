"""Reads whose denial is logged and counted: it must not look as if there were nothing to read, such as no deploy."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cronmend import telemetry
from cronmend.adapters.aws import our_errors
from cronmend.errors import Denied, NotFound, Permanent
from cronmend.model import Missing

_ECS = "ecs"


def read[T](call: str, ask: Callable[[], T], service: str = _ECS, absent: T | None = None) -> T | Missing:
    """AWS's answer, or why there is none. ``call`` completes "couldn't …".

    Args:
        service: as IAM's actions name it.
        absent: the answer if AWS has no such thing; None to give the reason instead.

    Raises:
        Retryable: the same call may work later.
    """
    try:
        with denials(call, service):
            return ask()
    except Denied as error:
        return Missing(f"AWS denied {service}:{error.operation} to Cronmend's role")
    except Permanent as error:
        return absent if isinstance(error, NotFound) and absent is not None else Missing(str(error))


@contextmanager
def denials(call: str, service: str = _ECS) -> Iterator[None]:
    """As :func:`~cronmend.adapters.aws.our_errors`, and log and count a denial before it is raised."""
    try:
        with our_errors(call):
            yield
    except Denied as error:
        telemetry.denied(f"{service}:{error.operation}", str(error))
        raise
