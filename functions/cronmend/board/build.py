"""The ledger's facts → the board: every job, broken ones first, then by name; filtered and in pages. Pure."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from cronmend.alerting import outlook
from cronmend.board.facts import Facts
from cronmend.board.lane import lane
from cronmend.board.load_map import load_map
from cronmend.board.model import Board, Lane, Row, Section, State
from cronmend.board.rows import row
from cronmend.board.states import Job
from cronmend.healing.messages import kind_of_alert
from cronmend.wording import times

FULL_ROWS: Final = 80
"""Rows with a strip. A row is about 2 KB, without its strip 0.7 KB: a page stays below 300 KB."""
PAGE: Final = 240
"""Rows on a page, with or without a strip."""
_SECTIONS: Final = tuple(Section)
_STATES: Final = tuple(State)


class Query(Struct, frozen=True):
    """Which rows are shown: those that match all of it."""

    text: str = ""
    """Part of a job's name or its owner, in any case."""
    owner: str = ""
    state: str = ""
    """A value of :class:`State`."""
    page: int = 1
    job: str = ""
    """A job's ID or the name of its schedule; only that job."""

    @property
    def words(self) -> str:
        """What was asked for; ``""`` for everything."""
        asked = (f"with “{self.text}”" if self.text else "", f"of {self.owner}" if self.owner else "", self.state)
        return ", ".join(filter(None, asked))

    def shows(self, each: Row) -> bool:
        text = self.text.lower()
        is_named = text in each.job.lower() or text in each.owner.lower()
        is_meant = self.job in ("", each.job, each.name)
        return is_named and is_meant and self.owner in ("", each.owner) and self.state in ("", each.state)


def build(facts: Facts, query: Query | None = None, span: tuple[datetime, datetime] | None = None) -> Board:
    """
    Args:
        span: start and end of the deploys that are shown; the last 24 hours if None. Strips mark those of 24 hours.
    """
    query, deploys = query or Query(), lane(facts.deploys, facts.states, facts.now)
    rows = _rows(facts, deploys)
    found = [each for each in rows if query.shows(each)]
    pages = max(1, -(-len(found) // PAGE))
    page = min(max(1, query.page), pages)
    shown = found[(page - 1) * PAGE : page * PAGE]
    headline, subject, lines = _headline(facts, rows)
    return Board(
        now=facts.now,
        place=facts.place,
        headline=headline,
        subject=subject,
        lines=lines,
        counts=dict(sorted(Counter(each.state for each in rows).items(), key=lambda each: _STATES.index(each[0]))),
        lane=lane(facts.deploys, facts.states, facts.now, span) if span else deploys,
        rows=shown,
        load=load_map(facts.timetables, facts.now),
        shown=query.words,
        total=len(found),
        pages=pages,
        page=page,
        brief=frozenset(each.job for each in shown[FULL_ROWS:] if each.section is Section.FINE),
    )


def _rows(facts: Facts, deploys: Lane) -> Sequence[Row]:
    """Broken ones first, then by name."""
    timetables = {each.job: each for each in facts.timetables if each.cluster_arn}
    names = {*timetables, *(name for name, state in facts.states.items() if state.open_incident)}
    rows = (row(facts, Job.of(facts, name, timetables.get(name)), deploys) for name in names)
    return sorted(rows, key=_order)


def _order(each: Row) -> tuple[int, int, str]:
    """In hand, too, the more urgent states come first."""
    urgency = 0 if each.section is Section.FINE else _STATES.index(each.state)
    return _SECTIONS.index(each.section), urgency, each.name


def _headline(facts: Facts, rows: Sequence[Row]) -> tuple[str, str, Sequence[str]]:
    """The sentence on top, the job it ends with, and what is wrong with that job."""
    yours = [each for each in rows if each.section is Section.NEEDS_YOU]
    others = len(rows) - len(yours)
    if not rows:
        return "No jobs yet.", "", ("The board shows a job once Cronmend has checked its schedule.",)
    if not yours:
        return _all_well(rows), "", ()
    if len(yours) > 1:
        names = ", ".join(each.name for each in yours[:3]) + (f" and {len(yours) - 3} more" if len(yours) > 3 else "")
        return f"{len(yours)} of {times(len(rows), 'job')} need you.", "", (f"{names}.",)
    (one,) = yours
    well = f"{others} of {times(len(rows), 'job')} need nothing from you. " if others else ""
    return f"{well}One does:", one.job, _lines(facts, one)


def _all_well(rows: Sequence[Row]) -> str:
    in_hand = sum(each.section is Section.IN_HAND for each in rows)
    who = "Your job needs" if len(rows) == 1 else f"All {len(rows)} jobs need"
    return f"{who} nothing from you" + (f"; {in_hand} in hand." if in_hand else ".")


def _lines(facts: Facts, one: Row) -> Sequence[str]:
    incident = facts.states[one.job].open_incident
    said = outlook.of(incident, kind_of_alert(incident), "") if incident else ""
    return tuple(filter(None, (f"{one.lead} {one.detail}", said)))
