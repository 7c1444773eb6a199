"""Do what a person asks for with a button of the board on a CloudWatch dashboard, and answer with a page."""

from datetime import datetime

from msgspec import Struct

from cronmend.board.html.page import Theme
from cronmend.board.html.widget import answer
from cronmend.model.presses import Press
from cronmend.use_cases.alerting.presses import Presses


class Answered(Struct, frozen=True):
    done: str
    """The sentence for the person, also if nothing was done."""
    page: str
    """The same as HTML."""


class BoardAction(Struct, frozen=True):
    presses: Presses

    def carry_out(self, press: Press, theme: str, now: datetime) -> Answered:
        done = self.presses.carry_out(press, now)
        return Answered(done, answer(done, Theme(theme)))
