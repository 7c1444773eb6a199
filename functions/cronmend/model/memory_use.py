"""How much memory the tasks of a family used."""

from datetime import datetime

from msgspec import Struct


class MemoryOfDay(Struct, frozen=True):
    """The greatest use of any task within a day. Both are in MiB."""

    day: datetime
    """When it began."""
    used: float
    limit: float
    """What the task with the most had reserved."""
