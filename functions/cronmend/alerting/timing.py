"""When a message may be sent. Pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cronmend.alerting.quiet_hours import first_showing
from cronmend.alerting.routes import Healed, Route
from cronmend.model.report import ENDINGS, MessageKind, Report

AT_ONCE = frozenset({MessageKind.CIRCUIT, MessageKind.ALARM, MessageKind.CANARY, MessageKind.ESCALATION})
"""Kinds that neither quiet hours nor mutes delay."""


def starts_at(report: Report, route: Route, muted_until: datetime | None, now: datetime) -> datetime | None:
    """The time until which the report has to wait; None if it may be sent now."""
    if report.kind in AT_ONCE:
        return None
    quiet = route.waits(report.severity, now)
    digest = _next_digest(route, now) if report.kind in ENDINGS and route.healed is Healed.DIGEST else None
    return max((each for each in (muted_until, quiet, digest) if each), default=None)


def _next_digest(route: Route, now: datetime) -> datetime:
    zone = ZoneInfo(route.timezone)
    today = now.astimezone(zone).date()
    days = (datetime.combine(today + timedelta(days=ahead), route.digest_at) for ahead in (0, 1, 2))
    return next(at for day in days if (at := first_showing(day, zone)) > now)
