"""What a report states beside its headline, if less is known than usual."""

from urllib.parse import unquote

from cronmend.alerting import details
from tests.fakes import later
from tests.incidents import BROKEN, after


def test_the_log_of_a_run_whose_end_is_not_known_is_opened_for_an_hour() -> None:
    """From a minute before to a minute after, because clocks differ."""
    address = dict(details.links_of(after(BROKEN, ended_at=None)))["Log"]
    start, end = (int(later(minutes).timestamp() * 1000) for minutes in (-1, 61))
    assert unquote(unquote(address.replace("$", "%"))).endswith(f"?start={start}&end={end}")
