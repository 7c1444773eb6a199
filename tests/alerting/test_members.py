"""What people are to see of a conversation as it stands."""

from copy import replace

import pytest

from cronmend.alerting.conversations import Conversation, MessageRef
from cronmend.alerting.members import Member, as_seen, form, is_pointless, lacks_last_line, news_for
from cronmend.model.report import Stage
from tests.fakes import NOW
from tests.use_cases.alerting.alerting_world import message

FIRST = message()
OPENED = Conversation("slack", "missing-column", NOW, FIRST)
FAILING = Member(FIRST.job, FIRST.incident)
OVER = replace(FAILING, healed=True, stage=Stage.HEALED, status="healed by run 2 of 4")


def test_a_conversation_in_which_nothing_is_known_to_be_over_shows_what_opened_it() -> None:
    assert form(OPENED, ()) == FIRST.report
    assert form(OPENED, (FAILING,)) == FIRST.report
    assert form(OPENED, (OVER, FAILING)) == FIRST.report


def test_a_conversation_about_one_job_that_is_over_says_how_it_ended() -> None:
    assert form(OPENED, (OVER,)) == replace(FIRST.report, stage=Stage.HEALED, status="healed by run 2 of 4")


def test_a_job_that_failed_again_is_over_only_once_all_of_its_incidents_are() -> None:
    """In whatever order they joined."""
    again, other = replace(OVER, incident="incident-9"), Member("site/job-2", "incident-2", healed=True)
    assert form(OPENED, (FAILING, again, other)).status == "1 of 2 healed"
    assert form(OPENED, (again, FAILING, other)).status == "1 of 2 healed"
    assert form(OPENED, (OVER, again, other)).status == "all healed"


def test_a_conversation_whose_jobs_are_not_known_is_not_taken_for_one_that_is_over() -> None:
    """Its rows may have expired, or not be written yet."""
    assert not is_pointless(OPENED, ())
    assert not lacks_last_line(OPENED, ())
    assert is_pointless(OPENED, (OVER,))
    assert not is_pointless(OPENED, (OVER, FAILING))
    assert not is_pointless(replace(OPENED, sending_until=NOW), (OVER,))


HERE, ELSEWHERE = MessageRef("C1", "1.0"), MessageRef("C1", "2.0")


@pytest.mark.parametrize(
    ("seen", "now", "is_new"),
    [
        (FAILING, FAILING, False),
        (OVER, OVER, False),
        (FAILING, OVER, True),
        (OVER, FAILING, True),
    ],
)
def test_what_a_message_shows_is_new_in_another_form_or_place(seen: Member, now: Member, *, is_new: bool) -> None:
    shown = replace(now, fact=as_seen(seen, NOW, HERE).fact)
    assert news_for((shown,), HERE) == ((shown,) if is_new else ())
    assert news_for((shown,), ELSEWHERE) == news_for((shown,), None) == (shown,)
    assert news_for((now,), None) == (now,)
