from datetime import timedelta

import pytest

from cli.demo.acts_main import FLEXIBLE, slot_after
from cronmend.jobs.slots import pending_slot
from tests.fakes import NOW
from tests.samples import schedule


@pytest.mark.parametrize("fraction", [0, 1, 999_999])
def test_the_slot_of_the_job_that_runs_often_is_pending_at_once(fraction: int) -> None:
    """Even if the failed run took so little that the slot comes within the same second."""
    created = NOW.replace(microsecond=fraction)
    slot = slot_after(created)
    assert created < slot <= created + timedelta(seconds=1)
    live = schedule(expression="rate(30 minutes)", start=slot, flexible=FLEXIBLE)
    assert pending_slot(live, created, created + timedelta(seconds=1)) == slot
