"""What is wrong with routes and rules as a whole: where they lead, and what never comes to pass."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any

from cli.alerts.jobs import Asked, asked
from cli.alerts.kinds import DAYS, MIDNIGHT, clock, days
from cli.alerts.rule_cover import Condition, covering
from cli.toml_files.source import Finding, Source
from cronmend.alerting.routes import CHANNELS, DEFAULT, Healed, Route
from cronmend.model.categories import SEVERITIES

_SEVERITIES = {"urgent": Route("").urgent, "least": Route("").least}


@dataclass(frozen=True, slots=True)
class Whole:
    source: Source
    jobs: Source | None
    tables: Mapping[str, Any]
    """``routes`` and ``rules`` without the values that are wrong in themselves; such a table has a key ``broken``."""

    @property
    def routes(self) -> Mapping[str, Mapping[str, Any]]:
        return {DEFAULT: {}, **self.tables["routes"]}

    @property
    def rules(self) -> list[Mapping[str, Any]]:
        return list(self.tables["rules"])

    @property
    def asked(self) -> list[Asked]:
        return asked(self.jobs)

    def route(self, name: str, key: str, problem: str, remedy: str, *, warning: bool = False) -> Finding:
        place = self.source.place("routes", name, *key.split("."))
        return Finding(place, f"routes.{name}.{key}", problem, remedy, warning)

    def unknown(self, name: str) -> tuple[str, str]:
        near = get_close_matches(name, self.routes, n=1)
        likely = near or sorted(self.routes)
        return f"{name!r} is no route", f"write {' or '.join(f'"{each}"' for each in likely)}, or add [routes.{name}]"


def whole_findings(whole: Whole) -> Iterator[Finding]:
    for name, route in whole.tables["routes"].items():
        for look in (_quiet, _channels, _without_effect):
            yield from look(whole, name, route)
    for check in (_escalations, _rules, _unreachable, _jobs, _unused):
        yield from check(whole)


def _quiet(whole: Whole, name: str, route: Mapping[str, Any]) -> Iterator[Finding]:
    quiet = route.get("quiet", {})
    if not {"start", "end"} <= quiet.keys():
        return
    start, end = clock(quiet["start"]), clock(quiet["end"])
    every_day = len(days(quiet.get("days", ["MON-SUN"]))) == len(DAYS)
    if start == end and quiet["end"] != MIDNIGHT:
        problem = f"the quiet hours have no length: they begin and end at {end:%H:%M}"
        yield whole.route(name, "quiet.end", problem, 'write another time; whole days are "00:00" to "24:00"')
    elif start == end and every_day:
        problem = "whole days on every day: the quiet hours never end"
        yield whole.route(name, "quiet.days", problem, 'write the days that are quiet, e.g. days = ["SAT-SUN"]')


def _channels(whole: Whole, name: str, route: Mapping[str, Any]) -> Iterator[Finding]:
    if "broken" in route and "channels" not in route:
        return
    channels = route.get("channels", CHANNELS)
    for same in (each for each in route.get("fallback", ()) if each in channels):
        problem = f"{same!r} is one of the route's own channels: where it fails, it fails here, too"
        yield whole.route(name, "fallback", problem, "write another channel, or remove it")
    told = (*channels, *route.get("fallback", ()))
    if "mention" in route and not any(each.startswith("slack") for each in told):
        yield whole.route(name, "mention", "only Slack knows mentions", "add slack, or remove it", warning=True)


def _without_effect(whole: Whole, name: str, route: Mapping[str, Any]) -> Iterator[Finding]:
    if "broken" in route:
        return
    if "escalate_after" in route and "escalate_to" not in route:
        remedy = 'write escalate_to = "<route>", or remove it'
        yield whole.route(name, "escalate_after", "has no effect without escalate_to", remedy, warning=True)
    if "digest_at" in route and route.get("healed") != Healed.DIGEST:
        remedy = 'write healed = "digest", or remove it'
        yield whole.route(name, "digest_at", 'has no effect where healed is not "digest"', remedy, warning=True)
    urgent, least = (SEVERITIES.index(route.get(key, default)) for key, default in _SEVERITIES.items())
    if "quiet" in route and urgent <= least:
        problem = "nothing waits in the quiet hours: all that is sent is urgent"
        yield whole.route(name, "quiet", problem, "remove it, or write a graver urgent", warning=True)


def _escalations(whole: Whole) -> Iterator[Finding]:
    told: set[str] = set()
    for name, route in whole.routes.items():
        to = route.get("escalate_to", "")
        if to and to not in whole.routes:
            yield whole.route(name, "escalate_to", *whole.unknown(to))
        circle = _circle(whole.routes, name)
        if circle and name not in told:
            told |= set(circle)
            problem = f"escalates in a circle: {' → '.join([*circle, name])}"
            yield whole.route(name, "escalate_to", problem, "remove escalate_to from one of them")


def _circle(routes: Mapping[str, Mapping[str, Any]], start: str) -> list[str]:
    """The routes from this one back to it; empty where the way ends or only leads into a circle."""
    way, name = [start], routes[start].get("escalate_to", "")
    while name in routes and name not in way:
        way.append(name)
        name = routes[name].get("escalate_to", "")
    return way if name == start else []


def _rules(whole: Whole) -> Iterator[Finding]:
    for number, rule in enumerate(whole.rules):
        if "route" in rule and rule["route"] not in whole.routes:
            place = whole.source.place("rules", str(number), "route")
            yield Finding(place, f"rules[{number + 1}].route", *whole.unknown(rule["route"]))
        for pattern in rule.get("jobs", ()):
            if whole.jobs and not any(fnmatchcase(each.job, pattern) for each in whole.asked):
                place = whole.source.place("rules", str(number), "jobs")
                problem = f"{pattern!r} is no job of {whole.jobs.layers[0].file}"
                remedy = "nothing to do where its schedule is defined elsewhere; `cronmend alert routes` lists the jobs"
                yield Finding(place, f"rules[{number + 1}].jobs", problem, remedy, warning=True)


def _unreachable(whole: Whole) -> Iterator[Finding]:
    conditions = [None if "broken" in rule else Condition.of(rule) for rule in whole.rules]
    for number, condition in enumerate(conditions):
        before = covering(conditions[:number], condition) if condition else ()
        if before:
            place = whole.source.place("rules", str(number))
            lines = " and ".join(_rule_place(whole.source, each) for each in before)
            problem = f"never matches: all that it covers is covered before by {lines}"
            yield Finding(place, f"rules[{number + 1}]", problem, "move it up, narrow the earlier one, or remove it")


def _rule_place(source: Source, number: int) -> str:
    return f"rules[{number + 1}] (line {source.place('rules', str(number)).line})"


def _jobs(whole: Whole) -> Iterator[Finding]:
    for each in whole.asked:
        if each.place and each.route not in whole.routes:
            yield Finding(each.place, each.key, *whole.unknown(each.route))


def _unused(whole: Whole) -> Iterator[Finding]:
    used = {DEFAULT, *(rule.get("route") for rule in whole.rules)}
    used |= {route.get("escalate_to") for route in whole.routes.values()}
    used |= {each.route for each in whole.asked} if whole.jobs else set(whole.routes)
    for name in sorted(whole.tables["routes"].keys() - used):
        remedy = f'write alert = "{name}" in jobs.toml, route = "{name}" in a rule, or remove it'
        place = whole.source.place("routes", name)
        yield Finding(place, f"routes.{name}", "nothing leads to this route", remedy, warning=True)
