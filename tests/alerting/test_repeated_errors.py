"""An error that a pool or a client logged again and again right above the last one tells why."""

import pytest

from cronmend.alerting import causes
from cronmend.diagnosis.marks import MARK
from cronmend.model import Category
from tests.incidents import BROKEN, diagnosed

FULL, GONE = "ERROR the queue is full", "ERROR no such item"


@pytest.mark.parametrize(
    ("above", "said"),
    [
        ((FULL, FULL), "the loader gave up: the queue is full"),
        ((GONE, FULL, FULL), "the loader gave up: the queue is full"),
        ((FULL, FULL, GONE), "the loader gave up"),
        ((FULL, GONE), "the loader gave up"),
        ((FULL,), "the loader gave up"),
        (("loaded", "loaded"), "the loader gave up"),
        (("ERROR the loader gave up",) * 2, "the loader gave up"),
        ((), "the loader gave up"),
    ],
)
def test_it_follows_what_the_last_line_says(above: tuple[str, ...], said: str) -> None:
    line = "the loader gave up"
    incident = diagnosed(BROKEN, category=Category.UNKNOWN, cause="", line=line, excerpt=(*above, MARK + line))
    assert all(f'"{said}"' in form for form in causes.of(incident))
