"""The claim of a run that is about to start."""

from datetime import datetime

from msgspec import Struct


class Claim(Struct, frozen=True):
    """The latest run that was claimed: until ECS lists it, only the claim shows that it is about to start."""

    key: str
    """That of its :class:`Attempt`."""
    at: datetime
    rechecks: int = 0
    """Those of the one timer that may still ask AWS for the run; of any other timer, nothing follows."""
    again_at: datetime | None = None
    """When that timer is due; None if AWS hasn't left a request for the run without an answer."""
