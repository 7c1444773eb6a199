"""What a person's click asks of the outside. Ports, as in :mod:`~cronmend.ports.healing`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cronmend.incoming.slack_requests import Click, Signed
from cronmend.model.wakeups import ManualRun


@dataclass(frozen=True, slots=True)
class Ran:
    """What ``rerun`` answered."""

    done: str
    task_arn: str = ""
    """Empty where no run was started."""
    objections: tuple[str, ...] = ()


class Signatures(Protocol):
    def refusal(self, request: Signed, now: datetime) -> str:
        """Why it is not to be believed that Slack sent it; empty where it did."""
        ...


class Taken(Protocol):
    def first(self, signature: str, now: datetime) -> bool:
        """False where the same request was taken before."""
        ...


class Relay(Protocol):
    def hand_on(self, click: Click) -> None:
        """Have it carried out after Slack has been answered: Slack waits for three seconds."""
        ...


class Staff(Protocol):
    def may(self, user: str, now: datetime) -> bool:
        """Raises Retryable or Permanent where it can't be found out."""
        ...


class Runs(Protocol):
    def ask(self, wish: ManualRun) -> Ran:
        """Through every guard.

        Raises:
            Retryable: it is not known whether it has run.
            Permanent: it could not be asked.
        """
        ...


class Replies(Protocol):
    def accepts(self, address: str) -> bool:
        """Whether an answer may go there."""
        ...

    def tell(self, address: str, answer: str) -> None:
        """To the person alone. Raises Retryable or Permanent."""
        ...
