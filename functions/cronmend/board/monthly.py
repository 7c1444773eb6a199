"""The message about a month: when it is due, and what it says. Pure."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cronmend.alerting import headlines
from cronmend.alerting.details import fact
from cronmend.alerting.quiet_hours import first_showing
from cronmend.alerting.routes import Route
from cronmend.board import activity_words as words
from cronmend.board.activity import Activity
from cronmend.board.period import Period
from cronmend.model import Category
from cronmend.model.report import Message, MessageKind, Report, Stage
from cronmend.wording import times

ALL_JOBS: Final = "all jobs"
_FOR: Final = timedelta(days=1)
"""How long it is looked for. Later, the first days of the month would no longer be counted."""
_NAMED: Final = 3


def due(route: Route, now: datetime) -> Period | None:
    """The month that the route is to be told of now; None if it is told of none."""
    zone = ZoneInfo(route.timezone)
    first = now.astimezone(zone).date().replace(day=1)
    starts = first_showing(datetime.combine(first, route.digest_at), zone)
    is_time = route.monthly_report and starts <= now < starts + _FOR
    return Period.month_before(first) if is_time else None


def key_of(route: Route, period: Period) -> tuple[str, str, str]:
    """The message's job, incident and change: it is written once for a route and a month."""
    return ALL_JOBS, f"month-{period.first:%Y-%m}", route.name


def message(activity: Activity, route: Route) -> Message:
    job, incident, change = key_of(route, activity.period)
    return Message(incident, job, change, _report(activity, route), route.name)


def _report(activity: Activity, route: Route) -> Report:
    """As severe as the least that the route sends: it was asked for."""
    month = f"{activity.period.first:%B %Y}"
    said = words.headline(activity).removesuffix(".")
    headline = headlines.plain(f"{month}: {said}", f"{month}: {said}")
    return Report(
        kind=MessageKind.MONTHLY,
        job=ALL_JOBS,
        headline=headline.long,
        category=Category.SUCCESS,
        what_happens=_noisiest(activity),
        facts=tuple(fact(each.key, each.in_words) for each in words.figures(activity)),
        severity=route.least,
        command="cronmend report --since 30d",
        stage=Stage.FOUND,
        quiet=True,
        short_headline=headline.shortened,
        summary=headline.summary,
    )


def _noisiest(activity: Activity) -> str:
    named = [f"{each.first.cause_in_words} ({times(each.sent, 'alert')})" for each in activity.causes if each.sent]
    return f"The noisiest causes: {'; '.join(named[:_NAMED])}." if named else "No one was alerted."
