"""Find every mistake in alerts.toml before it loses an alert."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from cli.alerts import alerts_file
from cli.alerts.check_routing import Routing, routing_findings
from cli.alerts.keys import NAME, OTHER_NAMES, QUIET_KEYS, ROUTE_KEYS, RULE_KEYS
from cli.toml_files.keys import Key
from cli.toml_files.source import Finding, Source

TOP = ("routes", "rules")


def check_alerts(source: Source, jobs: Source | None) -> list[Finding]:
    """The findings in the order of the files. A file with only warnings can be built."""
    values = list(_values(source))
    routing = Routing(source, jobs, _without_wrong_values(source, {finding.key for finding in values}))
    findings = [*_top(source), *values, *routing_findings(routing)]
    return sorted(dict.fromkeys(findings), key=lambda finding: (finding.location.file, finding.location.line))


def _top(source: Source) -> Iterator[Finding]:
    for key in source.tables:
        if key not in TOP:
            near = get_close_matches(key, TOP, n=1)
            remedy = f"write {near[0]}" if near else "use only [routes.<name>] and [[rules]] at the top"
            yield Finding(source.location(key), key, "unknown key", remedy)
    if not isinstance(source.tables.get("routes", {}), Mapping):
        yield Finding(
            source.location("routes"), "routes", "not a table", "write [routes.default] with the route's keys below it"
        )
    if not isinstance(source.tables.get("rules", []), list):
        yield Finding(source.location("rules"), "rules", "not a list of tables", "write [[rules]], with two brackets")


def _values(source: Source) -> Iterator[Finding]:
    """The findings about single values."""
    for name, route in alerts_file.tables(source, "routes").items():
        path = ("routes", name)
        for problem, remedy in NAME.problems(name):
            yield Finding(source.location(*path), ".".join(path), f"the name: {problem}", remedy)
        yield from _table(source, path, route, ROUTE_KEYS)
        if isinstance(route, Mapping) and isinstance(route.get("quiet"), Mapping):
            yield from _table(source, (*path, "quiet"), route["quiet"], QUIET_KEYS, needed=("start", "end"))
    for number, rule in enumerate(alerts_file.rules(source)):
        yield from _table(source, ("rules", str(number)), rule, RULE_KEYS, needed=("route",))


def _table(
    source: Source, path: tuple[str, ...], table: Any, keys: tuple[Key, ...], needed: tuple[str, ...] = ()
) -> Iterator[Finding]:
    if not isinstance(table, Mapping):
        yield Finding(source.location(*path), title(path), "not a table", "write a table with keys")
        return
    known = {key.name: key for key in keys}
    for name, value in table.items():
        location, key = source.location(*path, name), title((*path, name))
        if name not in known:
            yield Finding(location, key, "unknown key", _remedy(name, known))
        else:
            yield from (Finding(location, key, *problem) for problem in known[name].kind.problems(value))
    for name in needed:
        if name not in table:
            example = {"start": "22:00", "end": "07:00", "route": "oncall"}[name]
            yield Finding(source.location(*path), title((*path, name)), "missing", f'write {name} = "{example}"')


def title(path: tuple[str, ...]) -> str:
    """A path as people write it; rules are counted from 1."""
    if path[0] == "rules":
        return ".".join((f"rules[{int(path[1]) + 1}]", *path[2:]))
    return ".".join(path)


def _remedy(name: str, known: Mapping[str, Key]) -> str:
    if OTHER_NAMES.get(name) in known:
        return f"write {OTHER_NAMES[name]}"
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"write {near[0]}" if near else f"remove it; the keys are {', '.join(known)}"


def _without_wrong_values(source: Source, broken: set[str]) -> Mapping[str, Any]:
    """The tables without their wrong values, so that the rest can be checked as a whole."""
    routes = {
        name: _without(("routes", name), route, broken) if isinstance(route, Mapping) else {"broken": True}
        for name, route in alerts_file.tables(source, "routes").items()
    }
    rules = [
        _without(("rules", str(number)), rule, broken) if isinstance(rule, Mapping) else {"broken": True}
        for number, rule in enumerate(alerts_file.rules(source))
    ]
    return {"routes": routes, "rules": rules}


def _without(path: tuple[str, ...], table: Mapping[str, Any], broken: set[str]) -> dict[str, Any]:
    names = {name for name in table for key in broken if f"{key}.".startswith(f"{title((*path, name))}.")}
    kept = {name: value for name, value in table.items() if name not in names}
    return {**kept, "broken": True} if names or f"{title(path)}.route" in broken else kept
