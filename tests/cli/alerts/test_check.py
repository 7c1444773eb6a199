from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.alerts import alerts_file
from cli.alerts.check import check_alerts
from cli.alerts.rule_cover import wider
from cli.toml_files.source import Finding, merge, parse
from cronmend.errors import Permanent

JOBS = """
[defaults]
alert = "default"

[jobs.publish-scheduled]
alert = "oncall"

[jobs.send-report]
"""
VALID = """
[routes.default]
channels = ["slack"]

[routes.oncall]
channels = ["slack:C0123ABCD"]
"""


def findings(text: str, jobs: str = JOBS) -> list[Finding]:
    return check_alerts(alerts_file.merge([parse(text, "alerts.toml")]), merge((parse(jobs, "jobs.toml"),)))


def texts(text: str, jobs: str = JOBS) -> list[str]:
    return [f"{each.location.line} {each.key}: {each.problem}; {each.remedy}" for each in findings(text, jobs)]


def test_a_file_without_mistakes_and_an_empty_one_are_valid() -> None:
    assert findings(VALID) == []
    assert texts("", "[jobs.a]") == []


BAD = """
rutes = 1
[routes.default]
channels = []
quiet = { start = "22:00", end = "7:00" }
timezone = "Europe/Londn"
[routes.oncall]
chanels = ["slack"]
channels = ["slack:#ops", "sns:x", "pager", "events", "events"]
fallback = ["events"]
least = "warn"
remind_after = "0m"
escalate_to = "lead"
mention = "@ops"
[routes.lead]
channels = "slack"
escalate_to = "oncall"
[routes.lead.quiet]
start = "00:00"
end = "24:00"
hours = 3
[routes."on call"]
escalate_to = "nobody"
[[rules]]
jobs = ["*/publish*"]
route = "oncall"
[[rules]]
jobs = ["publish-scheduled"]
categories = ["deploy_rase"]
route = "oncal"
[[rules]]
jobs = ["cronmend-jobs/publish-scheduled"]
severities = ["error"]
route = "default"
[[rules]]
categories = ["timeout"]
severities = ["loud"]
"""
EXPECTED = [
    (2, "rutes", "write routes"),
    (4, "routes.default.channels", 'write ["slack", "sns"], or remove the key'),
    (5, "routes.default.quiet.end", 'such as "22:00"'),
    (6, "routes.default.timezone", "write Europe/London"),
    (8, "routes.oncall.chanels", "write channels"),
    (9, "routes.oncall.channels", 'write the ID, such as "slack:C0123ABCD"'),
    (9, "routes.oncall.channels", 'write "sns"'),
    (9, "routes.oncall.channels", "write slack, sns, events or slack:<channel id>"),
    (9, "routes.oncall.channels", "remove one of the two"),
    (11, "routes.oncall.least", 'write "warning"'),
    (12, "routes.oncall.remind_after", 'write "5m", or a value in that range, or "never"'),
    (13, "routes.oncall.escalate_to", "remove escalate_to from one of them"),
    (14, "routes.oncall.mention", '"<!subteam^S0123ABCD>"'),
    (16, "routes.lead.channels", 'write ["slack"]'),
    (21, "routes.lead.quiet.hours", "remove it; the keys are start, end, timezone, days"),
    (22, "routes.on call", 'such as "oncall"'),
    (23, "routes.on call.escalate_to", "or add [routes.nobody]"),
    (28, "rules[2].jobs", 'such as "*/publish-*"'),
    (29, "rules[2].categories", 'write "deploy_race"'),
    (30, "rules[2].route", 'write "oncall", or add [routes.oncal]'),
    (31, "rules[3]", "move it up"),
    (35, "rules[4].route", 'write route = "oncall"'),
    (37, "rules[4].severities", 'write "info" or "warning"'),
]


def test_all_mistakes_are_reported_at_once() -> None:
    found = [each for each in findings(BAD) if not each.warning]
    assert [(each.location.line, each.key) for each in found] == [(line, key) for line, key, _ in EXPECTED]
    for line, key, remedy in EXPECTED:
        remedies = [each.remedy for each in found if (each.location.line, each.key) == (line, key)]
        assert any(remedy in each for each in remedies), (line, key, remedies)


def test_an_unknown_route_is_reported_where_jobs_toml_names_it() -> None:
    jobs = '[defaults]\nalert = "onkall"\n[jobs.a]\n[jobs.b]\n[jobs.c]\nalert = "gone"\n'
    wrong = [each for each in findings(VALID, jobs) if not each.warning]
    assert [(each.location.file, each.location.line, each.key) for each in wrong] == [
        ("jobs.toml", 2, "defaults.alert"),
        ("jobs.toml", 6, "jobs.c.alert"),
    ]
    assert wrong[0].remedy == 'write "oncall", or add [routes.onkall]'


@pytest.mark.parametrize("jobs", ["defaults = 1\njobs = 2", "[jobs]\na = 1", "[jobs.a]\nalert = 3", "", "group = 1"])
def test_mistakes_in_jobs_toml_are_left_to_its_own_check(jobs: str) -> None:
    assert [each for each in findings(VALID, jobs) if not each.warning] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("routes = 1", "1 routes: not a table; write [routes.default]"),
        ("rules = 1", "1 rules: not a list of tables; write [[rules]], with two brackets"),
        ("[rules]\nroute = 'default'", "1 rules: not a list of tables; write [[rules]], with two brackets"),
        ("rules = [1]", "1 rules[1]: not a table"),
        ("[routes]\ndefault = 1", "2 routes.default: not a table"),
        (
            "[routes.default]\nquiet = '22-7'",
            "2 routes.default.quiet: '22-7' is not a table; write a table such as { start = \"22",
        ),
        ("[routes.default]\nquiet = {}", '2 routes.default.quiet.start: missing; write start = "22:00"'),
        ("[routes.default]\nescalate_to = 'default'", "escalates in a circle: default → default"),
        (
            "[routes.default]\nquiet = { start = 22:00:00, end = '22:00' }",
            "2 routes.default.quiet.end: the quiet hours have no length; they start and end at 22:00",
        ),
        ("[routes.default]\nquiet = { start = 22:00:30, end = '23:00' }", "22:00:30 is not a time of day"),
        ("[routes.default]\nquiet = { start = '00:00', end = '24:00' }", "the quiet hours never end"),
        (
            "[routes.default]\nquiet = { start = '00:00', end = '24:00', days = ['FRI-THU'] }",
            "2 routes.default.quiet.days: whole days on every day",
        ),
        ("[routes.default]\nfallback = ['sns']", "'sns' is one of the route's own channels"),
        ("[routes.default]\nmention = '<@U0123> <!here>\\n'", "is not a Slack mention"),
        ("[routes.default]\ntimezone = 1", "1 is not a string"),
    ],
)
def test_a_mistake_is_reported_with_its_remedy(text: str, message: str) -> None:
    found = texts(text, "[jobs.a]")
    assert [each for each in found if message in each], found


@pytest.mark.parametrize(
    "line",
    [
        'channels = ["slack:G0123ABCD", "slack", "events"]',
        'remind_after = "never"',
        'mention = "<!subteam^S0123ABCD> <@W0123ABCD> <!here>"',
        'quiet = { start = "00:00", end = "24:00", days = ["SAT-SUN"] }',
        "quiet = { start = 22:00:00, end = 07:00:00 }",
    ],
)
def test_valid_values(line: str) -> None:
    assert texts(f"[routes.default]\n{line}\n", "[jobs.a]") == []


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('escalate_after = "5m"', "has no effect without escalate_to"),
        ('digest_at = "08:00"', 'has no effect unless healed is "digest"'),
        ('channels = ["sns"]\nmention = "<!here>"', "has no effect: only Slack has mentions"),
        (
            'least = "critical"\nquiet = { start = "22:00", end = "07:00" }',
            "has no effect: every alert that the route sends is urgent",
        ),
        ("[routes.other]", "nothing uses this route"),
        ("[[rules]]\njobs = ['*/publsh-*']\nroute = 'default'", "'*/publsh-*' matches no job in jobs.toml"),
    ],
)
def test_a_setting_without_effect_is_a_warning(lines: str, message: str) -> None:
    (found,) = findings(f"[routes.default]\n{lines}\n", "[jobs.a]")
    assert found.warning
    assert message in found.problem


def unreachable(*rules: str) -> list[str]:
    text = VALID + "".join(f"[[rules]]\n{rule}\nroute = 'default'\n" for rule in rules)
    return [each.key for each in findings(text) if "never matches" in each.problem]


def test_a_rule_that_several_earlier_ones_cover_together_never_matches() -> None:
    minor, severe = 'severities = ["info", "warning"]', 'severities = ["error", "critical"]'
    assert unreachable(minor, severe, 'categories = ["timeout"]') == ["rules[3]"]
    assert unreachable(minor, 'categories = ["timeout"]', severe) == []
    assert unreachable("", 'jobs = ["a/b"]', "") == ["rules[2]", "rules[3]"]
    assert unreachable('jobs = ["*/a-*", "*/b-*"]', 'jobs = ["x/a-1", "?/b-*"]') == ["rules[2]"]
    assert unreachable('jobs = ["*/a-*"]', 'jobs = ["*/a-*", "*/b-*"]') == []


PATTERNS = st.text("ab*?", max_size=5)


@given(PATTERNS, PATTERNS, st.lists(st.text("abc", max_size=6), max_size=30))
def test_a_wider_pattern_matches_all_that_the_narrower_does(wide: str, narrow: str, words: list[str]) -> None:

    if wider(wide, narrow):
        assert [word for word in words if fnmatchcase(word, narrow) and not fnmatchcase(word, wide)] == []


@pytest.mark.parametrize(
    ("wide", "narrow"), [("*", "*/*"), ("*/a*", "?/ab*"), ("*?", "?*"), ("*a*b*", "xaxbx"), ("a?c", "abc")]
)
def test_patterns_that_are_wider(wide: str, narrow: str) -> None:
    assert wider(wide, narrow)


@pytest.mark.parametrize(("wide", "narrow"), [("a", "*"), ("?", "*"), ("*/*", "*"), ("a?c", "a*c"), ("ab*", "a*")])
def test_patterns_that_are_not(wide: str, narrow: str) -> None:
    assert not wider(wide, narrow)


def test_an_environment_adds_to_routes_and_replaces_the_rules(tmp_path: Path) -> None:
    file = tmp_path / "alerts.toml"
    file.write_text("[routes.default]\nchannels = ['slack']\n[[rules]]\njobs = ['a/b']\nroute = 'default'\n")
    (tmp_path / "alerts.live.toml").write_text("[routes.default]\nleast = 'error'\n[[rules]]\nroute = 'gone'\n")
    read = alerts_file.load(file, "live")
    assert read.tables["routes"] == {"default": {"channels": ["slack"], "least": "error"}}
    assert read.tables["rules"] == [{"route": "gone"}]
    assert [Path(each.location.file).name for each in check_alerts(read, None)] == ["alerts.live.toml"]
    assert read.location("rules", "0", "jobs") == read.location("rules", "0")
    assert alerts_file.load(file, "other").tables["rules"] == [{"jobs": ["a/b"], "route": "default"}]


def test_a_named_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="No file"):
        alerts_file.load(tmp_path / "alerts.toml")
