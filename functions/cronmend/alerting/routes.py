"""Where alerts go: the content of ``alerts.json``, which ``cronmend alert build`` writes from alerts.toml. Pure."""

import json
from collections.abc import Mapping
from copy import replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct, field
from msgspec.structs import asdict

from cronmend.alerting.quiet_hours import QuietHours
from cronmend.errors import Permanent
from cronmend.model import Category
from cronmend.model.categories import SEVERITIES

PATH = Path(__file__).with_name("alerts.json")
VERSION = 1
DEFAULT = "default"
SNS = "sns"
EVENTS = "events"
CHANNELS = ("slack", SNS, EVENTS)
"""``slack:C0123ABCD`` is Slack too: it posts to that Slack channel instead of the stack's own."""


class Healed(StrEnum):
    """How healed and recovered jobs are reported."""

    NONE = "none"
    QUIET = "quiet"
    DIGEST = "digest"


class Route(Struct, frozen=True):
    name: str
    channels: tuple[str, ...] = CHANNELS
    """The message is sent to all of these that the stack has."""
    fallback: tuple[str, ...] = ()
    """Channels that are sent the message if one of this route's rejects it or stays unavailable."""
    least: str = SEVERITIES[0]
    """Less severe alerts are recorded, not sent."""
    quiet: QuietHours | None = None
    urgent: str = SEVERITIES[-1]
    """The least severity of alerts that quiet hours don't delay."""
    healed: Healed = Healed.QUIET
    digest_at: time = time(9)
    timezone: str = "UTC"
    """The time zone of ``digest_at``."""
    monthly_report: bool = False
    """Whether it is told on the first of each month what happened in the one before."""
    remind_after: timedelta | None = timedelta(hours=24)
    """People are reminded after this time while the job stays broken; None for no reminders."""
    escalate_to: str = ""
    """The route that also gets the alert if no one acknowledges it; ``""`` for none."""
    escalate_after: timedelta = timedelta(minutes=30)
    mention: str = ""
    """Slack IDs to mention in an alert: ``<@U…>``, ``<!subteam^S…>``, ``<!here>``."""

    def without(self, channel: str) -> "Route":
        channels, fallback = (tuple(n for n in each if n != channel) for each in (self.channels, self.fallback))
        return replace(self, channels=channels, fallback=fallback)

    def sends(self, severity: str) -> bool:
        return _rank(severity) >= _rank(self.least)

    def waits(self, severity: str, now: datetime) -> datetime | None:
        """Until when quiet hours delay an alert; None if they don't."""
        return self.quiet.until(now) if self.quiet and _rank(severity) < _rank(self.urgent) else None


class RouteRule(Struct, frozen=True):
    """Sends the alerts it covers to a route; an empty condition covers all."""

    route: str
    jobs: tuple[str, ...] = ()
    """Patterns for ``<group>/<name>`` in which ``*`` is any text and ``?`` one character."""
    categories: frozenset[Category] = frozenset()
    severities: frozenset[str] = frozenset()

    def covers(self, job: str, severity: str, category: Category) -> bool:
        return (
            (not self.jobs or any(fnmatchcase(job, pattern) for pattern in self.jobs))
            and (not self.categories or category in self.categories)
            and (not self.severities or severity in self.severities)
        )


class Routes(Struct, frozen=True):
    routes: Mapping[str, Route] = field(default_factory=dict)
    rules: tuple[RouteRule, ...] = ()

    def of(self, job: str, severity: str, category: Category, named: str) -> Route:
        """The route of the first rule that covers the alert, else the job's own, else the default."""
        rule = self.rule(job, severity, category)
        return self.get(rule.route if rule else named)

    def rule(self, job: str, severity: str, category: Category) -> RouteRule | None:
        return next((rule for rule in self.rules if rule.covers(job, severity, category)), None)

    def get(self, name: str) -> Route:
        """The route with this name; the default route if the file no longer has it, so that no alert is lost."""
        return self.routes.get(name) or self.routes.get(DEFAULT) or Route(DEFAULT)


def read(text: str) -> Routes:
    """The routes in ``alerts.json``. A published file may be of an earlier version, before a field was added.

    Raises:
        Permanent: it is not in the form that ``cronmend alert build`` writes; the message says where.
    """
    try:
        content = json.loads(text)
        if content["version"] != VERSION:
            raise ValueError(f"version {content['version']}, expected {VERSION}")
        routes = {name: _route(name, values) for name, values in content["routes"].items()}
        rules = tuple(_rule(values) for values in content["rules"])
        _know(routes, [*(rule.route for rule in rules), *(route.escalate_to for route in routes.values())])
    except (ValueError, KeyError, TypeError, AttributeError, ZoneInfoNotFoundError, OSError) as error:
        raise Permanent(
            f"alerts.json: {error}; write it again with `cronmend alert build` or `cronmend alert publish`"
        ) from error
    return Routes(routes, rules)


def write(routes: Routes) -> str:
    """The text that :func:`read` parses. Equal routes give equal bytes."""
    content = {
        "version": VERSION,
        "routes": {name: _values(asdict(route)) for name, route in sorted(routes.routes.items())},
        "rules": [_values(asdict(rule)) for rule in routes.rules],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _rank(severity: str) -> int:
    """An unknown severity ranks highest, so that the alert is sent."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _values(values: Mapping[str, Any]) -> dict[str, object]:
    return {name: _plain(value) for name, value in values.items() if name != "name"}


def _plain(value: Any) -> object:
    """Durations in seconds, times as HH:MM."""
    match value:
        case timedelta():
            return int(value.total_seconds())
        case time():
            return value.isoformat("minutes")
        case frozenset():
            return sorted(value)
        case QuietHours():
            return _values(asdict(value))
    return value


def _complete(written: Mapping[str, Any], default: Any) -> Mapping[str, Any]:
    """With the defaults of fields that the file's version didn't have."""
    return {**_values(asdict(default)), **written}


def _route(name: str, written: Mapping[str, Any]) -> Route:
    values = _complete(written, Route(name))
    for channel in (*values["channels"], *values["fallback"]):
        if channel.partition(":")[0] not in CHANNELS:
            raise ValueError(f"{name}: unknown channel {channel}")
    for severity in (values["least"], values["urgent"]):
        _severity(severity)
    quiet, remind = values["quiet"], values["remind_after"]
    ZoneInfo(values["timezone"])
    return replace(
        Route(**{**values, "name": name}),
        channels=tuple(values["channels"]),
        fallback=tuple(values["fallback"]),
        quiet=_quiet(quiet) if quiet else None,
        healed=Healed(values["healed"]),
        digest_at=time.fromisoformat(values["digest_at"]),
        remind_after=None if remind is None else timedelta(seconds=remind),
        escalate_after=timedelta(seconds=values["escalate_after"]),
    )


def _quiet(written: Mapping[str, Any]) -> QuietHours:
    start, end = (time.fromisoformat(written[name]) for name in ("start", "end"))
    values = _complete(written, QuietHours(start, end))
    ZoneInfo(values["timezone"])
    return replace(QuietHours(**values), start=start, end=end, days=frozenset(values["days"]))


def _rule(written: Mapping[str, Any]) -> RouteRule:
    values = _complete(written, RouteRule(written["route"]))
    return replace(
        RouteRule(**values),
        jobs=tuple(values["jobs"]),
        categories=frozenset(Category(category) for category in values["categories"]),
        severities=frozenset(_severity(severity) for severity in values["severities"]),
    )


def _severity(word: str) -> str:
    if word not in SEVERITIES:
        raise ValueError(f"{word!r} is none of {', '.join(SEVERITIES)}")
    return word


def _know(routes: Mapping[str, Route], named: list[str]) -> None:
    if unknown := sorted({name for name in named if name not in ("", DEFAULT, *routes)}):
        raise ValueError(f"unknown route {', '.join(unknown)}")
