"""What a check finds, and the exit status that follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    FINDING = "finding"
    """Something doesn't work, or won't."""
    UNREAD = "unread"
    """It couldn't be examined."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The fields are keys of ``--json``."""

    check: str
    state: State
    what: str
    remedy: str = ""
    """What to do; ``""`` if nothing has to be done."""


def exit_status(findings: Sequence[Finding]) -> int:
    """0 if all is well, 1 if something isn't, 2 if nothing is wrong but a part couldn't be examined."""
    states = {each.state for each in findings}
    if State.FINDING in states:
        return 1
    return 2 if State.UNREAD in states else 0
