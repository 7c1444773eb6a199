from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.alerts import source as alerts
from cli.alerts.check import check
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
SOUND = """
[routes.default]
channels = ["slack"]

[routes.oncall]
channels = ["slack:C0123ABCD"]
"""


def findings(text: str, jobs: str = JOBS) -> list[Finding]:
    return check(alerts.merge([parse(text, "alerts.toml")]), merge((parse(jobs, "jobs.toml"),)))


def told(text: str, jobs: str = JOBS) -> list[str]:
    return [f"{each.place.line} {each.key}: {each.problem}; {each.remedy}" for each in findings(text, jobs)]


def test_a_file_without_mistakes_and_none_at_all_are_sound() -> None:
    assert findings(SOUND) == []
    assert told("", "[jobs.a]") == []


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
    (4, "routes.default.channels", 'write e.g. ["slack", "sns"], or leave the key out'),
    (5, "routes.default.quiet.end", 'e.g. "22:00"'),
    (6, "routes.default.timezone", "write Europe/London"),
    (8, "routes.oncall.chanels", "write channels"),
    (9, "routes.oncall.channels", 'write the id, e.g. "slack:C0123ABCD"'),
    (9, "routes.oncall.channels", 'write "sns"'),
    (9, "routes.oncall.channels", "write slack, sns, events or slack:<channel id>"),
    (9, "routes.oncall.channels", "remove one of the two"),
    (11, "routes.oncall.least", 'write "warning"'),
    (12, "routes.oncall.remind_after", 'write "5m" or what lies between, or "never"'),
    (13, "routes.oncall.escalate_to", "remove escalate_to from one of them"),
    (14, "routes.oncall.mention", '"<!subteam^S0123ABCD>"'),
    (16, "routes.lead.channels", 'write ["slack"]'),
    (21, "routes.lead.quiet.hours", "remove it; there are start, end, timezone, days"),
    (22, "routes.on call", 'e.g. "oncall"'),
    (23, "routes.on call.escalate_to", "or add [routes.nobody]"),
    (28, "rules[2].jobs", 'e.g. "*/publish-*"'),
    (29, "rules[2].categories", 'write "deploy_race"'),
    (30, "rules[2].route", 'write "oncall", or add [routes.oncal]'),
    (31, "rules[3]", "move it up"),
    (35, "rules[4].route", 'write route = "oncall"'),
    (37, "rules[4].severities", 'write "info" or "warning"'),
]


def test_many_planted_mistakes_are_all_told_at_once() -> None:
    found = [each for each in findings(BAD) if not each.warning]
    assert [(each.place.line, each.key) for each in found] == [(line, key) for line, key, _ in EXPECTED]
    for line, key, remedy in EXPECTED:
        said = [each.remedy for each in found if (each.place.line, each.key) == (line, key)]
        assert any(remedy in each for each in said), (line, key, said)


def test_a_route_that_jobs_toml_names_is_looked_for_where_it_is_named() -> None:
    jobs = '[defaults]\nalert = "onkall"\n[jobs.a]\n[jobs.b]\n[jobs.c]\nalert = "gone"\n'
    wrong = [each for each in findings(SOUND, jobs) if not each.warning]
    assert [(each.place.file, each.place.line, each.key) for each in wrong] == [
        ("jobs.toml", 2, "defaults.alert"),
        ("jobs.toml", 6, "jobs.c.alert"),
    ]
    assert wrong[0].remedy == 'write "oncall", or add [routes.onkall]'


@pytest.mark.parametrize("jobs", ["defaults = 1\njobs = 2", "[jobs]\na = 1", "[jobs.a]\nalert = 3", "", "group = 1"])
def test_a_broken_file_of_jobs_is_left_to_its_own_check(jobs: str) -> None:
    assert [each for each in findings(SOUND, jobs) if not each.warning] == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("routes = 1", "1 routes: not a table; write [routes.default]"),
        ("rules = 1", "1 rules: not a list of tables; write [[rules]] with two brackets"),
        ("[rules]\nroute = 'default'", "1 rules: not a list of tables; write [[rules]] with two brackets"),
        ("rules = [1]", "1 rules[1]: not a table"),
        ("[routes]\ndefault = 1", "2 routes.default: not a table"),
        (
            "[routes.default]\nquiet = '22-7'",
            "2 routes.default.quiet: '22-7' is not a table; write e.g. { start = \"22",
        ),
        ("[routes.default]\nquiet = {}", '2 routes.default.quiet.start: missing; write start = "22:00"'),
        ("[routes.default]\nescalate_to = 'default'", "escalates in a circle: default → default"),
        (
            "[routes.default]\nquiet = { start = 22:00:00, end = '22:00' }",
            "2 routes.default.quiet.end: the quiet hours have no length: they begin and end at 22:00",
        ),
        ("[routes.default]\nquiet = { start = 22:00:30, end = '23:00' }", "22:00:30 is no time of day"),
        ("[routes.default]\nquiet = { start = '00:00', end = '24:00' }", "the quiet hours never end"),
        (
            "[routes.default]\nquiet = { start = '00:00', end = '24:00', days = ['FRI-THU'] }",
            "2 routes.default.quiet.days: whole days on every day",
        ),
        ("[routes.default]\nfallback = ['sns']", "'sns' is one of the route's own channels"),
        ("[routes.default]\nmention = '<@U0123> <!here>\\n'", "is not a mention by Slack id"),
        ("[routes.default]\ntimezone = 1", "1 is not a string"),
    ],
)
def test_what_is_wrong_is_said_with_the_remedy(text: str, says: str) -> None:
    found = told(text, "[jobs.a]")
    assert [each for each in found if says in each], found


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
def test_what_may_be_written(line: str) -> None:
    assert told(f"[routes.default]\n{line}\n", "[jobs.a]") == []


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ('escalate_after = "5m"', "has no effect without escalate_to"),
        ('digest_at = "08:00"', 'has no effect where healed is not "digest"'),
        ('channels = ["sns"]\nmention = "<!here>"', "only Slack knows mentions"),
        ('least = "critical"\nquiet = { start = "22:00", end = "07:00" }', "nothing waits in the quiet hours"),
        ("[routes.other]", "nothing leads to this route"),
        ("[[rules]]\njobs = ['*/publsh-*']\nroute = 'default'", "'*/publsh-*' is no job of jobs.toml"),
    ],
)
def test_what_is_odd_but_loses_no_alert_is_a_warning(lines: str, says: str) -> None:
    (found,) = findings(f"[routes.default]\n{lines}\n", "[jobs.a]")
    assert found.warning
    assert says in found.problem


def unreachable(*rules: str) -> list[str]:
    text = SOUND + "".join(f"[[rules]]\n{rule}\nroute = 'default'\n" for rule in rules)
    return [each.key for each in findings(text) if "never matches" in each.problem]


def test_a_rule_that_several_earlier_ones_cover_together_never_matches() -> None:
    quiet, loud = 'severities = ["info", "warning"]', 'severities = ["error", "critical"]'
    assert unreachable(quiet, loud, 'categories = ["timeout"]') == ["rules[3]"]
    assert unreachable(quiet, 'categories = ["timeout"]', loud) == []
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
    read = alerts.load(file, "live")
    assert read.tables["routes"] == {"default": {"channels": ["slack"], "least": "error"}}
    assert read.tables["rules"] == [{"route": "gone"}]
    assert [Path(each.place.file).name for each in check(read, None)] == ["alerts.live.toml"]
    assert read.place("rules", "0", "jobs") == read.place("rules", "0")
    assert alerts.load(file, "other").tables["rules"] == [{"jobs": ["a/b"], "route": "default"}]


def test_a_file_that_was_named_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="is not there"):
        alerts.load(tmp_path / "alerts.toml")
