import json
from collections.abc import Callable
from datetime import time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend.alerting import routes
from cronmend.alerting.quiet_hours import QuietHours
from cronmend.alerting.routes import CHANNELS, Healed, Route, RouteRule, Routes
from cronmend.errors import Permanent
from cronmend.model import Category
from cronmend.model.categories import SEVERITIES
from tests.alerting.test_quiet_hours import CLOCKS, NIGHT, utc


def test_an_urgent_alert_does_not_wait() -> None:
    route = Route("default", quiet=NIGHT, urgent="error")
    midnight = utc("2026-01-15T00:00:00")
    waits = {severity: route.waits(severity, midnight) is not None for severity in (*SEVERITIES, "catastrophic")}
    assert waits == {"info": True, "warning": True, "error": False, "critical": False, "catastrophic": False}
    assert route.waits("info", utc("2026-01-15T12:00:00")) is None
    assert Route("default").waits("info", midnight) is None


def test_what_is_less_severe_than_the_route_asks_for_is_not_sent() -> None:
    route = Route("default", least="error")
    assert [severity for severity in SEVERITIES if route.sends(severity)] == ["error", "critical"]
    assert route.sends("catastrophic")


KNOWN = Routes(
    {name: Route(name) for name in ("default", "oncall", "dba", "web")},
    (
        RouteRule("dba", categories=frozenset({Category.SCHEMA_MISMATCH, Category.DEPLOY_RACE})),
        RouteRule("oncall", jobs=("*/publish-*", "billing/?nvoice"), severities=frozenset({"error", "critical"})),
        RouteRule("oncall", jobs=("*/publish-*",), categories=frozenset({Category.UNKNOWN})),
    ),
)


@pytest.mark.parametrize(
    ("job", "severity", "category", "named", "goes"),
    [
        ("web/publish-scheduled", "critical", Category.SCHEMA_MISMATCH, "web", "dba"),
        ("web/publish-scheduled", "critical", Category.TIMEOUT, "web", "oncall"),
        ("web/publish-scheduled", "info", Category.TIMEOUT, "web", "web"),
        ("web/publish-scheduled", "info", Category.UNKNOWN, "web", "oncall"),
        ("web/republish-all", "error", Category.TIMEOUT, "default", "default"),
        ("billing/invoice", "error", Category.TIMEOUT, "default", "oncall"),
        ("Billing/Invoice", "error", Category.TIMEOUT, "default", "default"),
        ("", "error", Category.TIMEOUT, "gone", "default"),
        ("", "error", Category.TIMEOUT, "", "default"),
    ],
)
def test_the_first_rule_that_covers_an_alert_leads_it_then_the_job_then_the_default(
    job: str, severity: str, category: Category, named: str, goes: str
) -> None:
    assert KNOWN.of(job, severity, category, named).name == goes


def test_with_no_file_all_is_told_to_what_the_stack_has() -> None:
    route = Routes().of("group/name", "error", Category.UNKNOWN, "oncall")
    assert (route, route.channels) == (Route("default", CHANNELS), CHANNELS)


MINUTES = st.integers(1, 10_000).map(lambda minutes: timedelta(minutes=minutes))
ZONES = st.sampled_from(("UTC", "Europe/London", "Pacific/Apia"))
ROUTES = st.builds(
    Route,
    name=st.just("oncall"),
    channels=st.sampled_from((CHANNELS, ("slack:C0123ABCD", "sns"))),
    fallback=st.sampled_from(((), ("events",))),
    least=st.sampled_from(SEVERITIES),
    quiet=st.none() | st.builds(QuietHours, CLOCKS, CLOCKS, ZONES, st.frozensets(st.integers(0, 6))),
    healed=st.sampled_from(Healed),
    digest_at=CLOCKS,
    timezone=ZONES,
    monthly_report=st.booleans(),
    remind_after=st.none() | MINUTES,
    escalate_to=st.sampled_from(("", "default")),
    escalate_after=MINUTES,
    mention=st.sampled_from(("", "<!here>")),
)
RULES = st.builds(
    RouteRule,
    route=st.sampled_from(("default", "oncall")),
    jobs=st.sampled_from(((), ("*/publish-*", "a/b"))),
    categories=st.frozensets(st.sampled_from(Category)),
    severities=st.frozensets(st.sampled_from(SEVERITIES)),
)


@given(ROUTES, st.lists(RULES, max_size=3))
def test_what_is_written_is_what_is_read(route: Route, rules: list[RouteRule]) -> None:
    known = Routes({"default": Route("default"), "oncall": route}, tuple(rules))
    written = routes.write(known)
    assert routes.read(written) == known
    assert routes.write(routes.read(written)) == written


def test_the_bundled_file_leads_every_alert_somewhere() -> None:
    bundled = routes.read(routes.PATH.read_text(encoding="utf-8"))
    assert bundled.of("any/job", "error", Category.UNKNOWN, "default").channels


WRITTEN = routes.write(
    Routes(
        {"default": Route("default", quiet=NIGHT, escalate_to="lead"), "lead": Route("lead")},
        (RouteRule("lead", severities=frozenset({"error"})),),
    )
)


def test_the_default_route_may_be_named_though_the_file_does_not_define_it() -> None:
    rules = (RouteRule("default"),)
    assert routes.read(routes.write(Routes({"lead": Route("lead", escalate_to="default")}, rules))).rules == rules


def test_unknown_routes_are_named_in_order_and_once() -> None:
    rules = [{"route": name} for name in ("f", "b", "e", "a", "d", "c", "a", "default", "lead")]
    with pytest.raises(Permanent, match="unknown route a, b, c, d, e, f;"):
        routes.read(json.dumps({**json.loads(WRITTEN), "rules": rules}))


def test_a_published_file_from_before_a_field_was_added_has_its_default() -> None:
    quiet = {"start": "22:00", "end": "07:00"}
    published = {"version": 1, "routes": {"default": {"quiet": quiet}}, "rules": [{"route": "default"}]}
    default = Route("default", quiet=QuietHours(time(22), time(7)))
    assert routes.read(json.dumps(published)) == Routes({"default": default}, (RouteRule("default"),))


def swapped(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda _: "", "Expecting value"),
        (lambda _: "[]", "list indices"),
        (swapped('"version": 1', '"version": 2'), "version 2, expected 1"),
        (swapped('"mention": ""', '"menton": ""'), "menton"),
        (swapped('"jobs": [', '"accounts": [], "jobs": ['), "accounts"),
        (swapped('"days": [', '"weeks": [], "days": ['), "weeks"),
        (swapped('"route": "lead",', ""), "route"),
        (swapped('"escalate_to": "lead"', '"escalate_to": "leed"'), "unknown route leed"),
        (swapped('"route": "lead"', '"route": "leed"'), "unknown route leed"),
        (swapped('"slack"', '"pager"'), "default: unknown channel pager"),
        (swapped('"critical"', '"loud"'), "'loud' is none of info, warning"),
        (swapped('"Europe/London"', '"Europe/Londn"'), "Londn"),
        (lambda text: text.replace('"timezone": "UTC"', '"timezone": "Mars/Base"'), "Mars"),
        (swapped('"severities": [', '"severities": ["loud",'), "'loud' is none of info, warning"),
        (swapped('"categories": [', '"categories": ["odd"'), "'odd' is not a valid Category"),
        (swapped('"healed": "quiet"', '"healed": "loud"'), "'loud' is not a valid Healed"),
    ],
)
def test_a_file_that_is_not_ours_is_refused_with_the_remedy(change: Callable[[str], str], says: str) -> None:
    with pytest.raises(Permanent, match="cronmend alert build") as caught:
        routes.read(change(WRITTEN))
    assert says in str(caught.value)
