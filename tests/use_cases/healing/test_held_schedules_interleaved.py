"""Two invocations that hold and release a schedule at once, in every order of their calls, each killed anywhere.

Whatever happens, the schedule is enabled at the end, as it was, and no row is left.
"""

from collections.abc import Callable, Iterator, Sequence
from copy import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from cronmend.deploys import DeployNote, Phase
from cronmend.deploys.holds import new_hold
from cronmend.model import Signal
from cronmend.model.wakeups import HoldTimer
from tests.samples import CLUSTER, JOB
from tests.use_cases.healing import holding
from tests.use_cases.interleaving import Invocation, Stepped, orders
from tests.use_cases.promised_world import Promised
from tests.use_cases.world import World

BEGAN = holding.BEGAN
SOON = BEGAN + timedelta(seconds=7)
"""Within the lease of an invocation that holds the schedule."""
HOLD = new_hold(JOB, CLUSTER, "webapp", "v2", BEGAN, SOON).id
type Step = Callable[[World], object]


def note(phase: Phase, at: datetime, key: str = "v2") -> DeployNote:
    return DeployNote(CLUSTER, "webapp", Signal.MARKER, phase, at, at, at + timedelta(minutes=30), key=key)


def holds(it: World) -> object:
    """A start whose note is stored."""
    return it.holder.hold(note(Phase.STARTED, BEGAN), BEGAN)


def next_holds(it: World) -> object:
    return it.holder.hold(note(Phase.STARTED, SOON, "v3"), SOON)


def fails(it: World) -> object:
    """The deploy fails at once: its note is stored, and its holds are released by their timers."""
    failed = note(Phase.FAILED, SOON)
    it.notes.write(replace(failed, version=1), SOON)
    it.holder.release(failed, SOON)
    return releases(it)


def releases(it: World) -> object:
    return it.release.handle(HoldTimer(JOB, HOLD, SOON), SOON)


def ended(it: World) -> object:
    return it.holder.release(note(Phase.FINISHED, SOON), SOON)


def made(first: Step, second: Step, before: Sequence[Step], kills: tuple[int | None, int | None]) -> Any:
    """Calls that read or write what the other invocation reads or writes are steps of their own."""
    it = Promised()
    it.healing.notes.write(note(Phase.STARTED, BEGAN), BEGAN)
    for step in before:
        step(it.healing)
    for name in ("holds", "switches", "notes"):
        setattr(it.healing, name, Stepped(getattr(it.healing, name)))
    it.promises.holds = it.healing.holds
    steps = (lambda: first(it.healing)), (lambda: second(it.healing))
    return it, [Invocation(step, most) for step, most in zip(steps, kills, strict=True)]


def all_orders(first: Step, second: Step, before: Sequence[Step]) -> Iterator[tuple[Promised, str]]:
    """Every order without a kill, then with one of the two killed before its second, third, … call."""
    for it, _ in orders(lambda: made(first, second, before, (None, None))):
        yield it, "none killed"
    for victim in (0, 1):
        for calls in count(1):
            kills = (calls, None) if victim == 0 else (None, calls)
            killed = 0
            for it, invocations in orders(lambda kills=kills: made(first, second, before, kills)):  # type: ignore[misc] # this round
                killed += invocations[victim].was_killed
                yield it, f"{victim} killed after {calls} calls"
            if not killed:
                break


def settle(it: Promised) -> None:
    """Whatever still runs is over by the end of its lease; then only reconcile runs."""
    it.now = BEGAN + timedelta(minutes=31)
    it.passes(timedelta(minutes=20), stream=False)


CASES: dict[str, tuple[Step, Step, tuple[Step, ...]]] = {
    "the deploy fails while its schedules are being held": (holds, fails, ()),
    "two deliveries of one start": (holds, holds, ()),
    "the next deploy starts": (holds, next_holds, ()),
    "two releases": (releases, releases, (holds, ended)),
    "a release while the next deploy starts": (releases, next_holds, (holds, ended)),
}


@pytest.mark.parametrize(("first", "second", "before"), CASES.values(), ids=CASES)
def test_in_every_order_with_a_kill_anywhere_the_schedule_is_left_as_it_was(
    first: Step, second: Step, before: tuple[Step, ...]
) -> None:
    tried, as_it_was = 0, holding.world().schedules.schedules[JOB]
    for it, how in all_orders(first, second, before):
        settle(it)
        assert it.healing.schedules.schedules[JOB] == as_it_was, how
        assert list(it.healing.holds.of(CLUSTER)) == [], how
        tried += 1
    assert tried > 20


def test_a_deploy_that_fails_during_the_hold_does_not_hold_the_schedule_until_its_limit() -> None:
    for it, _ in orders(lambda: made(holds, fails, (), (None, None))):
        it.now = SOON
        it.passes(timedelta(minutes=10), stream=False)
        assert holding.enabled(it.healing)
        assert list(it.healing.holds.of(CLUSTER)) == []
