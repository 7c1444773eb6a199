"""Below the jobs: when they start, and how to read the strips and signs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from cronmend.board.html import budgets
from cronmend.board.html.glyphs import silent_glyph
from cronmend.board.html.markup import Content, Html, div, tag
from cronmend.board.html.strips import strip
from cronmend.board.model import Bar, LoadMap, State
from cronmend.jobs.error_budgets import ErrorBudget
from cronmend.model.past_runs import RunResult
from cronmend.model.slos import Slo

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SHADES: Final = (0.05, 0.1, 0.16, 0.24, 0.34, 0.46)
"""Opacities of ink."""
_LEFT: Final = 32
_CELL: Final = 16


def load_section(load: LoadMap, now: datetime) -> Html:
    scale = tag("p", str(load.least), _ramp(), f"{load.most} starts an hour", class_="soft sm ramp")
    head = div("sec", tag("h2", "When jobs start", id="h-load"), scale)
    told = tag("p", _free(load), class_="soft sm", style="padding-top:12px;max-width:52ch")
    return tag("section", head, _map(load, now), told, aria_labelledby="h-load")


def _free(load: LoadMap) -> str:
    frame = "In UTC. The frame is now."
    if not load.free:
        return frame
    spans = " and ".join(f":{first:02}–:{last:02}" for first, last in sorted(load.free, key=_longest_first)[:2])
    return f"{frame} No job starts in the minutes {spans} of any hour."


def _longest_first(free: tuple[int, int]) -> int:
    return free[0] - free[1]


def _ramp() -> Html:
    cells = [
        tag("rect", class_="q", x=str(12 * number), width="11", height="12", fill_opacity=str(each))
        for number, each in enumerate(_SHADES)
    ]
    return tag("svg", *cells, width="72", height="12", viewBox="0 0 72 12", aria_hidden="true")


def _map(load: LoadMap, now: datetime) -> Html:
    least, range_ = load.least, max(1, load.most - load.least)
    shades: dict[int, list[str]] = {}
    for day, hours in enumerate(load.starts):
        for hour, count in enumerate(hours):
            shade = (count - least) * (len(_SHADES) - 1) // range_
            shades.setdefault(shade, []).append(f"M{_x(hour)} {_CELL * day}h14v14h-14z")
    cells = [tag("path", class_="q", fill_opacity=str(_SHADES[shade]), d="".join(d)) for shade, d in shades.items()]
    days = [tag("text", name, x="0", y=str(_CELL * day + 11)) for day, name in enumerate(_DAYS)]
    hours_ = [tag("text", f"{hour:02}", x=str(_x(hour)), y="128") for hour in range(0, 24, 3)]
    place = {"x": str(_x(now.hour)), "y": str(_CELL * now.weekday()), "width": "14", "height": "14"}
    size = {"width": "416", "height": "132", "viewBox": "0 0 416 132"}
    drawn = [*cells, tag("rect", class_="nowbox", **place), *days, *hours_]
    return tag("svg", *drawn, class_="map", **size, role="img", aria_label=_in_words(load))


def _x(hour: int) -> int:
    return _LEFT + _CELL * hour


def _in_words(load: LoadMap) -> str:
    by_hour = [(count, day, hour) for day, hours in enumerate(load.starts) for hour, count in enumerate(hours)]
    count, day, hour = max(by_hour)
    return f"Starts by weekday and hour in UTC: at most {count}, on {_DAYS[day]} at {hour:02}:00"


def key_section() -> Html:
    items = [*(_item(bars, title, text) for bars, title, text in _EXAMPLES), _budget()]
    signs = [tag("li", silent_glyph(each), each.label) for each in State]
    head = div("sec", tag("h2", "How to read it", id="h-key"))
    return tag(
        "section", head, tag("ul", *items, class_="key"), tag("ul", *signs, class_="signs"), aria_labelledby="h-key"
    )


_BUDGET: Final = ErrorBudget(Slo(99, 28), expected=1000, covered=28, failed=3, healed=2, missed=1)
_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)


def _bars(middle: Bar) -> Sequence[Bar]:
    def good(seconds: int) -> Bar:
        return Bar(_AT, RunResult.SUCCEEDED, seconds)

    return good(14), middle, good(18)


_EXAMPLES: Final = (
    (
        _bars(Bar(_AT, RunResult.SUCCEEDED, 24)),
        "Succeeded.",
        "Height is duration; the row’s longest run is full height",
    ),
    (_bars(Bar(_AT, RunResult.FAILED, 9)), "Failed.", "With a cross underneath"),
    (_bars(Bar(_AT, RunResult.HEALED, 22)), "Healed.", "Failed, then a re-run succeeded; with a tick"),
    (_bars(Bar(_AT, RunResult.MISSED)), "Missed.", "Its time passed and no run was started"),
    (_bars(Bar(_AT, None, 16, late=True)), "Running.", "As an outline; one that takes too long in full height"),
    (
        _bars(Bar(_AT, RunResult.SUCCEEDED, 20, shaded=True, deploy_before=True)),
        "Deploy.",
        "Shade: the run began in one. Line: one was between two runs, in the last 24 hours",
    ),
)


def _budget() -> Html:
    said = "How much the bad runs used: failed (red), healed (amber), missed (gray)"
    return tag("li", budgets.bar(_BUDGET), tag("span", tag("b", "Error budget."), " ", said))


def _item(bars: Sequence[Bar], title: str, text: Content) -> Html:
    return tag("li", strip("", bars, _AT, slots=len(bars)), tag("span", tag("b", title), " ", text))
