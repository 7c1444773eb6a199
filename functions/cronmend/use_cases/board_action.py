"""Do what a person asks for with a button of the board on a CloudWatch dashboard, and answer with a page."""

from dataclasses import dataclass
from datetime import datetime

from cronmend.board.html.page import Theme
from cronmend.board.html.widget import answer
from cronmend.model.presses import Press
from cronmend.use_cases.alerting.presses import Presses


@dataclass(frozen=True, slots=True)
class Answered:
    done: str
    """The sentence for the person, also if nothing was done."""
    page: str
    """The same as HTML."""


@dataclass(frozen=True, slots=True)
class BoardAction:
    presses: Presses

    def carry_out(self, press: Press, theme: str, now: datetime) -> Answered:
        done = self.presses.carry_out(press, now)
        return Answered(done, answer(done, Theme(theme)))
