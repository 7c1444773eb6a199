"""Port of messages that are about no incident. Apart from the other ports of alerting, so that it loads only nouns."""

from datetime import datetime
from typing import Protocol

from cronmend.model.report import Message


class Notices(Protocol):
    def add(self, message: Message, now: datetime) -> bool:
        """Write a message that is about no incident; False if it was written before."""
        ...
