"""Every mistake of alerts.toml, before an alert is lost over it."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from cli.alerts import source as alerts
from cli.alerts.check_whole import Whole, whole_findings
from cli.alerts.keys import NAME, OTHER_NAMES, QUIET_KEYS, ROUTE_KEYS, RULE_KEYS
from cli.jobs.keys import Key
from cli.toml_files.source import Finding, Source

TOP = ("routes", "rules")


def check(source: Source, jobs: Source | None) -> list[Finding]:
    """What is wrong, in the order of the files; warnings among it do not keep a file from being built."""
    values = list(_values(source))
    whole = Whole(source, jobs, _sound(source, {finding.key for finding in values}))
    findings = [*_top(source), *values, *whole_findings(whole)]
    return sorted(dict.fromkeys(findings), key=lambda finding: (finding.place.file, finding.place.line))


def _top(source: Source) -> Iterator[Finding]:
    for key in source.tables:
        if key not in TOP:
            near = get_close_matches(key, TOP, n=1)
            remedy = f"write {near[0]}" if near else "only [routes.<name>] and [[rules]] stand at the top"
            yield Finding(source.place(key), key, "unknown", remedy)
    if not isinstance(source.tables.get("routes", {}), Mapping):
        yield Finding(source.place("routes"), "routes", "not a table", "write [routes.default] and its keys below it")
    if not isinstance(source.tables.get("rules", []), list):
        yield Finding(source.place("rules"), "rules", "not a list of tables", "write [[rules]] with two brackets")


def _values(source: Source) -> Iterator[Finding]:
    """What is wrong with one value in itself."""
    for name, route in alerts.tables(source, "routes").items():
        path = ("routes", name)
        for problem, remedy in NAME.complaints(name):
            yield Finding(source.place(*path), ".".join(path), f"the name: {problem}", remedy)
        yield from _table(source, path, route, ROUTE_KEYS)
        if isinstance(route, Mapping) and isinstance(route.get("quiet"), Mapping):
            yield from _table(source, (*path, "quiet"), route["quiet"], QUIET_KEYS, needed=("start", "end"))
    for number, rule in enumerate(alerts.rules(source)):
        yield from _table(source, ("rules", str(number)), rule, RULE_KEYS, needed=("route",))


def _table(
    source: Source, path: tuple[str, ...], table: Any, keys: tuple[Key, ...], needed: tuple[str, ...] = ()
) -> Iterator[Finding]:
    if not isinstance(table, Mapping):
        yield Finding(source.place(*path), title(path), "not a table", "write the keys of a table")
        return
    known = {key.name: key for key in keys}
    for name, value in table.items():
        place, key = source.place(*path, name), title((*path, name))
        if name not in known:
            yield Finding(place, key, "unknown", _known(name, known))
        else:
            yield from (Finding(place, key, *complaint) for complaint in known[name].kind.complaints(value))
    for name in needed:
        if name not in table:
            example = {"start": "22:00", "end": "07:00", "route": "oncall"}[name]
            yield Finding(source.place(*path), title((*path, name)), "missing", f'write {name} = "{example}"')


def title(path: tuple[str, ...]) -> str:
    """A path as a person would write it; rules are counted from 1."""
    if path[0] == "rules":
        return ".".join((f"rules[{int(path[1]) + 1}]", *path[2:]))
    return ".".join(path)


def _known(name: str, known: Mapping[str, Key]) -> str:
    if OTHER_NAMES.get(name) in known:
        return f"write {OTHER_NAMES[name]}"
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"write {near[0]}" if near else f"remove it; there are {', '.join(known)}"


def _sound(source: Source, broken: set[str]) -> Mapping[str, Any]:
    """The tables without the values that are wrong in themselves: the rest can still be looked at as a whole."""
    routes = {
        name: _without(("routes", name), route, broken) if isinstance(route, Mapping) else {"broken": True}
        for name, route in alerts.tables(source, "routes").items()
    }
    rules = [
        _without(("rules", str(number)), rule, broken) if isinstance(rule, Mapping) else {"broken": True}
        for number, rule in enumerate(alerts.rules(source))
    ]
    return {"routes": routes, "rules": rules}


def _without(path: tuple[str, ...], table: Mapping[str, Any], broken: set[str]) -> dict[str, Any]:
    names = {name for name in table for key in broken if f"{key}.".startswith(f"{title((*path, name))}.")}
    kept = {name: value for name, value in table.items() if name not in names}
    return {**kept, "broken": True} if names or f"{title(path)}.route" in broken else kept
