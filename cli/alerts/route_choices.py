"""Which route an alert takes, and why: for `cronmend alert routes`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cli.alerts.job_alerts import JobAlerts
from cli.alerts.keys import CATEGORIES
from cli.toml_files.kinds import as_duration
from cli.toml_files.source import Source
from cronmend.alerting.quiet_hours import QuietHours
from cronmend.alerting.routes import Route, Routes
from cronmend.model import Category


@dataclass(frozen=True, slots=True)
class RouteChoice:
    """The route that a job's alerts take for some of the categories."""

    job: JobAlerts
    categories: tuple[str, ...]
    route: Route
    why: str
    sent: bool
    waits: datetime | None
    when: str
    """Whether the alert is sent, when, and why, in words."""

    def document(self) -> Mapping[str, object]:
        """The choice for ``--json``."""
        return {
            "job": self.job.job,
            "severity": self.job.severity,
            "categories": self.categories,
            "route": self.route.name,
            "why": self.why,
            "channels": self.route.channels,
            "fallback": self.route.fallback,
            "sent": self.sent,
            "waits_until": self.waits.isoformat() if self.waits else None,
            "when": self.when,
            "escalate_to": self.route.escalate_to or None,
            "escalate_after": self.route.escalate_after.total_seconds() if self.route.escalate_to else None,
        }

    def lines(self, *, rest: bool) -> Iterator[str]:
        """
        Args:
            rest: the choice is for the categories that no choice above names.
        """
        categories = "all other categories" if rest else ", ".join(self.categories)
        categories = "all categories" if len(self.categories) == len(CATEGORIES) else categories
        yield f"{categories} → {self.route.name}: {self.why}"
        yield f"  {channels_text(self.route)}"
        yield f"  {self.when}"
        if self.route.escalate_to:
            after = as_duration(self.route.escalate_after)
            yield f"  also sent to {self.route.escalate_to} if no one acknowledges within {after}"


def route_choices(
    source: Source, routes: Routes, job: JobAlerts, categories: tuple[str, ...], at: datetime
) -> list[RouteChoice]:
    """One choice for each route of the job's alerts; the one with the most categories last."""
    together: dict[tuple[str, str], list[str]] = {}
    for category in categories:
        together.setdefault(_route_and_reason(source, routes, job, Category(category)), []).append(category)
    ordered = sorted(together.items(), key=lambda item: len(item[1]))
    return [_choice(job, tuple(same), routes.get(name), why, at) for (name, why), same in ordered]


def channels_text(route: Route) -> str:
    fallback = f"; if one fails, {', '.join(route.fallback)}" if route.fallback else ""
    return f"{', '.join(route.channels)}{fallback}"


def hours_text(quiet: QuietHours) -> str:
    end = f"{quiet.end:%H:%M}" if quiet.start != quiet.end else "24:00"
    return f"{quiet.start:%H:%M} to {end} {quiet.timezone}"


def _route_and_reason(source: Source, routes: Routes, job: JobAlerts, category: Category) -> tuple[str, str]:
    if rule := routes.rule(job.job, job.severity, category):
        number = routes.rules.index(rule)
        location = source.location("rules", str(number))
        return rule.route, f"rules[{number + 1}] matches ({location.file}:{location.line})"
    if job.location:
        return job.route, f"no rule matches, and {job.location.file}:{job.location.line} names this route"
    return job.route, "no rule matches, and jobs.toml names no route"


def _choice(job: JobAlerts, categories: tuple[str, ...], route: Route, why: str, at: datetime) -> RouteChoice:
    sent = route.sends(job.severity)
    waits = route.waits(job.severity, at) if sent else None
    return RouteChoice(job, categories, route, why, sent, waits, _when(route, job.severity, at))


def _when(route: Route, severity: str, at: datetime) -> str:
    if not route.sends(severity):
        return f"recorded but not sent: {severity} is below the route's least, {route.least}"
    if route.quiet is None:
        return "sent at once: the route has no quiet hours"
    if (until := route.quiet.until(at)) is None:
        return f"sent at once: outside the quiet hours, {hours_text(route.quiet)}"
    if route.waits(severity, at) is None:
        return f"sent at once during the quiet hours: {severity} is urgent ({route.urgent} or above)"
    clock = until.astimezone(ZoneInfo(route.quiet.timezone))
    utc = until.astimezone(UTC)
    return f"waits until {utc:%Y-%m-%d %H:%M} UTC ({clock:%a %H:%M} local time): quiet hours, {hours_text(route.quiet)}"
