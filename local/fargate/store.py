"""The tasks that ran, their events, and the client tokens that created them."""

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.fargate.errors import EcsError
from local.fargate.life import Life
from local.fargate.task import Task

KEPT = timedelta(hours=1)
"""ECS shows a stopped task for at least this long; the local ECS exactly."""


@dataclass(slots=True)
class _Claim:
    """A client token and its tasks. It is kept as long as they are."""

    fingerprint: str
    arns: list[str] = field(default_factory=list)


class Store:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lives: dict[str, Life] = {}
        self._events: dict[str, list[Mapping[str, Any]]] = {}
        self._claims: dict[str, _Claim] = {}

    def add(self, life: Life, token: str = "") -> None:
        with self._lock:
            self._lives[life.task.arn] = life
            if token:
                self._claims[token].arns.append(life.task.arn)

    def remember(self, arn: str, event: Mapping[str, Any]) -> None:
        with self._lock:
            self._events.setdefault(arn, []).append(event)

    def events(self, arn: str) -> tuple[Mapping[str, Any], ...]:
        """All events of a task, oldest first, also after the task itself is no longer shown."""
        with self._lock:
            return tuple(self._events.get(arn, ()))

    def life(self, reference: str) -> Life | None:
        """The life of a task by its ARN or id."""
        self._forget()
        task_id = reference.rsplit("/", 1)[-1]
        with self._lock:
            return next((life for arn, life in self._lives.items() if arn.endswith(f"/{task_id}")), None)

    def tasks(self, wanted: Callable[[Task], bool] = lambda _: True) -> tuple[Task, ...]:
        self._forget()
        return tuple(life.task for life in self.lives() if wanted(life.task))

    def lives(self) -> Iterable[Life]:
        with self._lock:
            return tuple(self._lives.values())

    def made_by(self, token: str, fingerprint: str) -> tuple[Task, ...]:
        """The tasks of an earlier request with this token. A new token is stored, and has none.

        Raises:
            EcsError: the token was used with other parameters.
        """
        self._forget()
        with self._lock:
            claim = self._claims.setdefault(token, _Claim(fingerprint))
            if claim.fingerprint != fingerprint:
                raise EcsError(
                    "ConflictException",
                    f"The client token {token} was used before with different parameters.",
                )
            return tuple(self._lives[arn].task for arn in claim.arns)

    def _forget(self) -> None:
        before = datetime.now(UTC) - KEPT
        with self._lock:
            gone = {arn for arn, life in self._lives.items() if (life.task.times.stopped or before) < before}
            for arn in gone:
                del self._lives[arn]
            for token in [t for t, claim in self._claims.items() if gone & set(claim.arns)]:
                del self._claims[token]
