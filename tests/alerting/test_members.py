"""What people are to see of a conversation as it stands."""

from dataclasses import replace

from cronmend.alerting.conversations import Conversation
from cronmend.alerting.members import Member, form
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
