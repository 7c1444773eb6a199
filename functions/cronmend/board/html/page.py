"""The board as a fragment, and a page around it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Final, Protocol

from cronmend.alerting.headlines import name_of
from cronmend.board.build import Query
from cronmend.board.html import budgets
from cronmend.board.html.foot import key_section, load_section
from cronmend.board.html.glyphs import glyph
from cronmend.board.html.lane import lane_section
from cronmend.board.html.links import Links, chips_of_file, style_of_chips
from cronmend.board.html.markup import Content, Html, div, span, tag
from cronmend.board.html.strips import strip
from cronmend.board.model import Board, Rate, Row, Section, State
from cronmend.board.times import clock
from cronmend.wording import times

_STYLE: Final = Path(__file__).with_name("style.css")
_DARK: Final = (
    "--bg:#111317;--ink:#e8eaed;--soft:#9ca4b0;--line:#282c33;--wash:#191c21;--edge:#747c89;--acc:#a3a6ff;"
    "--ok:#45ad92;--bad:#ff7a5c;--warn:#e2aa45;--shade:.28;color-scheme:dark"
)
_SIGN: Final = Html(
    '<svg width="10" height="20" viewBox="0 0 10 20" aria-hidden="true">'
    '<path class="fbad" d="M0 10.5h10V18a2 2 0 0 1-2 2H2a2 2 0 0 1-2-2z"/>'
    '<path class="fok" d="M0 9.5V2a2 2 0 0 1 2-2h6a2 2 0 0 1 2 2v7.5z"/></svg>'
)
_COLUMNS: Final = (
    ("Job", None),
    ("Schedule", "sch"),
    ("Last 30 runs", "r str"),
    ("Last run", "r las"),
    ("Next run", "r nex"),
    ("28 days", "r rat"),
    ("Owner", "own"),
)
_TONES: Final = {State.FAILED: "isbad", State.OVERDUE: "iswarn"}


class Theme(StrEnum):
    AUTO = "auto"
    """The system's."""
    LIGHT = "light"
    DARK = "dark"


@cache
def style() -> Html:
    return Html(compact(_STYLE).replace("DARK", _DARK))


def compact(style_sheet: Path) -> str:
    """Its text without comments and line breaks."""
    return re.sub(r"/\*.*?\*/|\n", "", style_sheet.read_text(encoding="utf-8"))


def document(title: str, fragment: Html, *, refresh: int = 0) -> Html:
    """A whole page around a fragment, which reloads itself after ``refresh`` seconds; 0 for never."""
    head: list[Content] = [
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width,initial-scale=1"),
        tag("meta", http_equiv="refresh", content=str(refresh)) if refresh else "",
        tag("title", title),
        tag(
            "style",
            Html("html{background:#fff}body{margin:0}@media (prefers-color-scheme:dark){html{background:#111317}}"),
        ),
    ]
    return Html(f"<!doctype html>{tag('html', tag('head', head), tag('body', fragment), lang='en')}\n")


class Framed(Protocol):
    """What a page's head says."""

    @property
    def now(self) -> datetime: ...

    @property
    def place(self) -> str: ...


def framed(board: Framed, body: Content, theme: Theme, more_style: Html | None = None) -> Html:
    """What every page has around its content: style, theme and head."""
    at = tag("time", f"{board.now:%a} {board.now.day} {board.now:%b %Y, %H:%M} UTC", class_="soft")
    top = tag("header", _SIGN, span("brand", "Cronmend"), span("soft", board.place), at, class_="top")
    return styled(div("page", top, tag("main", body)), theme, more_style)


def styled(content: Html, theme: Theme, more_style: Html | None = None) -> Html:
    css = tag("style", style(), more_style or Html(""))
    return tag("div", css, content, class_=f"cm cm-{theme.value}")


def fragment(board: Board, links: Links, query: Query | None = None, theme: Theme = Theme.AUTO) -> Html:
    """The board, with its style, for a page or a widget."""
    query = query or Query()
    foot = div("two", load_section(board.load, board.now), key_section())
    body = [_hero(board, links), lane_section(board.lane, board.now, links), _jobs(board, links, query), foot]
    extra = None if links.is_live else style_of_chips(dict(board.counts))
    return framed(board, body, theme, extra)


def title(board: Board) -> str:
    subject = f" {name_of(board.subject)}" if board.subject else ""
    return f"Cronmend: {board.headline}{subject}"


def _hero(board: Board, links: Links) -> Html:
    text: list[Content] = [board.headline]
    if board.subject:
        text += [" ", links.job(board.subject, name_of(board.subject), "isbad"), "."]
    lines = [tag("p", each, class_="soft") for each in board.lines]
    return div("hero", tag("h1", text), lines)


def _jobs(board: Board, links: Links, query: Query) -> Html:
    counts = dict(board.counts)
    chips = div("chips", *_chips(board, links, query)) if links.is_live else chips_of_file(counts)
    shown = tag("p", f"{times(board.total, 'job')}: {board.shown}", class_="soft sm") if board.shown else ""
    head = tag("h2", "Jobs", id="h-jobs", class_="hide")
    parts = [head, div("bar", chips, links.find(query)), shown, _table(board, links), _pages(board, links, query)]
    return tag("section", *parts, aria_labelledby="h-jobs")


def _chips(board: Board, links: Links, query: Query) -> Iterator[Html]:
    total = sum(board.counts.values())
    yield _chip(links, query, "", "All", total)
    for state, count in board.counts.items():
        yield _chip(links, query, state.value, state.label, count)


def _chip(links: Links, query: Query, state: str, label: str, count: int) -> Html:
    chosen = "chip on" if query.state == state else "chip"
    return links.board(Query(query.text, query.owner, state), [label, " ", span("soft", str(count))], chosen)


def _pages(board: Board, links: Links, query: Query) -> Html:
    if board.pages == 1:
        return Html("")
    where = f"Page {board.page} of {board.pages}. Broken jobs are on the first."
    near = ((board.page - 1, "Previous"), (board.page + 1, "Next"))
    steps = [links.board(_page(query, number), text, "btn") for number, text in near if 1 <= number <= board.pages]
    return div("pages", span("soft", where), *steps)


def _page(query: Query, number: int) -> Query:
    return Query(query.text, query.owner, query.state, number)


def _table(board: Board, links: Links) -> Html:
    columns = [tag("th", tag("span", name), scope="col", class_=kind) for name, kind in _COLUMNS]
    head = tag("thead", tag("tr", *columns))
    if not board.rows:
        return tag("p", "No job matches.", class_="soft", style="padding:24px 0")
    bodies = [
        _body(section, list(rows), board, links) for section, rows in groupby(board.rows, key=lambda each: each.section)
    ]
    return tag("table", tag("caption", "Jobs", class_="hide"), head, *bodies, class_="jobs")


def _body(section: Section, rows: Sequence[Row], board: Board, links: Links) -> Html:
    name = tag("th", section.value, " ", span("soft", str(len(rows))), colspan=str(len(_COLUMNS)), scope="rowgroup")
    return tag("tbody", tag("tr", name, class_="grp"), *(_row(each, board, links) for each in rows))


def _row(row: Row, board: Board, links: Links) -> Html:
    is_brief = row.job in board.brief
    cells: Iterable[Html] = (
        tag("th", _name(row, links, is_brief=is_brief), scope="row"),
        _cell("sch", row.schedule, "" if is_brief else row.zone),
        tag("td", "" if is_brief else _strip(row, board), class_="str"),
        _cell("r las", clock(row.last, board.now) if row.last else "", "" if is_brief else row.last_took),
        _cell("r nex", row.next_in or row.next_note, "" if is_brief else _next_at(row, board)),
        _rate(row, is_brief=is_brief),
        _cell("own", row.owner),
    )
    return tag("tr", *cells, data_s=row.state.value, class_="few" if is_brief else None)


def _name(row: Row, links: Links, *, is_brief: bool) -> Html:
    name = links.job(row.job, row.name, "name")
    lead = [tag("b", row.lead, class_=_TONES.get(row.state)), " "] if row.lead else ""
    return div("job", glyph(row.state), tag("div", name, "" if is_brief else div("soft sm", lead, row.detail)))


def _cell(kind: str, first: str, second: str = "") -> Html:
    return tag("td", tag("div", first), div("soft sm", second) if second else "", class_=kind)


def _rate(row: Row, *, is_brief: bool) -> Html:
    """The budget's bar is between the rate and the counts that explain both."""
    bar = budgets.bar(row.budget) if row.budget and not is_brief else ""
    counts = "" if is_brief else div("soft sm", _counts(row.rate))
    return tag("td", div("", row.rate.percent), bar, counts, class_="r rat")


def _strip(row: Row, board: Board) -> Html:
    return div("strip", span("soft sm over", row.over), strip(row.name, row.bars, board.now))


def _next_at(row: Row, board: Board) -> str:
    if row.next is None:
        return ""
    return ", ".join(filter(None, (clock(row.next, board.now), row.next_note)))


def _counts(rate: Rate) -> str:
    """The runs that weren't simply good, each kind apart."""
    kinds = ((rate.failed, "failed"), (rate.missed, "missed"), (rate.healed, "healed"))
    told = [f"{count} {word}" for count, word in kinds if count]
    return ", ".join(told) or (f"of {times(rate.runs, 'run')}" if rate.runs else "")
