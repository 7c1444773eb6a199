"""How much memory the tasks of a family used."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MemoryOfDay:
    """The greatest use of any task within a day. Both are in MiB."""

    day: datetime
    """When it began."""
    used: float
    limit: float
    """What the task with the most had reserved."""
