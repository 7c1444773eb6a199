"""A message stands in the ledger: deliver it to every channel, at least once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cronmend.errors import CronmendError, Permanent, Retryable
from cronmend.ports import Channel, Deliveries
from cronmend.records import Message


@dataclass(frozen=True, slots=True)
class TellCare:
    """One channel that fails never keeps a message from another."""

    channels: Sequence[Channel]
    deliveries: Deliveries

    def deliver(self, message: Message, now: datetime) -> None:
        """Send to the channels that don't have the message yet.

        Raises:
            Retryable: a channel may take it later; a second call goes to that channel only.
            Permanent: a channel refused it for good.
        """
        has = self.deliveries.delivered(message)
        failures: list[CronmendError] = []
        for channel in self.channels:
            if channel.name in has:
                continue
            try:
                channel.send(message.report)
            except (Retryable, Permanent) as error:
                failures.append(error)
            else:
                self.deliveries.note(message, channel.name, now)
        if failures:
            worst = next((each for each in failures if isinstance(each, Retryable)), failures[0])
            raise type(worst)("; ".join(str(each) for each in failures))
