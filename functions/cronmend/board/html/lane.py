"""The lane of deploys: a day or another span, and below it the deploy that broke jobs, in its own scale of time."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from cronmend.alerting.headlines import name_of
from cronmend.board.html.glyphs import CROSS, TICK
from cronmend.board.html.links import Links
from cronmend.board.html.markup import Content, Html, div, tag
from cronmend.board.model import BrokenJob, Lane, LaneDeploy
from cronmend.board.times import clock
from cronmend.wording import span, times

_MOST_JOBS = 6
_STEPS = tuple(timedelta(minutes=each) for each in (1, 2, 5, 10, 15, 30, 60, 180, 360, 720, 1440))
_MOST_TICKS = 8
_LEAST_GAP = 7.0
"""Percent of the width that the time of a deploy takes, and with its day."""
_GAP_OF_DAYS = 12.0
_DAY = timedelta(days=1, minutes=1)


class Scale(Struct, frozen=True):
    start: datetime
    end: datetime

    def at(self, moment: datetime) -> float:
        """Percent from the left."""
        share = (moment - self.start) / (self.end - self.start)
        return round(100 * min(1.0, max(0.0, share)), 2)

    def place(self, start: datetime, end: datetime | None = None) -> str:
        left = self.at(start)
        return f"left:{left}%" if end is None else f"left:{left}%;width:{round(self.at(end) - left, 2)}%"


def lane_section(lane: Lane, now: datetime, links: Links) -> Html:
    if not lane.deploys:
        return Html("")
    day = Scale(lane.start, lane.end)
    rows = [*_day(lane, day, now), *(_zoom(lane.zoomed, day, now, links) if lane.zoomed else ())]
    head = div("sec", tag("h2", "Deploys", id="h-dep"), tag("p", _sentence(lane, now), class_="soft"))
    return tag("section", head, div("lane", *rows), aria_labelledby="h-dep")


def deploy_section(lane: Lane, job: str, now: datetime, links: Links) -> Html:
    """The latest deploy that broke the job, with the other jobs that it broke; ``""`` if none of the lane did."""
    deploy = next((each for each in reversed(lane.deploys) if job in {broken.job for broken in each.broken}), None)
    if deploy is None:
        return Html("")
    broken = sorted(deploy.broken, key=lambda each: each.job != job)
    until = f" to {clock(deploy.ended_at, now)}" if deploy.ended_at else ""
    note = f"{deploy.name or 'A deploy'}, {clock(deploy.since, now)}{until}. It broke {times(len(broken), 'job')}."
    head = div("sec", tag("h2", "The deploy that mattered"), tag("p", note, class_="soft"))
    return tag("section", head, div("lane", *_detail(deploy, broken, _scale(deploy, now), now, links)))


def _sentence(lane: Lane, now: datetime) -> str:
    deploy = lane.zoomed
    if deploy is None:
        return f"{times(len(lane.deploys), 'deploy')} {_when(lane, now)}, and no job failed during one."
    what = f"The {clock(deploy.since, now)} deploy{f' of {deploy.name}' if deploy.name else ''}"
    healed = sum(each.healed_at is not None for each in deploy.broken)
    broken = times(len(deploy.broken), "job")
    if healed == len(deploy.broken):
        last = clock(max(each.healed_at for each in deploy.broken if each.healed_at), now)
        return (
            f"{what} broke {broken}, and all healed by {last}." if healed > 1 else f"{what} broke a job: healed {last}."
        )
    return f"{what} broke {broken}; {healed or 'none'} healed so far."


def _when(lane: Lane, now: datetime) -> str:
    if now - lane.end > timedelta(minutes=5):
        return f"from {clock(lane.start, now)} to {clock(lane.end, now)}"
    return f"in the last {span(lane.end - lane.start)}"


def _cell(kind: str, *content: Content) -> Html:
    return tag("div", *content, class_=kind)


def _track(*content: Content) -> Html:
    return div("track", *content)


def _at(kind: str, style: str, *content: Content) -> Html:
    return tag("span", *content, class_=kind, style=style)


def _day(lane: Lane, day: Scale, now: datetime) -> Iterator[Html]:
    yield _cell("")
    yield _cell("hours h24", _track(_ticks(day, _step(day))))
    yield _cell("")
    when = _when(lane, now).removeprefix("in the ")
    yield _cell("soft lab l24", f"{when[0].upper()}{when[1:]}")
    yield _cell("t24", _track(_at("rule", ""), list(_deploys(lane, day, now))))
    broke = sum(bool(each.broken) for each in lane.deploys)
    yield _cell("soft sm note n24", f"{times(len(lane.deploys), 'deploy')}, {broke or 'none'} broke jobs")


def _ticks(scale: Scale, step: timedelta) -> Iterator[Html]:
    midnight = scale.start.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = -(-(scale.start - midnight) // step)
    for number in range(first, (scale.end - midnight) // step + 1):
        at = midnight + number * step
        left = scale.at(at)
        side = "start" if left < 3 else "end" if left > 97 else "odd" if number % 2 else None
        yield tag(
            "span", f"{at:%a 00:00}" if at.hour == at.minute == 0 else f"{at:%H:%M}", class_=side, style=f"left:{left}%"
        )


def _deploys(lane: Lane, day: Scale, now: datetime) -> Iterator[Html]:
    """A time is left out where the next one would cover it; the one that broke jobs always has its own."""
    free_from, is_long = 100.0, day.end - day.start > _DAY
    for each in sorted(lane.deploys, key=lambda one: (one is lane.zoomed, one.since), reverse=True):
        left = day.at(each.since)
        yield _at("tick isfailed" if each.failed else "tick", day.place(each.since, each.ended_at or each.since))
        if abs(free_from - left) >= (_GAP_OF_DAYS if is_long else _LEAST_GAP):
            at = clock(each.since, now) if is_long else f"{each.since.astimezone(UTC):%H:%M}"
            is_main = each is lane.zoomed
            style = f"right:{round(100 - left, 2)}%;top:0"
            yield _at("when" if is_main else "when soft old", style, tag("b", at) if is_main else at)
            free_from = left


def _zoom(deploy: LaneDeploy, day: Scale, now: datetime, links: Links) -> Iterator[Html]:
    scale = _scale(deploy, now)
    ends = [day.at(deploy.since), day.at(deploy.ended_at or deploy.since) + 0.3]
    points = f"{ends[0]},0 {ends[1]},0 100,22 0,22"
    funnel = tag("polygon", points=points)
    size = {"width": "100%", "height": "18", "viewBox": "0 0 100 22", "preserveAspectRatio": "none"}
    yield from (_cell(""), _cell("fun", tag("svg", funnel, **size, aria_hidden="true")), _cell(""))
    yield from _detail(deploy, deploy.broken, scale, now, links)


def _detail(
    deploy: LaneDeploy, broken: Sequence[BrokenJob], scale: Scale, now: datetime, links: Links
) -> Iterator[Html]:
    yield from (_cell(""), _cell("lbl", _track(_window(deploy, scale, named=True))), _cell(""))
    for each in broken[:_MOST_JOBS]:
        yield _cell("lab", links.job(each.job, name_of(each.job), ""))
        yield _cell("", _track(_window(deploy, scale), list(_story(each, scale, now))))
        yield _cell("soft sm note", _told(each))
    yield _cell("")
    yield _cell("hours", _track(_ticks(scale, _step(scale))))
    more = len(broken) - _MOST_JOBS
    yield _cell("soft sm note", f"and {times(more, 'more job')}" if more > 0 else "")


def _scale(deploy: LaneDeploy, now: datetime) -> Scale:
    moments = [deploy.since, *(each.failed_at for each in deploy.broken)]
    ends = [deploy.ended_at, *(each.healed_at for each in deploy.broken)]
    known = [each for each in ends if each]
    last = max([*moments, *known]) if len(known) == len(ends) else now
    around = max((last - min(moments)) / 6, timedelta(minutes=1))
    return Scale(min(moments) - around, last + around)


def _step(scale: Scale) -> timedelta:
    """A tick a minute up to one a day, whichever fits."""
    return next((each for each in _STEPS if (scale.end - scale.start) / each <= _MOST_TICKS), _STEPS[-1])


def _window(deploy: LaneDeploy, scale: Scale, *, named: bool = False) -> Iterator[Html]:
    end = deploy.ended_at or scale.end
    yield _at("band", scale.place(deploy.since, end))
    if deploy.migrated_at:
        yield _at("proof", scale.place(deploy.migrated_at))
    if named:
        yield _at("", f"{scale.place(deploy.since)};padding-left:6px", deploy.name or "a deploy")
        if deploy.migrated_at:
            yield _at("", f"{scale.place(deploy.migrated_at)};padding-left:6px", "database migrated")


def _story(each: BrokenJob, scale: Scale, now: datetime) -> Iterator[Html]:
    yield _at("rule", "")
    yield _at("wait", scale.place(each.failed_at, each.healed_at or now))
    yield _at("died", scale.place(each.failed_at))
    yield _mark(scale.at(each.failed_at), -14, "sbad", CROSS)
    if each.healed_at:
        yield _at("cured", scale.place(each.healed_at))
        yield _mark(scale.at(each.healed_at), 10, "sok", TICK)


def _mark(left: float, shift: int, kind: str, path: str) -> Html:
    drawn = tag("path", class_=f"mark {kind}", d=f"M4.5 4.5{path}")
    style = f"left:calc({left}% + {shift}px)"
    return tag("svg", drawn, class_="mk", viewBox="0 0 9 9", style=style, aria_hidden="true")


def _told(each: BrokenJob) -> str:
    failed = f"failed {each.failed_at.astimezone(UTC):%H:%M}"
    return f"{failed}, healed {each.healed_at.astimezone(UTC):%H:%M}" if each.healed_at else f"{failed}, not healed yet"
