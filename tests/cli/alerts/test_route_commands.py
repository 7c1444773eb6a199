import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.alerts import schema
from cli.alerts.app import alert_app
from cli.alerts.built_files import ROUTES
from cli.alerts.keys import QUIET_KEYS, ROUTE_KEYS, RULE_KEYS
from cli.toml_files.keys import reference
from cronmend.alerting import routes
from cronmend.alerting.routes import CHANNELS
from tests import ROOT

RUN = CliRunner()
DOCS = (ROOT / "docs/alerts.md").read_text(encoding="utf-8")
EXAMPLE = next(iter(re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)))
JOBS = "".join(
    f'[jobs.{name}]\nschedule = "rate(1 hour)"\ncommand = ["python", "manage.py", "{name}"]\n'
    for name in ("publish-scheduled", "send-report", "purge-revisions")
)
NIGHT, DAY = ("--at", "2026-11-23T23:00:00Z"), ("--at", "2026-11-23T12:00:00Z")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "jobs.toml").write_text(JOBS)
    path = tmp_path / "alerts.toml"
    path.write_text(EXAMPLE)
    return path


def run(file: Path, *words: str) -> Result:
    return RUN.invoke(alert_app, ["routes", *words, "--file", str(file)], env={"COLUMNS": "200"})


def choices(file: Path, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run(file, *words, "--json").stdout)
    return found


def test_the_generated_files_are_up_to_date() -> None:
    result = RUN.invoke(alert_app, ["build", "--check", "--file", str(ROOT / "alerts.toml"), "--root", str(ROOT)])
    assert result.exit_code == 0, result.output


def test_the_docs_list_every_key_as_the_tables_have_it() -> None:
    for keys in (ROUTE_KEYS, QUIET_KEYS, RULE_KEYS):
        assert reference(keys) in DOCS


def test_the_example_of_the_docs_is_valid_and_prints_what_they_quote(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    checked = RUN.invoke(alert_app, ["check"])
    assert (checked.exit_code, checked.output.strip()) == (0, "alerts.toml: no mistakes")
    (answer,) = re.findall(r"^\$ cronmend alert routes ([^\n]*)\n(.*?)```", DOCS, re.DOTALL | re.MULTILINE)
    assert RUN.invoke(alert_app, ["routes", *answer[0].split()]).stdout == answer[1]


def test_build_writes_what_the_functions_read_and_reports_stale_files(file: Path) -> None:
    options = ["build", "--file", str(file), "--root", str(file.parent)]
    stale = RUN.invoke(alert_app, [*options, "--check"])
    assert (stale.exit_code, "stale: functions/cronmend/alerting/alerts.json" in stale.output) == (1, True)
    assert not (file.parent / ROUTES).exists()
    assert RUN.invoke(alert_app, options).exit_code == 0
    assert RUN.invoke(alert_app, [*options, "--check"]).exit_code == 0
    built = routes.read((file.parent / ROUTES).read_text(encoding="utf-8"))
    assert built.get("oncall").channels == ("slack:C0123ABCD",)
    assert built.get("oncall").escalate_to == "lead"
    assert built.get("default").quiet is not None
    assert [rule.route for rule in built.rules] == ["default", "oncall"]


def test_build_writes_nothing_from_a_file_with_a_mistake(file: Path) -> None:
    file.write_text("[routes.default]\nchannels = []\n")
    result = RUN.invoke(alert_app, ["build", "--file", str(file), "--root", str(file.parent)])
    assert (result.exit_code, "Nothing was done" in result.output) == (1, True)
    assert not (file.parent / ROUTES).exists()


def test_without_a_file_alerts_go_to_every_channel_of_the_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert RUN.invoke(alert_app, ["check"]).exit_code == 0
    assert RUN.invoke(alert_app, ["build"]).exit_code == 0
    assert routes.read(ROUTES.read_text(encoding="utf-8")).get("default").channels == CHANNELS


def test_check_prints_json(file: Path) -> None:
    with (file.parent / "jobs.toml").open("a") as jobs:
        jobs.write('alert = "onkall"\n')
    result = RUN.invoke(alert_app, ["check", str(file), "--json"])
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["mistakes"]) == (1, 1)
    (finding,) = answer["findings"]
    assert finding["key"] == "jobs.purge-revisions.alert"
    assert finding["file"] == str(file.parent / "jobs.toml")
    assert finding["line"] == len((file.parent / "jobs.toml").read_text().splitlines())
    assert finding["remedy"] == 'write "oncall", or add [routes.onkall]'


def test_invalid_toml_is_reported_with_its_line(file: Path) -> None:
    file.write_text("[routes.default]\nchannels = slack\n")
    result = RUN.invoke(alert_app, ["check", str(file)])
    assert (result.exit_code, ":2 mistake TOML" in result.output.replace("\n", "")) == (1, True)


def test_an_alert_waits_at_night_unless_it_is_urgent(file: Path) -> None:
    waiting, urgent = (
        choices(file, "publish-scheduled", "--category", category, *NIGHT)[0]
        for category in ("timeout", "schema_mismatch")
    )
    assert (waiting["route"], waiting["waits_until"]) == ("default", "2026-11-24T08:00:00+00:00")
    assert (urgent["route"], urgent["waits_until"], urgent["escalate_after"]) == ("oncall", None, 900)
    (by_day,) = choices(file, "publish-scheduled", "--category", "timeout", *DAY)
    assert (by_day["waits_until"], "outside the quiet hours" in by_day["when"]) == (None, True)


def test_an_alert_below_the_least_severity_is_not_sent(file: Path) -> None:
    file.write_text('[routes.default]\nleast = "critical"\n')
    (way,) = choices(file, "send-report", "--severity", "warning")
    assert (way["sent"], way["when"]) == (False, "recorded but not sent: warning is below the route's least, critical")


def test_the_reason_says_what_chose_the_route(file: Path) -> None:
    with (file.parent / "jobs.toml").open("a") as jobs:
        jobs.write('alert = "lead"\n')
    why = {way["job"]: way["why"] for way in choices(file, "--category", "timeout")}
    assert why["cronmend-jobs/send-report"].startswith("rules[1] matches")
    assert why["cronmend-jobs/publish-scheduled"] == "no rule matches, and jobs.toml names no route"
    assert re.search(r"no rule matches, and .*jobs\.toml:\d+ names this route", why["cronmend-jobs/purge-revisions"])


def test_defaults_do_not_hold_for_a_job_defined_elsewhere(file: Path) -> None:
    (file.parent / "jobs.toml").write_text('[defaults]\nalert = "lead"\nseverity = "critical"\n' + JOBS)
    ours, theirs = (choices(file, job, "--category", "unknown")[0] for job in ("purge-revisions", "other/job"))
    assert (ours["route"], ours["severity"]) == ("lead", "critical")
    assert (theirs["route"], theirs["severity"]) == ("default", "error")


def test_a_job_defined_elsewhere_is_named_by_its_id(file: Path) -> None:
    (way,) = choices(file, "other/job", "--category", "unknown")
    assert (way["job"], way["route"], way["severity"]) == ("other/job", "default", "error")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["publsh"], "No job named publsh in jobs.toml (it defines publish-scheduled"),
        (["--category", "timout"], 'Write "timeout".'),
        (["--severity", "loud"], '"loud" is not one of info'),
        (["--at", "noon"], "Use a date such as 2026-12-01T08:00Z or a duration such as 8h"),
    ],
)
def test_a_wrong_argument_is_an_error_with_its_remedy(file: Path, words: list[str], message: str) -> None:
    result = run(file, *words)
    assert (result.exit_code, message in result.output) == (1, True), result.output


def test_without_a_job_the_routes_are_listed_too(file: Path) -> None:
    listed = run(file, *DAY).stdout
    assert "oncall  slack:C0123ABCD; if one fails, sns  quiet 22:00 to 07:00 Europe/London" in listed
    assert listed.count("severity error") == 3


def test_the_schema_and_the_check_know_the_same_keys() -> None:
    content = json.loads(schema.text())["properties"]
    route = content["routes"]["additionalProperties"]["properties"]
    assert [*route] == [key.name for key in ROUTE_KEYS]
    assert [*route["quiet"]["properties"]] == [key.name for key in QUIET_KEYS]
    assert [*content["rules"]["items"]["properties"]] == [key.name for key in RULE_KEYS]
