"""A hold is changed as it is stored: not one that a later deploy made, and not one that is being released."""

from copy import replace
from datetime import datetime

import pytest

from cronmend.deploys.holds import Hold, HoldState, new_hold
from cronmend.errors import Retryable
from cronmend.use_cases.healing.hold_changes import ended
from local.memory.deploys import MemoryHolds
from tests.fakes import NOW, later
from tests.samples import CLUSTER, JOB

HOLD = replace(new_hold(JOB, CLUSTER, "webapp", "v2", NOW, later(30)), state=HoldState.HELD)


def stored(hold: Hold | None) -> MemoryHolds:
    holds = MemoryHolds()
    if hold:
        holds.put(hold)
    return holds


@pytest.mark.parametrize("state", [HoldState.HOLDING, HoldState.HELD])
@pytest.mark.parametrize(("now", "until"), [(later(5), later(5)), (later(30), later(30)), (later(31), later(30))])
def test_a_deploy_that_is_over_makes_its_hold_due_at_once(state: HoldState, now: datetime, until: datetime) -> None:
    holds = stored(replace(HOLD, state=state))
    it = ended(holds, HOLD, now)
    assert it == holds.get(CLUSTER, JOB)
    assert it
    assert (it.until, it.state) == (until, state)


@pytest.mark.parametrize(
    "known",
    [None, replace(HOLD, id="later"), replace(HOLD, state=HoldState.RELEASING)],
    ids=["none", "that of a later deploy", "one that is being released"],
)
def test_no_other_hold_is_changed(known: Hold | None) -> None:
    holds = stored(known)
    before = holds.get(CLUSTER, JOB)
    assert ended(holds, HOLD, later(5)) is None
    assert holds.get(CLUSTER, JOB) == before


def test_a_hold_that_others_write_again_and_again_is_changed_later() -> None:
    holds = stored(HOLD)
    holds.put = lambda hold: None  # type: ignore[method-assign] # another was first
    with pytest.raises(Retryable, match="while it was being updated"):
        ended(holds, HOLD, later(5))
