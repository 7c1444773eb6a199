"""A job's page: its strip, the latest incident as a story, its log, who was notified, and what to run."""

import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from cronmend.board import story as stories
from cronmend.board.html import budgets
from cronmend.board.html.glyphs import glyph
from cronmend.board.html.lane import deploy_section
from cronmend.board.html.links import Links
from cronmend.board.html.markup import Content, Html, div, span, tag
from cronmend.board.html.page import Theme, framed
from cronmend.board.html.strips import strip
from cronmend.board.model import Board, Row, longest
from cronmend.board.story import Earlier, Kind, Moment, Records, Story
from cronmend.board.times import clock, length
from cronmend.jobs.error_budgets import percent
from cronmend.model.past_runs import MOST
from cronmend.wording import span as words
from cronmend.wording import times

_DOTS: Final = {
    Kind.DEPLOY: '<rect class="facc" x="6" y="3" width="4" height="10" rx="1.5"/>',
    Kind.FAILED: '<rect class="fbad" x="3.5" y="3.5" width="9" height="9" rx="2"/>'
    '<path class="mark sbg" d="M6 6l4 4m0-4l-4 4"/>',
    Kind.CRONMEND: '<circle class="line sedge" cx="8" cy="8" r="3.5"/>',
    Kind.SUCCEEDED: '<circle class="fok" cx="8" cy="8" r="5"/><path class="mark sbg" d="M5.7 8.2l1.6 1.7 3-3.6"/>',
}
_BEFORE: Final = 8
_SIXTH: Final = 6
"""Slots between two times under the strip."""


def job_fragment(board: Board, records: Records, links: Links, theme: Theme = Theme.AUTO) -> Html:
    """The page of the only job on the board."""
    (row,) = board.rows
    found = stories.story(records, board.now)
    left = [*_latest(found, board.now), *_earlier(records, board.now)] if found else [_nothing()]
    right = [_facts(row, board, records), *_budget(row), _commands(row, found)]
    deploy = deploy_section(board.lane, row.job, board.now, links)
    body = [
        links.back(),
        _head(row, links.actions(row.job, _open_incident(records))),
        _runs(row, board.now),
        deploy,
        div("split", div("", *left), div("", *right)),
    ]
    return framed(board, body, theme)


def _head(row: Row, actions: Html) -> Html:
    said = [tag("h1", glyph(row.state), " ", row.name), tag("p", row.lead, " ", row.detail, class_="soft")]
    return div("hero beside", div("", said), actions)


def _open_incident(records: Records) -> str:
    return next((each.id for each in records.incidents[:1] if each.is_open), "")


def _section(title: str, *content: Content, note: str = "") -> Html:
    return tag("section", div("sec", tag("h2", title), tag("p", note, class_="soft") if note else ""), *content)


def _runs(row: Row, now: datetime) -> Html:
    most = longest(row.bars)
    full = f"Full height is {length(most)}." if most else "No run is on record yet."
    schedule = ", ".join(filter(None, (row.schedule, row.zone)))
    drawn = div("wide", strip(row.name, row.bars, now), _times(row, now))
    return _section("Last 30 runs", drawn, note=f"{schedule}. {full}")


def _times(row: Row, now: datetime) -> Html:
    """When about every sixth run began, under the strip, whose right end is the latest run."""
    first = MOST - len(row.bars)
    shown = range(len(row.bars) - 1, -1, -_SIXTH)
    labels = [_time(first + number, clock(row.bars[number].at, now)) for number in shown]
    return div("hours", div("track", *reversed(labels)))


def _time(slot: int, text: str) -> Html:
    side = {0: "start", MOST - 1: "end"}.get(slot, "odd" if (MOST - 1 - slot) % (2 * _SIXTH) else None)
    return tag("span", text, class_=side, style=f"left:{round(100 * (slot + 0.5) / MOST, 1)}%")


def _latest(found: Story, now: datetime) -> Iterator[Html]:
    yield from _happened(found, now)
    yield from _log(found)
    yield from _notified(found, now)


def _happened(found: Story, now: datetime) -> Iterator[Html]:
    yield _section("What happened", _told(found.moments), note=found.title)


def _told(moments: Sequence[Moment]) -> Html:
    """With the day of a moment that isn't on that of the first: the title has that one."""
    days = [each.at.astimezone(UTC).date() for each in moments]
    told = (_moment(each, with_day=day != days[0]) for each, day in zip(moments, days, strict=True))
    return tag("ol", *told, class_="story")


def _moment(each: Moment, *, with_day: bool) -> Html:
    at = each.at.astimezone(UTC)
    day = [f"{at.day} {at:%b}", tag("br")] if with_day else ""
    dot = tag("svg", Html(_DOTS[each.kind]), width="16", height="16", viewBox="0 0 16 16", aria_hidden="true")
    said = tag("div", tag("b", each.what), tag("p", each.why, class_="soft") if each.why else "")
    return tag("li", tag("time", day, f"{at:%H:%M:%S}", class_="soft"), dot, said)


def _log(found: Story) -> Iterator[Html]:
    if found.excerpt:
        lines = [tag("mark", each) if n == found.marked else span("", each) for n, each in enumerate(found.excerpt)]
        yield _section("What the log says", tag("pre", *lines, tabindex="0", class_="log"), note=found.decided)


def _notified(found: Story, now: datetime) -> Iterator[Html]:
    if not found.sent:
        yield _section("Who was notified", tag("p", "No one: no message was needed.", class_="soft"))
        return
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in ("Channel", "Message", "Sent", "Answer"))))
    rows = [
        tag(
            "tr",
            tag("td", tag("b", each.channel)),
            tag("td", each.what),
            tag("td", clock(each.at, now) if each.at else "", class_="r"),
            tag("td", each.answer, class_="soft"),
        )
        for each in found.sent
    ]
    yield _section("Who was notified", tag("table", head, tag("tbody", *rows), class_="sent"))


def _nothing() -> Html:
    return _section("What happened", tag("p", "This job has had no incident that is still on record.", class_="soft"))


def _facts(row: Row, board: Board, records: Records) -> Html:
    policy, rate = records.policy, row.rate
    next_run = f"{row.next_in}, {clock(row.next, board.now)}" if row.next else row.next_note
    facts = (
        ("Next run", next_run),
        ("Last run", f"{clock(row.last, board.now)}, {row.last_took}" if row.last else "none"),
        ("28 days", f"{rate.percent} of {times(rate.runs, 'run')}, {rate.healed} healed" if rate.runs else ""),
        ("Owner", row.owner),
        ("Re-run", f"{policy.rerun.value}, at most {policy.attempts} an incident"),
        ("Limit", words(policy.max_runtime) if policy.max_runtime else "learned from earlier runs"),
        ("Runbook", policy.runbook),
    )
    pairs = [[tag("dt", name, class_="soft"), tag("dd", value)] for name, value in facts if value]
    return _section("The job", tag("dl", pairs, class_="facts"))


def _budget(row: Row) -> Iterator[Html]:
    if row.budget:
        used = f"{percent(row.budget.used)} used. {row.budget.slo}."
        yield _section("Error budget", *budgets.section_body(row.budget), note=used)


def _commands(row: Row, found: Story | None) -> Html:
    job = shlex.quote(row.job)
    commands = [f"cronmend history {job}", found.command if found else f"cronmend rerun {job}"]
    links = [tag("p", tag("a", text, href=url), class_="sm") for text, url in (found.links if found else ())]
    told = tag("p", found.advice, class_="soft", style="padding-bottom:8px") if found and found.advice else ""
    return _section("In a terminal", told, [tag("pre", each, tabindex="0", class_="cmd") for each in commands], links)


def _earlier(records: Records, now: datetime) -> Iterator[Html]:
    if before := stories.earlier(records, now)[:_BEFORE]:
        yield _section("Before", *(_folded(each) for each in before))


def _folded(each: Earlier) -> Html:
    """Opens without JavaScript."""
    if not each.moments:
        return tag("p", each.title, class_="before soft")
    return tag("details", tag("summary", each.title, class_="soft"), _told(each.moments), class_="before")
