"""The files that are generated from alerts.toml."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.alerts import alerts_file, schema
from cli.alerts.kinds import NEVER, clock, days
from cli.toml_files.kinds import duration
from cli.toml_files.source import Source
from cronmend.alerting import routes
from cronmend.alerting.quiet_hours import QuietHours
from cronmend.alerting.routes import DEFAULT, Healed, Route, RouteRule, Routes
from cronmend.model import Category

ROUTES = Path("functions/cronmend/alerting/alerts.json")
SCHEMA = Path("alerts.schema.json")


def built_files(source: Source) -> Mapping[Path, str]:
    """Path below the project's root → content, from a source without mistakes."""
    return {ROUTES: routes.write(routes_of(source)), SCHEMA: schema.text()}


def routes_of(source: Source) -> Routes:
    tables = {DEFAULT: {}, **alerts_file.tables(source, "routes")}
    return Routes(
        {name: _route(name, table) for name, table in tables.items()},
        tuple(_rule(table) for table in alerts_file.rules(source)),
    )


def _route(name: str, table: Mapping[str, Any]) -> Route:
    return Route(name=name, **{key: _typed(key, value, table) for key, value in table.items()})


def _typed(key: str, value: Any, table: Mapping[str, Any]) -> Any:
    match key:
        case "channels" | "fallback":
            return tuple(value)
        case "quiet":
            return _quiet(value, table.get("timezone", "UTC"))
        case "healed":
            return Healed(value)
        case "digest_at":
            return clock(value)
        case "remind_after" | "escalate_after":
            return None if value == NEVER else duration(value)
    return value


def _quiet(table: Mapping[str, Any], timezone: str) -> QuietHours:
    on = days(table.get("days", ["MON-SUN"]))
    return QuietHours(clock(table["start"]), clock(table["end"]), table.get("timezone", timezone), on)


def _rule(table: Mapping[str, Any]) -> RouteRule:
    return RouteRule(
        table["route"],
        tuple(table.get("jobs", ())),
        frozenset(Category(word) for word in table.get("categories", ())),
        frozenset(table.get("severities", ())),
    )
