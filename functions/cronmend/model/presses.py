"""What a person asks for with a button, in a message or on the board."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Button(StrEnum):
    """The ``action_id`` of each button in Slack, and the name of each on the board."""

    ACKNOWLEDGE = "cronmend_ack"
    RERUN = "cronmend_rerun"
    MUTE = "cronmend_mute"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {Button.ACKNOWLEDGE: "Acknowledge", Button.RERUN: "Run it now", Button.MUTE: "Mute for a day"}


class Press(Struct, frozen=True):
    button: Button
    job: str
    incident: str
    """The one that the person saw; ``""`` if none was open."""
    by: str
    at: datetime
    id: str
    """Equal for each delivery of one request."""
    where: str
    """The button's place, for the reason of a mute: ``in Slack``."""
