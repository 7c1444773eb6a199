"""What a person's click asks of the outside. Ports, as in :mod:`~cronmend.ports.healing`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cronmend.incoming.slack_requests import Click, Signed
from cronmend.model.wakeups import RunRequest


@dataclass(frozen=True, slots=True)
class RerunAnswer:
    """What ``rerun`` answered."""

    done: str
    task_arn: str = ""
    """Empty where no run was started."""
    blockers: tuple[str, ...] = ()
    """Every guard that blocks the run, by name and with its reason."""


class Signatures(Protocol):
    def refusal(self, request: Signed, now: datetime) -> str:
        """Why it is not to be believed that Slack sent it; empty where it did."""
        ...


class SeenRequests(Protocol):
    def first(self, signature: str, now: datetime) -> bool:
        """False where the same request was taken before."""
        ...


class ClickRelay(Protocol):
    def hand_on(self, click: Click) -> None:
        """Have it carried out after Slack has been answered: Slack waits for three seconds."""
        ...


class AllowedUsers(Protocol):
    def may(self, user: str, now: datetime) -> bool:
        """Raises Retryable or Permanent where it can't be found out."""
        ...


class Reruns(Protocol):
    def ask(self, run_request: RunRequest) -> RerunAnswer:
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
