"""Ports for clicks on a button in Slack."""

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from cronmend.incoming.slack_requests import Click, Signed
from cronmend.model.wakeups import RunRequest


class RerunAnswer(Struct, frozen=True):
    """The answer of ``rerun`` to a request for a run."""

    done: str
    task_arn: str = ""
    """``""`` if no run was started."""
    blockers: tuple[str, ...] = ()
    """Every guard that blocks the run, by name and with its reason."""


class Signatures(Protocol):
    def refusal(self, request: Signed, now: datetime) -> str:
        """Why the request can't be trusted to come from Slack; ``""`` if it can."""
        ...


class SeenRequests(Protocol):
    def first(self, signature: str, now: datetime) -> bool:
        """Store the request; False if it was already processed."""
        ...


class ClickRelay(Protocol):
    def forward(self, click: Click) -> None:
        """Pass the click to another invocation: Slack waits only three seconds for an answer."""
        ...


class AllowedUsers(Protocol):
    def may(self, user: str, now: datetime) -> bool:
        """Whether the user may use the buttons. Raises Retryable or Permanent if that can't be checked."""
        ...


class Reruns(Protocol):
    def ask(self, run_request: RunRequest) -> RerunAnswer:
        """Request a run from ``rerun``, which checks every guard.

        Raises:
            Retryable: the run may or may not have started.
            Permanent: the request failed.
        """
        ...


class Replies(Protocol):
    def accepts(self, address: str) -> bool:
        """Whether a reply may be sent to this address."""
        ...

    def send(self, address: str, answer: str) -> None:
        """Reply to the person alone. Raises Retryable or Permanent."""
        ...
