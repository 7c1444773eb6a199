"""Crontabs of every kind, and files that are none."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.jobs.app import jobs_app
from cli.jobs.importers.crontab import converted, has_users
from cli.jobs.importers.kinds import Kind, kind_of
from cronmend.errors import Permanent
from tests.cli.jobs.importing import from_crontab
from tests.cli.jobs.samples import findings, parsed
from tests.cli.jobs.terraform import rule, state, target

CRONTAB = """
# minute hour …
MAILTO=ops@example.org
CRON_TZ=Europe/London
DJANGO_SETTINGS_MODULE=site.settings

0 * * * * cd /app && python manage.py publish_scheduled
30 7 * * 1-5 python manage.py send_report --to "all staff"
@reboot /usr/bin/warm-up
0 9 1 * 1 python manage.py both
0 1 * * * /usr/bin/mail -s 100\\% ops%dear ops
nonsense
"""


def test_a_crontab_becomes_jobs_and_notes() -> None:
    jobs, notes = converted(CRONTAB)
    tables = {job.name: job.table for job in jobs}
    assert tables["app-publish-scheduled"]["command"] == ["sh", "-c", "cd /app && python manage.py publish_scheduled"]
    assert tables["app-publish-scheduled"]["timezone"] == "Europe/London"
    assert tables["app-publish-scheduled"]["environment"] == {"DJANGO_SETTINGS_MODULE": "site.settings"}
    report = tables["send-report-all"]
    assert report["schedule"] == "cron(30 7 ? * MON-FRI *)"
    assert report["command"] == ["python", "manage.py", "send_report", "--to", "all staff"]
    mail = next(job for job in jobs if job.table["schedule"] == "cron(0 1 * * ? *)")
    assert mail.table["command"] == ["/usr/bin/mail", "-s", "100%", "ops"]
    assert "after %" in mail.notes[0]
    text = "\n".join(notes)
    for line in (
        "line 3: MAILTO",
        "line 9: has no AWS",
        "line 10: restricts both",
        "line 12: not a crontab line: 'nonsense'",
    ):
        assert line in text


def test_a_systems_crontab_names_the_user() -> None:
    (job,), _ = converted("0 * * * * root /usr/bin/clean", system=True)
    assert job.table["command"] == ["/usr/bin/clean"]
    assert "runs it as root" in job.notes[0]


def test_an_imported_crontab_lacks_only_where_it_runs() -> None:
    text = from_crontab("0 * * * * true\n0 1 * * * true\n").text
    assert {finding.key.rpartition(".")[2] for finding in findings(text) if not finding.warning} == {
        "cluster",
        "container",
        "subnets",
        "task_definition",
    }
    assert set(parsed(text)["jobs"]) == {"true", "true-2"}


def table(line: str, *, system: bool = False) -> dict[str, object]:
    (job,), notes = converted(line, system=system)
    assert notes == []
    return job.table


def note(line: str) -> str:
    jobs, (only,) = converted(line)
    assert jobs == []
    return only


@pytest.mark.parametrize("line", ["17 *\t* * *\troot\tcd / && run-parts /x", "17 * * * * root cd / && run-parts /x"])
def test_the_user_may_be_followed_by_a_tab(line: str) -> None:
    assert has_users(line)
    assert table(line, system=True)["command"] == ["sh", "-c", "cd / && run-parts /x"]


@pytest.mark.parametrize(
    ("line", "users"),
    [
        ("*/15 * * * * deploy /usr/local/bin/sync-orders --fast", True),
        ("0 3 * * * app python manage.py x", True),
        ("0 3 * * * www-data backup", True),
        ("0 3 * * * python /app/x.py", False),
        ("0 3 * * * deploy", False),
        ("0 3 * * * flock /tmp/x backup", False),
        ("0 3 * * * /usr/bin/backup /var", False),
        ("0 3 * * * root /a\n0 4 * * * python /app/x.py", False),
    ],
)
def test_users_are_recognized_if_every_line_has_one(line: str, users: bool) -> None:
    assert has_users(line) is users


def test_a_file_of_cron_d_is_a_systems_crontab_whatever_its_users_are_called() -> None:
    assert kind_of("0 3 * * * billing sync", "/srv/image/cron.d/billing") is Kind.SYSTEM_CRONTAB
    assert kind_of("0 3 * * * billing sync", "/srv/image/billing") is Kind.CRONTAB


def test_a_line_without_a_command_after_the_user_is_noted() -> None:
    jobs, (only,) = converted("0 3 * * * backup", system=True)
    assert jobs == []
    assert "no command follows the user; if the crontab names no users, add --kind crontab" in only


@pytest.mark.parametrize(
    ("line", "expression"),
    [
        ("0 */5 * * * * * true", "cron(*/5 * * * ? *)"),
        ("0 30 7 * * MON 2027-2030 true", "cron(30 7 ? * MON 2027-2030)"),
        ("30 7 * * MON 2027 true", "cron(30 7 ? * MON 2027)"),
        ("@every 5h true", "rate(5 hours)"),
        ("@every 1h30m true", "rate(90 minutes)"),
        ("@every 24h true", "rate(1 day)"),
        ("@every 60s true", "rate(1 minute)"),
        ("0 3 * * * 7z a x.7z", "cron(0 3 * * ? *)"),
    ],
)
def test_seconds_years_and_intervals(line: str, expression: str) -> None:
    assert table(line)["schedule"] == expression


def test_a_second_of_the_minute_is_dropped_with_a_note() -> None:
    (job,), _ = converted("15 */5 * * * * * true")
    assert "the seconds (15) aren't converted" in job.notes[0]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("*/10 * * * * * * true", "the seconds are */10, but EventBridge starts a job at most once a minute"),
        ("0 0 * * * * true", "six fields"),
        ("@every 90s true", "not a whole number of minutes"),
        ("@every soon true", "not a whole number of minutes"),
        ("@reboot true", "has no AWS equivalent"),
    ],
)
def test_a_time_that_aws_cannot_express_is_noted_with_its_line(line: str, why: str) -> None:
    assert note(line).startswith("line 1: ")
    assert why in note(line)
    assert note(line).endswith(line)


@pytest.mark.parametrize(
    ("text", "timezone", "environment"),
    [
        ("CRON_TZ=Europe/London 0 3 * * * true", "Europe/London", None),
        ("TZ=Europe/London @daily true", "Europe/London", None),
        ("CRON_TZ = 'Europe/London'\n0 3 * * * true", "Europe/London", None),
        ('"A" = "1 2"\nB=\n0 3 * * * true', None, {"A": "1 2", "B": ""}),
        ("A=1\n0 3 * * * A=2 B='x y' true", None, {"A": "2", "B": "x y"}),
    ],
)
def test_zones_and_variables(text: str, timezone: str | None, environment: dict[str, str] | None) -> None:
    assert (table(text).get("timezone"), table(text).get("environment")) == (timezone, environment)
    assert table(text)["command"] == ["true"]


def test_a_variable_tz_is_one_of_the_command_and_noted() -> None:
    (job,), notes = converted("TZ=Europe/London\n0 3 * * * true")
    assert job.table["environment"] == {"TZ": "Europe/London"}
    assert "add timezone" in notes[0]


def test_a_comment_after_a_command_needs_a_shell() -> None:
    assert table("0 3 * * * backup # at night")["command"] == ["sh", "-c", "backup # at night"]


FOREIGN = {
    'resource "aws_scheduler_schedule" "report" {\n  name = "report"\n}': "terraform show -json",
    '# aws_scheduler_schedule.report:\nresource "aws_scheduler_schedule" "report" {\n}': "terraform show -json",
    "locals {\n  a = 1\n}": "terraform show -json",
    "set :output, 'x.log'\nevery 1.day, at: '4:30 am' do\n  runner 'A'\nend": "run `whenever > crontab.txt`",
    "from celery.schedules import crontab\nx = crontab(minute=0)": "Celery",
    "local base = import 'base.libsonnet';\n{ rules: [base] }": "run `jsonnet",
    "import { Rule } from 'aws-cdk-lib/aws-events';": "CDK",
    '{"version": 4, "terraform_version": "1.11.4", "resources": []}': "Terraform's own state",
    "dear diary": "none of these",
    '{"a": 1}': "none of these",
    "": "none of these",
}


@pytest.mark.parametrize("text", FOREIGN)
def test_a_file_of_another_kind_is_refused_with_what_to_do(text: str, tmp_path: Path) -> None:
    file = tmp_path / "source"
    file.write_text(text)
    result = CliRunner().invoke(jobs_app, ["import", str(file)])
    assert result.exit_code == 1
    assert f"'{file}' isn't imported." in " ".join(result.stderr.split())
    assert FOREIGN[text] in " ".join(result.stderr.split())
    assert result.stdout == ""


RULES = '{"cluster": "api", "rules": [{"name": "hourly", "scheduleExpression": "rate(1 hour)"}]}'
STATE = state(
    rule("aws_cloudwatch_event_rule.r", "rate(1 day)", name="r"),
    target("aws_cloudwatch_event_target.t", ["a"], rule="r"),
)
KINDS = {
    Kind.TERRAFORM: STATE.replace('{"values"', '{"variables": {"waf": {"rules": ["a"]}}, "values"'),
    Kind.ECSCHEDULE: RULES,
    Kind.CRONTAB: '# nightly\nA=1\n0 3 * * * curl -H "Accept: text/plain" x',
    Kind.SYSTEM_CRONTAB: "0 3 * * * root /usr/bin/backup",
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_kind_of_a_file_is_that_of_its_content_and_told(kind: Kind, tmp_path: Path) -> None:
    assert kind_of(KINDS[kind]) is kind
    file = tmp_path / "jobs.txt"
    file.write_text(KINDS[kind])
    result = CliRunner().invoke(jobs_app, ["import", str(file)])
    assert result.exit_code == 0
    assert "is read as a" in " ".join(result.stderr.split())
    given = CliRunner().invoke(jobs_app, ["import", str(file), "--kind", str(kind)])
    assert given.stdout == result.stdout


def test_a_kind_that_is_given_is_not_questioned(tmp_path: Path) -> None:
    file = tmp_path / "crontab"
    file.write_text("0 3 * * * billing sync")
    result = CliRunner().invoke(jobs_app, ["import", str(file), "--kind", "system-crontab"])
    assert parsed(result.stdout)["jobs"]["sync"]["command"] == ["sync"]


def test_a_source_without_jobs_is_an_error_after_its_notes(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(state(target("aws_cloudwatch_event_target.t", ["a"], rule="elsewhere")))
    result = CliRunner().invoke(jobs_app, ["import", str(file)])
    assert result.exit_code == 1
    assert "its rule elsewhere isn't in this file" in " ".join(result.stderr.split())
    assert "has no schedule that can become a job" in " ".join(result.stderr.split())


def test_a_kind_that_the_file_is_not_is_an_error() -> None:
    with pytest.raises(Permanent):
        kind_of("[]")
