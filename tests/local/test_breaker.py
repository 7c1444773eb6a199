"""One thing is broken at a time, and those who wait learn how it goes."""

from typing import Any

import pytest

from local.breakage import breaker as module
from local.breakage.breaker import Breaker, Refused
from local.breakage.kinds import KINDS, Kind, Outcome
from local.breakage.site import BreakFailed, Site
from local.messages import page

SECONDS = 10.0


class Fake:
    """Breaks nothing."""

    def start(self, site: Site) -> Outcome:
        site.progress("breaking")
        return Outcome("broken", "watch")

    def fix(self, site: Site) -> Outcome:
        return Outcome("fixed", "watch")


class Failing(Fake):
    def start(self, site: Site) -> Outcome:
        raise BreakFailed("It succeeded.")


@pytest.fixture
def breaker(monkeypatch: pytest.MonkeyPatch) -> Breaker:
    monkeypatch.setattr(Site, "settle", lambda self: None)
    monkeypatch.setattr(module, "KINDS", {**dict.fromkeys(Kind, Fake), Kind.IMAGE: Failing})
    account: Any = None
    return Breaker(account)


def test_every_kind_can_be_broken_and_is_named_on_the_empty_page() -> None:
    assert KINDS.keys() == set(Kind)
    assert ", ".join(Kind) == page.KINDS


def test_it_is_broken_until_it_is_mended(breaker: Breaker) -> None:
    assert breaker.broken == ""
    breaker.start(Kind.BUG)
    assert breaker.wait(SECONDS).happened == "broken"
    state = breaker.state()
    assert (state["broken"], state["busy"], state["lines"]) == ("bug", False, ["breaking"])
    breaker.fix(None)
    assert breaker.wait(SECONDS).happened == "fixed"
    assert breaker.broken == ""


def test_one_thing_at_a_time(breaker: Breaker) -> None:
    with pytest.raises(Refused, match="Nothing is broken"):
        breaker.fix(Kind.BUG)
    breaker.start(Kind.BUG)
    breaker.wait(SECONDS)
    with pytest.raises(Refused, match=r"'bug' is already broken\. Fix it first: cronmend local break bug --fix"):
        breaker.start(Kind.SLACK)
    with pytest.raises(Refused, match=r"'slack' isn't broken, but 'bug' is\. .+ break bug --fix"):
        breaker.fix(Kind.SLACK)


def test_what_failed_half_way_can_be_mended(breaker: Breaker) -> None:
    breaker.start(Kind.IMAGE)
    with pytest.raises(BreakFailed, match="It succeeded"):
        breaker.wait(SECONDS)
    assert (breaker.state()["error"], breaker.broken) == ("It succeeded.", "image")
    breaker.fix(Kind.IMAGE)
    assert breaker.wait(SECONDS).happened == "fixed"
