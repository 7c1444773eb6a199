"""The share of a job's runs that its owner wants to be good, in a number of days."""

import re
from typing import Final

from msgspec import Struct

from cronmend.model.past_runs import DAYS

PATTERN: Final = r"(?!0+(?:\.0+)? ?%)([0-9]{1,2}(?:\.[0-9]{1,3})?) ?% in ([1-9]|1[0-9]|2[0-8])d"
SHAPE: Final = f'a percentage and up to {DAYS} days, such as "99 % in 28d"'
_WHOLE: Final = re.compile(PATTERN, re.ASCII)


class Slo(Struct, frozen=True):
    """A service level objective."""

    percent: float
    """Above 0 and below 100."""
    days: int
    """At most :data:`DAYS`: a job's state counts no earlier runs."""

    @classmethod
    def read(cls, text: str) -> "Slo":
        """
        Raises:
            ValueError: it isn't of the form ``99 % in 28d``, or a number is out of its range.
        """
        if found := _WHOLE.fullmatch(text):
            return cls(float(found[1]), int(found[2]))
        raise ValueError(f"{text!r} is not {SHAPE}")

    def __str__(self) -> str:
        return f"{self.percent:g} % in {self.days}d"
