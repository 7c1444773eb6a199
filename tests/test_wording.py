"""Times as people read them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from cronmend.wording import clock, moment
from tests.fakes import NOW


def test_a_time_is_in_utc_whatever_its_zone() -> None:
    slot = datetime(2026, 5, 7, 0, 30, tzinfo=ZoneInfo("Europe/London"))
    assert clock(slot) == "23:30 UTC"
    assert moment(slot, NOW) == "23:30 UTC"
    assert moment(NOW, datetime(2026, 5, 7, 0, 30, tzinfo=ZoneInfo("Europe/London"))) == "11:01 UTC"
