"""Check routes and rules together: routes that don't exist, and settings that never take effect."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from cli.alerts.job_alerts import JobAlerts, all_jobs
from cli.alerts.kinds import DAYS, MIDNIGHT, clock, days
from cli.alerts.rule_cover import Condition, covering
from cli.toml_files.source import Finding, Source
from cronmend.alerting.routes import CHANNELS, DEFAULT, Healed, Route
from cronmend.model.categories import SEVERITIES

_SEVERITIES = {"urgent": Route("").urgent, "least": Route("").least}


@dataclass(frozen=True, slots=True)
class Routing:
    source: Source
    jobs: Source | None
    tables: Mapping[str, Any]
    """``routes`` and ``rules`` without their wrong values; a table that had one has a key ``broken``."""

    @property
    def routes(self) -> Mapping[str, Mapping[str, Any]]:
        return {DEFAULT: {}, **self.tables["routes"]}

    @property
    def rules(self) -> list[Mapping[str, Any]]:
        return list(self.tables["rules"])

    @property
    def job_alerts(self) -> list[JobAlerts]:
        return all_jobs(self.jobs)

    def route(self, name: str, key: str, problem: str, remedy: str, *, warning: bool = False) -> Finding:
        location = self.source.location("routes", name, *key.split("."))
        return Finding(location, f"routes.{name}.{key}", problem, remedy, warning)

    def unknown(self, name: str) -> tuple[str, str]:
        near = get_close_matches(name, self.routes, n=1)
        likely = near or sorted(self.routes)
        return (
            f"there is no route {name!r}",
            f"write {' or '.join(f'"{each}"' for each in likely)}, or add [routes.{name}]",
        )


def routing_findings(routing: Routing) -> Iterator[Finding]:
    for name, route in routing.tables["routes"].items():
        for check_route in (_quiet, _channels, _without_effect):
            yield from check_route(routing, name, route)
    for check in (_escalations, _rules, _unreachable, _jobs, _unused):
        yield from check(routing)


def _quiet(routing: Routing, name: str, route: Mapping[str, Any]) -> Iterator[Finding]:
    quiet = route.get("quiet", {})
    if not {"start", "end"} <= quiet.keys():
        return
    start, end = clock(quiet["start"]), clock(quiet["end"])
    every_day = len(days(quiet.get("days", ["MON-SUN"]))) == len(DAYS)
    if start == end and quiet["end"] != MIDNIGHT:
        problem = f"the quiet hours have no length; they start and end at {end:%H:%M}"
        yield routing.route(name, "quiet.end", problem, 'write another time; a whole day is "00:00" to "24:00"')
    elif start == end and every_day:
        problem = "whole days on every day, so the quiet hours never end"
        yield routing.route(name, "quiet.days", problem, 'write the quiet days, such as days = ["SAT-SUN"]')


def _channels(routing: Routing, name: str, route: Mapping[str, Any]) -> Iterator[Finding]:
    if "broken" in route and "channels" not in route:
        return
    channels = route.get("channels", CHANNELS)
    for same in (each for each in route.get("fallback", ()) if each in channels):
        problem = f"{same!r} is one of the route's own channels, so it would fail here too"
        yield routing.route(name, "fallback", problem, "write another channel, or remove it")
    used = (*channels, *route.get("fallback", ()))
    if "mention" in route and not any(each.startswith("slack") for each in used):
        problem = "has no effect: only Slack has mentions"
        yield routing.route(name, "mention", problem, "add the channel slack, or remove mention", warning=True)


def _without_effect(routing: Routing, name: str, route: Mapping[str, Any]) -> Iterator[Finding]:
    if "broken" in route:
        return
    if "escalate_after" in route and "escalate_to" not in route:
        remedy = 'write escalate_to = "<route>", or remove escalate_after'
        yield routing.route(name, "escalate_after", "has no effect without escalate_to", remedy, warning=True)
    if "digest_at" in route and route.get("healed") != Healed.DIGEST:
        remedy = 'write healed = "digest", or remove digest_at'
        yield routing.route(name, "digest_at", 'has no effect unless healed is "digest"', remedy, warning=True)
    urgent, least = (SEVERITIES.index(route.get(key, default)) for key, default in _SEVERITIES.items())
    if "quiet" in route and urgent <= least:
        problem = "has no effect: every alert that the route sends is urgent"
        yield routing.route(name, "quiet", problem, "remove quiet, or write a more severe urgent", warning=True)


def _escalations(routing: Routing) -> Iterator[Finding]:
    reported: set[str] = set()
    for name, route in routing.routes.items():
        to = route.get("escalate_to", "")
        if to and to not in routing.routes:
            yield routing.route(name, "escalate_to", *routing.unknown(to))
        circle = _circle(routing.routes, name)
        if circle and name not in reported:
            reported |= set(circle)
            problem = f"escalates in a circle: {' → '.join([*circle, name])}"
            yield routing.route(name, "escalate_to", problem, "remove escalate_to from one of them")


def _circle(routes: Mapping[str, Mapping[str, Any]], start: str) -> list[str]:
    """The routes from this one back to it; ``[]`` if the escalations end, or reach a circle without this one."""
    path, name = [start], routes[start].get("escalate_to", "")
    while name in routes and name not in path:
        path.append(name)
        name = routes[name].get("escalate_to", "")
    return path if name == start else []


def _rules(routing: Routing) -> Iterator[Finding]:
    for number, rule in enumerate(routing.rules):
        if "route" in rule and rule["route"] not in routing.routes:
            location = routing.source.location("rules", str(number), "route")
            yield Finding(location, f"rules[{number + 1}].route", *routing.unknown(rule["route"]))
        for pattern in rule.get("jobs", ()):
            if routing.jobs and not any(fnmatchcase(each.job, pattern) for each in routing.job_alerts):
                location = routing.source.location("rules", str(number), "jobs")
                problem = f"{pattern!r} matches no job in {routing.jobs.layers[0].file}"
                remedy = "`cronmend alert routes` lists the jobs; ignore this if the schedule is defined elsewhere"
                yield Finding(location, f"rules[{number + 1}].jobs", problem, remedy, warning=True)


def _unreachable(routing: Routing) -> Iterator[Finding]:
    conditions = [None if "broken" in rule else Condition.of(rule) for rule in routing.rules]
    for number, condition in enumerate(conditions):
        before = covering(conditions[:number], condition) if condition else ()
        if before:
            location = routing.source.location("rules", str(number))
            lines = " and ".join(_rule_location(routing.source, each) for each in before)
            problem = f"never matches: earlier rules match everything it does: {lines}"
            yield Finding(location, f"rules[{number + 1}]", problem, "move it up, narrow the earlier one, or remove it")


def _rule_location(source: Source, number: int) -> str:
    return f"rules[{number + 1}] (line {source.location('rules', str(number)).line})"


def _jobs(routing: Routing) -> Iterator[Finding]:
    for each in routing.job_alerts:
        if each.location and each.route not in routing.routes:
            yield Finding(each.location, each.key, *routing.unknown(each.route))


def _unused(routing: Routing) -> Iterator[Finding]:
    used = {DEFAULT, *(rule.get("route") for rule in routing.rules)}
    used |= {route.get("escalate_to") for route in routing.routes.values()}
    used |= {each.route for each in routing.job_alerts} if routing.jobs else set(routing.routes)
    for name in sorted(routing.tables["routes"].keys() - used):
        remedy = f'write alert = "{name}" in jobs.toml, route = "{name}" in a rule, or remove it'
        location = routing.source.location("routes", name)
        yield Finding(location, f"routes.{name}", "nothing uses this route", remedy, warning=True)
