"""Which way an alert would go, and why: for `cronmend alert routes`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cli.alerts.jobs import Asked
from cli.alerts.keys import CATEGORIES
from cli.toml_files.kinds import as_duration
from cli.toml_files.source import Source
from cronmend.alerting.routes import QuietHours, Route, Routes
from cronmend.model import Category


@dataclass(frozen=True, slots=True)
class Way:
    """One route that alerts of a job take, for some of the categories."""

    asked: Asked
    categories: tuple[str, ...]
    route: Route
    why: str
    sent: bool
    waits: datetime | None
    when: str
    """Whether it goes out, when, and why, in words."""

    def plain(self) -> Mapping[str, object]:
        return {
            "job": self.asked.job,
            "severity": self.asked.severity,
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
        categories = "every other category" if rest else ", ".join(self.categories)
        categories = "every category" if len(self.categories) == len(CATEGORIES) else categories
        yield f"{categories} → {self.route.name}: {self.why}"
        yield f"  {told(self.route)}"
        yield f"  {self.when}"
        if self.route.escalate_to:
            after = as_duration(self.route.escalate_after)
            yield f"  to {self.route.escalate_to}, too, where nobody acknowledged within {after}"


def ways(source: Source, routes: Routes, asked: Asked, categories: tuple[str, ...], at: datetime) -> list[Way]:
    """The ways of one job's alerts, categories of one way together, that of the most categories last."""
    together: dict[tuple[str, str], list[str]] = {}
    for category in categories:
        together.setdefault(_leads(source, routes, asked, Category(category)), []).append(category)
    ordered = sorted(together.items(), key=lambda item: len(item[1]))
    return [_way(asked, tuple(same), routes.get(name), why, at) for (name, why), same in ordered]


def told(route: Route) -> str:
    fallback = f"; where one fails: {', '.join(route.fallback)}" if route.fallback else ""
    return f"{', '.join(route.channels)}{fallback}"


def _leads(source: Source, routes: Routes, asked: Asked, category: Category) -> tuple[str, str]:
    if rule := routes.rule(asked.job, asked.severity, category):
        number = routes.rules.index(rule)
        place = source.place("rules", str(number))
        return rule.route, f"rules[{number + 1}] covers the alert ({place.file}:{place.line})"
    if asked.place:
        return asked.route, f"{asked.place.file}:{asked.place.line} names it, and no rule covers the alert"
    return asked.route, "no rule covers the alert, and jobs.toml names no route"


def _way(asked: Asked, categories: tuple[str, ...], route: Route, why: str, at: datetime) -> Way:
    sent = route.sends(asked.severity)
    waits = route.waits(asked.severity, at) if sent else None
    return Way(asked, categories, route, why, sent, waits, _when(route, asked.severity, at))


def _when(route: Route, severity: str, at: datetime) -> str:
    if not route.sends(severity):
        return f"recorded, not sent: {severity} is below the route's least, {route.least}"
    if route.quiet is None:
        return "sent at once: the route has no quiet hours"
    if (until := route.quiet.until(at)) is None:
        return f"sent at once: outside the quiet hours, {hours(route.quiet)}"
    if route.waits(severity, at) is None:
        return f"sent at once in the quiet hours: {severity} is urgent (from {route.urgent} on)"
    clock = until.astimezone(ZoneInfo(route.quiet.timezone))
    utc = until.astimezone(UTC)
    return f"waits until {utc:%Y-%m-%d %H:%M} UTC ({clock:%a %H:%M} there): quiet hours, {hours(route.quiet)}"


def hours(quiet: QuietHours) -> str:
    end = f"{quiet.end:%H:%M}" if quiet.start != quiet.end else "24:00"
    return f"{quiet.start:%H:%M} to {end} {quiet.timezone}"
