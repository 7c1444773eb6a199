"""``cronmend bench holds``: a deploy holds all schedules, by the function's own handler. On a virtual clock.

Each call takes time, and an invocation that takes longer than Lambda lets it is killed. What continues an event, or
Lambda's retry, runs in a new container; some of them run at once.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, Final
from unittest import mock

import deploy_state.app
from cli.bench.canned_aws import LEDGER, CannedAws, answered_by
from cli.bench.scenes import ENVIRONMENT, Context, answer_of, forget, jobs, marker
from cronmend.adapters import aws

SIZES: Final = (1, 100, 1_000)
LIMIT: Final = 60.0
"""Seconds that an invocation of deploy_state has, as in the template."""
AT_ONCE: Final = 5
"""Invocations, as the template reserves."""
RETRIES: Final = 2
"""How often Lambda invokes the function again with an event that failed, as in the template."""
SECONDS: Final[Mapping[str, float]] = {LEDGER: 0.015}
OTHER_SECONDS: Final = 0.06
"""How long a call takes, with the work of boto3: assumed."""
_VARIABLES = {**ENVIRONMENT, "AWS_LAMBDA_FUNCTION_NAME": "deploy-state"}


class Killed(BaseException):
    """By Lambda, during a call."""


@dataclass
class Clock:
    """In seconds. ``slower``: how many times longer each call takes."""

    slower: float = 1.0
    now: float = 0.0
    end: float = 0.0
    """When the invocation is killed."""

    def take(self, service: str) -> None:
        self.now += SECONDS.get(service, OTHER_SECONDS) * self.slower
        if self.now >= self.end:
            self.now = self.end
            raise Killed


@dataclass(frozen=True, slots=True)
class Cost:
    """Of a marker. ``seconds`` are those of the virtual clock, until the last schedule."""

    schedules: int
    calls: int
    invocations: int
    longest_chain: int
    """Of invocations that one event caused; Lambda stops one of about 16."""
    seconds: float
    dead_letters: int


@dataclass(frozen=True, slots=True)
class HoldCost:
    started: Cost
    finished: Cost
    account: CannedAws
    """After the deploy's start and its end."""


@dataclass(order=True, slots=True)
class _Queued:
    ready_at: float
    chain: int
    """Its place in a chain of invocations."""
    retries: int
    event: Any = field(compare=False)


@dataclass
class _Lambda:
    account: CannedAws
    clock: Clock
    queue: list[_Queued] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    """Of the latest invocations."""
    chain: int = 0
    invocations: int = 0
    dead_letters: int = 0

    def deliver(self, event: Any) -> None:
        heappush(self.queue, _Queued(self.clock.now, 1, 0, event))
        while self.queue:
            self._invoke(heappop(self.queue))

    def _invoke(self, queued: _Queued) -> None:
        free_at = sorted(self.ends)[-AT_ONCE] if len(self.ends) >= AT_ONCE else 0.0
        self.clock.now = max(queued.ready_at, free_at)
        self.clock.end = self.clock.now + LIMIT
        self.chain, self.invocations = max(self.chain, queued.chain), self.invocations + 1
        if not self._is_handled(queued.event):
            self._retry(queued)
        for event in self.account.invoked:
            heappush(self.queue, _Queued(self.clock.now, queued.chain + 1, 0, event))
        self.account.invoked.clear()
        self.ends.append(self.clock.now)

    def _is_handled(self, event: Any) -> bool:
        forget()
        context = Context(lambda: int((self.clock.end - self.clock.now) * 1000))
        try:
            answer_of(deploy_state.app.handler, event, context)
        except (Killed, Exception):  # noqa: BLE001 # whatever it is, Lambda invokes the function again
            return False
        return True

    def _retry(self, queued: _Queued) -> None:
        if queued.retries == RETRIES:
            self.dead_letters += 1
        else:
            heappush(self.queue, _Queued(self.clock.now, queued.chain, queued.retries + 1, queued.event))


def hold_costs(
    progress: Callable[[int], None], sizes: Sequence[int] = SIZES, slower: float = 1.0
) -> Sequence[HoldCost]:
    """``progress`` takes how many sizes are known."""
    found: list[HoldCost] = []
    for size in sizes:
        found.append(_cost_of(size, slower))
        progress(len(found))
    return found


def _cost_of(schedules: int, slower: float) -> HoldCost:
    account, clock = CannedAws(jobs(schedules)), Clock(slower)
    with mock.patch.dict(os.environ, _VARIABLES), answered_by(account), _timed(clock):
        return HoldCost(_cost(account, clock, "started"), _cost(account, clock, "finished"), account)


def _cost(account: CannedAws, clock: Clock, phase: str) -> Cost:
    account.counted()
    began, function = clock.now, _Lambda(account, clock)
    function.deliver(marker(phase))
    clock.now = max(function.ends)
    calls, seconds = account.counted().total(), round(clock.now - began, 1)
    return Cost(len(account.schedules), calls, function.invocations, function.chain, seconds, function.dead_letters)


@contextmanager
def _timed(clock: Clock) -> Iterator[None]:
    def takes(model: Any, **_: Any) -> None:
        clock.take(model.service_model.signing_name)

    aws.session().events.register_first("before-call", takes)
    yield


def table(found: Sequence[HoldCost]) -> str:
    """The table of docs/deploys.md."""
    head = "| schedules | calls, invocations | all are held after | calls at the deploy's end, invocations | after |"
    rows = (_row(each.started, each.finished) for each in found)
    return "\n".join((head, "| --- | --- | --- | --- | --- |", *rows))


def _row(started: Cost, finished: Cost) -> str:
    cells = (cell for each in (started, finished) for cell in _cells(each))
    return f"| {started.schedules:,} | {' | '.join(cells)} |"


def _cells(cost: Cost) -> tuple[str, str]:
    return f"{cost.calls:,}, {cost.invocations}", f"{cost.seconds:.0f} s"
