"""For any content of a file: its mistakes are reported, and without any, the functions can read what is built."""

from datetime import UTC, datetime, time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cli.alerts.built_files import routes_of
from cli.alerts.check import check_alerts
from cli.alerts.keys import CATEGORIES, QUIET_KEYS, ROUTE_KEYS, RULE_KEYS
from cli.toml_files.findings import mistakes
from cli.toml_files.keys import Key
from cli.toml_files.source import Layer, merge
from cronmend.alerting import routes
from cronmend.model import Category

NAMES = ("default", "oncall", "lead")
NOW = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
RIGHT: dict[str, tuple[Any, ...]] = {
    "channels": (["slack"], ["slack:C0123ABCD", "sns"]),
    "fallback": (["events"], ["sns"]),
    "start": ("00:00", "22:00", time(1, 30)),
    "end": ("24:00", "07:00", time(1, 30)),
    "days": (["MON-FRI"], ["SAT-SUN", "WED"], ["FRI-THU"]),
    "timezone": ("UTC", "Europe/London"),
    "least": ("info", "error"),
    "urgent": ("error", "critical"),
    "healed": ("none", "digest"),
    "digest_at": ("08:30",),
    "monthly_report": (True, False),
    "remind_after": ("never", "4h"),
    "escalate_after": ("15m",),
    "escalate_to": NAMES,
    "mention": ("<!here>",),
    "jobs": (["*/a*"], ["g/?", "*/*"]),
    "categories": (["timeout"], list(CATEGORIES)),
    "severities": (["error", "critical"],),
    "route": NAMES,
}
WRONG = st.sampled_from(("", "x", 0, -1.5, True, [], [[]], [1], {}, {"start": 1}, [{}], time(1, 2, 3), NOW, "\x00"))


def tables(keys: tuple[Key, ...], wrong: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    fields = {key.name: st.sampled_from(RIGHT[key.name]) | wrong for key in keys if key.name != "quiet"}
    if keys is ROUTE_KEYS:
        fields["quiet"] = tables(QUIET_KEYS, wrong) | wrong
    return st.fixed_dictionaries({}, optional=fields)


def files(wrong: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    route, rule = tables(ROUTE_KEYS, wrong), tables(RULE_KEYS, wrong)
    return st.fixed_dictionaries(
        {},
        optional={
            "routes": st.dictionaries(st.sampled_from(NAMES), route | wrong, max_size=3) | wrong,
            "rules": st.lists(rule | wrong, max_size=3) | wrong,
        },
    )


@settings(deadline=None)
@given(files(WRONG) | files(st.nothing()))
def test_a_file_is_rejected_or_routes_every_alert(content: dict[str, Any]) -> None:
    source = merge((Layer("alerts.toml", content),))
    if mistakes(check_alerts(source, None)):
        return
    known = routes.read(routes.write(routes_of(source)))
    assert known == routes_of(source)
    route = known.of("g/a", "error", Category.TIMEOUT, "oncall")
    assert route.channels
    assert (route.quiet.until(NOW) or NOW) >= NOW if route.quiet else True
