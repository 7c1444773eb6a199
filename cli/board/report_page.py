"""The report as a page in the board's style."""

from functools import cache
from pathlib import Path
from typing import Final

from cronmend.board import activity_words as words
from cronmend.board.activity import Activity
from cronmend.board.activity_words import Figure, Table
from cronmend.board.html.markup import Html, div, tag
from cronmend.board.html.page import Theme, compact, document, framed

_STYLE: Final = Path(__file__).with_name("report.css")


def page(activity: Activity, theme: Theme = Theme.AUTO) -> Html:
    said = words.headline(activity)
    return document(f"Cronmend: {said}", _fragment(activity, said, theme))


def _fragment(activity: Activity, said: str, theme: Theme) -> Html:
    hero = div("hero", tag("h1", said), tag("p", words.days(activity), class_="soft"))
    figures = tag("dl", *map(_figure, words.figures(activity)), class_="figures")
    return framed(activity, [hero, figures, *map(_table, words.tables(activity))], theme, _style())


def _figure(each: Figure) -> Html:
    note = tag("dd", each.note, class_="soft sm") if each.note else ""
    return tag("div", tag("dt", each.name, class_="soft"), tag("dd", each.value, class_="big"), note)


def _table(each: Table) -> Html:
    heads = [tag("th", name, scope="col", class_=_kind(each, name)) for name in each.columns]
    rows = [tag("tr", *(_cell(each, *cell) for cell in zip(each.columns, row, strict=True))) for row in each.rows]
    name = div("sec", tag("h2", each.title), tag("p", each.note, class_="soft") if each.note else "")
    body = tag("table", tag("thead", tag("tr", *heads)), tag("tbody", *rows), class_="plain")
    return tag("section", name, body)


def _cell(table: Table, column: str, text: str) -> Html:
    """On a narrow screen, each cell has its column's name before it."""
    kind = " ".join(filter(None, (_kind(table, column), "soft" if text == "0" else None)))
    return tag("td", text, class_=kind or None, data_name=column)


def _kind(table: Table, column: str) -> str | None:
    return "r" if column in table.numbers else None


@cache
def _style() -> Html:
    return Html(compact(_STYLE))
