"""Until when a message waits: the latest of a mute's end, the end of the quiet hours and the digest's hour."""

from datetime import datetime, time, timedelta

import pytest

from cronmend.alerting.quiet_hours import QuietHours
from cronmend.alerting.routes import Healed, Route
from cronmend.alerting.timing import AT_ONCE, starts_at
from cronmend.model.report import MessageKind
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import message

ALERT, HEALED = MessageKind.ALERT, MessageKind.HEALED
MUTED = NOW.replace(hour=12, minute=0, second=0)
QUIET = Route("default", quiet=QuietHours(time(10), time(13)))
DIGEST = Route("default", healed=Healed.DIGEST, digest_at=time(14))
BOTH = Route("default", quiet=QuietHours(time(10), time(13)), healed=Healed.DIGEST, digest_at=time(14))


def at(hour: int, days: int = 0) -> datetime:
    return MUTED.replace(hour=hour) + timedelta(days=days)


@pytest.mark.parametrize(
    ("kind", "route", "muted", "expected"),
    [
        (ALERT, Route("default"), None, None),
        (ALERT, Route("default"), MUTED, MUTED),
        (ALERT, QUIET, None, at(13)),
        (ALERT, QUIET, MUTED, at(13)),
        (ALERT, QUIET, at(15), at(15)),
        (ALERT, DIGEST, None, None),
        (HEALED, DIGEST, None, at(14)),
        (HEALED, BOTH, MUTED, at(14)),
        (HEALED, Route("default", healed=Healed.DIGEST, digest_at=time(9)), None, at(9, days=1)),
        *((kind, BOTH, MUTED, None) for kind in sorted(AT_ONCE)),
    ],
)
def test_a_message_waits_for_the_latest_of_all_that_keep_it_back(
    kind: MessageKind, route: Route, muted: datetime | None, expected: datetime | None
) -> None:
    assert starts_at(message(1, kind).report, route, muted, NOW) == expected


def test_what_is_urgent_does_not_wait_for_the_end_of_the_quiet_hours() -> None:
    urgent = Route("default", quiet=QuietHours(time(10), time(13)), urgent="error")
    assert starts_at(message().report, urgent, None, NOW) is None


def test_a_digest_whose_hour_came_before_the_clocks_went_back_is_followed_by_the_next_days() -> None:
    """In St. John's, they went from 00:01 back to 23:01 of the day before."""
    digest = Route("default", healed=Healed.DIGEST, digest_at=time(0), timezone="America/St_Johns")
    again_before_midnight = datetime.fromisoformat("2010-11-07T02:45:00+00:00")
    due = starts_at(message(1, HEALED).report, digest, None, again_before_midnight)
    assert due == datetime.fromisoformat("2010-11-08T03:30:00+00:00")
