"""A strip of runs as SVG: height is duration, color and shape are the outcome."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from cronmend.board.html.glyphs import CROSS, TICK
from cronmend.board.html.markup import Html, tag
from cronmend.board.model import Bar, longest
from cronmend.board.times import clock, length
from cronmend.model.past_runs import MOST, RunResult
from cronmend.wording import span

SLOT: Final = 8
HEIGHT: Final = 36
_BASE: Final = 28
_TALLEST: Final = 24
_MARK: Final = 32.5
_LEAST: Final = {RunResult.FAILED: 6, RunResult.HEALED: 9}
_UNKNOWN: Final = 6
_WORDS: Final = {
    RunResult.SUCCEEDED: "succeeded",
    RunResult.FAILED: "failed",
    RunResult.HEALED: "failed and healed",
    RunResult.MISSED: "missed",
    RunResult.STOPPED: "stopped by hand",
    None: "running",
}


def strip(name: str, bars: Sequence[Bar], now: datetime, slots: int = MOST) -> Html:
    """The latest run is at the right end, however many there are. Without a name, it only shows how to read one."""
    width = slots * SLOT
    places = list(zip(range(width - len(bars) * SLOT, width, SLOT), bars, strict=True))
    most = longest(bars)
    parts = [_path("dep", [f"M{x} 0h{SLOT}v{HEIGHT}h-{SLOT}z" for x, bar in places if bar.shaded])]
    parts.append(_path("axis", [f"M0 {_BASE + 0.5}h{width}"]))
    parts.append(_path("cut", [f"M{x}.5 0v{_BASE}" for x, bar in places if bar.deploy_before]))
    good = (each for each in places if each[1].result is RunResult.SUCCEEDED)
    parts.append(_path("ok", [f"M{x + 3.5} {_BASE}v-{_height(bar, most)}" for x, bar in good]))
    parts += [_other(x, bar, most, now) for x, bar in places if bar.result is not RunResult.SUCCEEDED]
    size = {"width": str(width), "height": str(HEIGHT), "viewBox": f"0 0 {width} {HEIGHT}"}
    told = {"role": "img", "aria_label": in_words(name, bars, now)} if name else {"aria_hidden": "true"}
    return tag("svg", *parts, class_="st", **size, **told)


def in_words(name: str, bars: Sequence[Bar], now: datetime) -> str:
    """The strip for a reader who doesn't see it."""
    if not bars:
        return f"No runs of {name} are on record"
    counts = Counter(_WORDS[each.result] for each in bars)
    told = ", ".join(f"{count} {word}" for word, count in counts.items())
    deploys = sum(each.shaded for each in bars)
    during = f"; {deploys} began during a deploy" if deploys else ""
    return f"Last {len(bars)} runs of {name} since {clock(bars[0].at, now)}: {told}{during}"


def bar_in_words(bar: Bar, now: datetime) -> str:
    took = f" after {length(bar.seconds)}" if bar.seconds is not None and bar.result is RunResult.FAILED else ""
    ran = f" for {length(bar.seconds)}" if bar.seconds is not None and bar.result is None else ""
    healed = f", by a re-run {span(timedelta(seconds=bar.healed_after))} later" if bar.healed_after else ""
    during = ", in a deploy" if bar.shaded else ""
    return f"{clock(bar.at, now)} {_WORDS[bar.result]}{took}{ran}{healed}{during}"


def _path(kind: str, parts: Iterable[str]) -> Html:
    drawn = "".join(parts)
    return tag("path", class_=kind, d=drawn) if drawn else Html("")


def _height(bar: Bar, most: int) -> int:
    least = _LEAST.get(bar.result, 3) if bar.result else 3
    if bar.seconds is None or not most:
        return max(least, _UNKNOWN)
    return max(least, min(_TALLEST, round(_TALLEST * bar.seconds / most)))


def _other(x: int, bar: Bar, most: int, now: datetime) -> Html:
    return tag("g", tag("title", bar_in_words(bar, now)), *_shapes(x, bar, _height(bar, most)))


def _shapes(x: int, bar: Bar, high: int) -> Iterator[Html]:
    middle = x + 3.5
    match bar.result:
        case RunResult.FAILED:
            yield _path("bad", [f"M{middle} {_BASE}v-{high}"])
            yield _path("mark sbad", [f"M{middle} {_MARK}{CROSS}"])
        case RunResult.HEALED:
            half = high // 2
            yield _path("bad", [f"M{middle} {_BASE}v-{half}"])
            yield _path("ok", [f"M{middle} {_BASE - half - 1}v-{high - half}"])
            yield _path("mark sok", [f"M{middle} {_MARK}{TICK}"])
        case RunResult.MISSED:
            yield _frame("none", x, 18)
        case RunResult.STOPPED:
            yield _path("off", [f"M{middle} {_BASE}v-{high}"])
        case _:
            yield _frame("run late" if bar.late else "run", x, _TALLEST if bar.late else high)


def _frame(kind: str, x: int, high: int) -> Html:
    return tag("rect", class_=kind, x=f"{x + 1.5}", y=f"{_BASE - high + 0.5}", width="4", height=str(high - 1))
