from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.jobs.check import check_jobs
from cli.jobs.job import jobs_of, override
from cli.toml_files.findings import mistakes
from cli.toml_files.source import BadFile, load, merge, parse
from cronmend.errors import Permanent
from tests.cli.jobs.samples import SMALLEST, findings, with_job

HERE = Path(__file__).parent
EXPECTED = [
    (2, "grup", "write group"),
    (8, "defaults.subnets", 'write ["subnet-0d0eab1bb38d5ca64"]'),
    (10, "defaults.max_event_age", 'write "1d", or a value in that range'),
    (13, "jobs.unix-order.schedule", "write ? for the one that does not matter, such as '? * MON-FRI'"),
    (17, "jobs.sunday-is-one.schedule", "write 0-59"),
    (17, "jobs.sunday-is-one.schedule", "write 1-7 or SUN-SAT (Sunday is 1)"),
    (18, "jobs.sunday-is-one.command", 'write ["python", "manage.py", "send_report", "--to", "all staff"]'),
    (21, "jobs.no-such-day.schedule", "write a date that exists and is in the future"),
    (22, "jobs.no-such-day.timezone", "write Europe/London"),
    (23, "jobs.no-such-day.comand", "write command"),
    (26, "jobs.sizes.schedule", "such as rate(5 minutes); the shortest is a minute"),
    (28, "jobs.sizes.memory", "write one of 1024, 2048, 3072, 4096"),
    (29, "jobs.sizes.rerun", 'write "safe" or "unstarted" or "never"'),
    (32, "jobs.both-capacities.schedule", "such as at(2026-05-06T11:15:00), and set timezone"),
    (34, "jobs.both-capacities.capacity_providers", "remove one of the two"),
    (38, "jobs.overridden.logConfiguration", "remove it here and set it in the task definition"),
    (39, "jobs.overridden.containerOverrides", "write command and environment"),
    (40, "jobs.overridden.environment", 'write RETRIES = "3"'),
    (40, "jobs.overridden.environment", "remove CRONMEND_SLOT"),
    (41, "jobs.overridden.task_definition", "such as webapp:12"),
    (44, "jobs.dates.schedule", "write one day, # and 1-5"),
    (46, "jobs.dates.end", "write a date and time after 2027-01-01"),
    (47, "jobs.dates.description", "shorten it"),
    (54, "jobs.with space", "1 to 64 of letters, digits, - _ ."),
    (56, "jobs.with space.group", "write group once at the top of the file"),
    (57, "jobs.with space.retry_attempts", "write a number from 0 to 185"),
    (58, "jobs.with space.enabled", "write true, without quotes"),
]


def keys(text: str) -> set[str]:
    return {finding.key.removeprefix("jobs.publish-scheduled.") for finding in mistakes(findings(text))}


def warnings(text: str) -> list[str]:
    return [f"{finding.key}: {finding.problem}" for finding in findings(text) if finding.warning]


def test_all_mistakes_are_reported_at_once() -> None:
    found = check_jobs(load(HERE / "twenty_mistakes.toml"), datetime(2026, 1, 1, tzinfo=UTC))
    reported = {(finding.location.line, finding.key) for finding in found}
    assert reported == {(line, key) for line, key, _ in EXPECTED}
    assert len(found) == len(EXPECTED)
    for line, key, remedy in EXPECTED:
        remedies = [each.remedy for each in found if (each.location.line, each.key) == (line, key)]
        assert any(remedy in each for each in remedies), (line, key, remedies)


def test_the_smallest_file_has_no_mistakes() -> None:
    assert findings(SMALLEST) == []


def test_no_run_is_stopped_without_a_limit_of_its_owner() -> None:
    assert keys(with_job('on_overdue = "stop"')) == {"on_overdue"}
    assert findings(with_job('on_overdue = "stop"\nmax_runtime = "10m"')) == []
    assert keys(with_job('on_overdue = "kill"')) == {"on_overdue"}


LIMITS = [
    ('description = "' + "x" * 512 + '"', 'description = "' + "x" * 513 + '"', "description"),
    ("retry_attempts = 185", "retry_attempts = 186", "retry_attempts"),
    ("retry_attempts = 0", "retry_attempts = -1", "retry_attempts"),
    ("retry_attempts = 1", "retry_attempts = true", "retry_attempts"),
    ('max_event_age = "60s"', 'max_event_age = "59s"', "max_event_age"),
    ('max_event_age = "1d"', 'max_event_age = "86401s"', "max_event_age"),
    ('max_event_age = "10m"', "max_event_age = 600", "max_event_age"),
    ('flexible_window = "1m"', 'flexible_window = "0m"', "flexible_window"),
    ('flexible_window = "1440m"', 'flexible_window = "1441m"', "flexible_window"),
    ('flexible_window = "120s"', 'flexible_window = "90s"', "flexible_window"),
    ("task_count = 10", "task_count = 11", "task_count"),
    ("task_count = 1", "task_count = 0", "task_count"),
    (f"subnets = {['subnet-1'] * 16}", f"subnets = {['subnet-1'] * 17}", "subnets"),
    ('subnets = ["subnet-1"]', "subnets = []", "subnets"),
    ('subnets = ["subnet-1"]', 'subnets = ["sg-1"]', "subnets"),
    (f"security_groups = {['sg-1'] * 5}", f"security_groups = {['sg-1'] * 6}", "security_groups"),
    ("cpu = 256\nmemory = 2048", "cpu = 256\nmemory = 3072", "memory"),
    ("cpu = 16384\nmemory = 122880", "cpu = 16384\nmemory = 122881", "memory"),
    ("cpu = 4096\nmemory = 8192", "cpu = 3072\nmemory = 8192", "cpu"),
    ("cpu = 256\nmemory = 512", "cpu = 256", "cpu"),
    ("cpu = 256\nmemory = 512", "memory = 512", "memory"),
    ('cpu = 300\nlaunch_type = "EC2"', 'cpu = 300\nlaunch_type = "FARGATE"', "cpu"),
    ('launch_type = "EC2"', 'launch_type = "ec2"', "launch_type"),
    ('task_definition = "webapp:12"', 'task_definition = "webapp:0"', "task_definition"),
    (
        'task_definition = "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:12"',
        'task_definition = "arn:aws:ecs:eu-west-2:1111:task-definition/webapp:12"',
        "task_definition",
    ),
    ('cluster = "app-prod"', 'cluster = "app prod"', "cluster"),
    ('cluster = "app-prod"', 'cluster = "arn:aws:ecs:eu-west-2:111122223333:service/app"', "cluster"),
    ('command = ["python", "manage.py"]', 'command = ["python manage.py"]', "command"),
    ('command = ["python"]', "command = []", "command"),
    ('environment = { A = "1" }', "environment = { A = 1 }", "environment"),
    ('environment = { A = "1" }', 'environment = { "1A" = "1" }', "environment"),
    ('environment = { A = "1" }', 'environment = { CRONMEND_JOB = "1" }', "environment"),
    ("start = 2026-06-01T00:00:00Z", "start = 2026-06-01T00:00:00", "start"),
    ('start = "2026-06-01T00:00:00Z"', 'start = "tomorrow"', "start"),
    ("end = 2026-06-01T00:00:00Z", "end = 2026-06-01", "end"),
    ("end = 2026-06-01T00:00:00Z", "end = 2026-01-01T00:00:00Z", "schedule"),
    (
        "start = 2026-06-01T00:00:00Z\nend = 2026-06-02T00:00:00Z",
        "start = 2026-06-01T00:00:00Z\nend = 2026-06-01T00:00:00Z",
        "end",
    ),
    ('capacity_providers = [{ provider = "FARGATE_SPOT" }]', "capacity_providers = []", "capacity_providers"),
    (
        'capacity_providers = [{ provider = "FARGATE", weight = 1000 }]',
        'capacity_providers = [{ provider = "FARGATE", weight = 1001 }]',
        "capacity_providers",
    ),
    (
        'capacity_providers = [{ provider = "FARGATE", base = 1, weight = 1 }, { provider = "FARGATE_SPOT" }]',
        'capacity_providers = [{ provider = "a", base = 1, weight = 1 }, { provider = "b", base = 1 }]',
        "capacity_providers",
    ),
    ('capacity_providers = [{ provider = "a" }]', 'capacity_providers = [{ name = "a" }]', "capacity_providers"),
    ("attempts = 10", "attempts = 11", "attempts"),
    ('max_runtime = "14d"', 'max_runtime = "15d"', "max_runtime"),
    ('deadline = "1d"', 'deadline = "2d"', "deadline"),
    ('runbook = "https://wiki/x"', 'runbook = "wiki"', "runbook"),
    ('severity = "critical"', 'severity = "loud"', "severity"),
    ('alert = "web-team"', 'alert = "web team"', "alert"),
    ('on_overdue = "stop"\nsilent_after = "30m"', 'on_overdue = "stop"', "on_overdue"),
    ('must_contain = ["^exported"]', 'must_contain = ["(exported"]', "must_contain"),
    ('must_contain = ["done"]', 'must_contain = ["(?=done)"]', "must_contain"),
    ('must_not_contain = ["partial"]', 'must_not_contain = ["p*"]', "must_not_contain"),
    ("number = { pattern = '(\\d+) rows', min = 1 }", "number = { pattern = '\\d+ rows', min = 1 }", "number"),
    ("number = { pattern = '(\\d+) rows', max = 1.5 }", "number = { pattern = '(\\d+) rows' }", "number"),
    (
        "number = { pattern = '(\\d+)', min = 1, max = 1 }",
        "number = { pattern = '(\\d+)', min = 2, max = 1 }",
        "number",
    ),
    ('silence = "ok"', 'silence = "fine"', "silence"),
    ('slo = "99 % in 28d"', 'slo = "99 % in 29d"', "slo"),
    ('slo = "99.999% in 1d"', 'slo = "100 % in 28d"', "slo"),
    ('on_finding = "none"', 'on_finding = "never"', "on_finding"),
    ("enabled = false", 'enabled = "false"', "enabled"),
    ('timezone = "Europe/London"', 'timezone = "BST"', "timezone"),
    ('schedule = "at(2026-05-06T11:15:00)"', 'schedule = "at(2026-05-06T10:15:00)"', "schedule"),
    ('schedule = "0 9 * * 1-5"', 'schedule = "0 9 1 * 1"', "schedule"),
]


@pytest.mark.parametrize(("good", "bad", "key"), LIMITS)
def test_both_sides_of_every_limit(good: str, bad: str, key: str) -> None:
    assert keys(with_job(*good.split("\n"))) == set()
    assert keys(with_job(*bad.split("\n"))) == {key}


def test_an_override_of_8192_characters_and_one_of_8193() -> None:
    job = jobs_of(parse(with_job('command = ["x"]')).tables)[0]
    room = 8192 - len(override(job)) + 1
    assert keys(with_job(f'command = ["{"x" * room}"]')) == set()
    assert keys(with_job(f'command = ["{"x" * (room + 1)}"]')) == {"command"}


@pytest.mark.parametrize("key", ["schedule", "task_definition", "container", "cluster", "subnets"])
def test_a_missing_key_is_reported_at_the_job(key: str) -> None:
    text = "\n".join(line for line in SMALLEST.splitlines() if not line.startswith(f"{key} ="))
    (finding,) = findings(text)
    assert finding.key == f"jobs.publish-scheduled.{key}"
    assert finding.location.line == text.splitlines().index("[jobs.publish-scheduled]") + 1
    assert f"{key} = " in finding.remedy or finding.remedy.startswith("write schedule")


def test_a_mistake_in_one_job_hides_none_of_another() -> None:
    other = '[jobs.other]\nschedule = "cron(0 0 30 2 ? *)"\ncommand = ["true"]\n'
    assert len(mistakes(findings(with_job('schedule = "often"') + other))) == 2


def test_a_name_of_64_characters_and_one_of_65() -> None:
    assert mistakes(findings(SMALLEST.replace("publish-scheduled]", "x" * 64 + "]"))) == []
    assert len(mistakes(findings(SMALLEST.replace("publish-scheduled]", "x" * 65 + "]")))) == 1


def test_the_first_19_characters_that_two_jobs_share() -> None:
    second = '[jobs.{}]\nschedule = "cron(30 * * * ? *)"\ncommand = ["true"]\n'
    assert warnings(SMALLEST + second.format("publish-scheduler")) == []
    long = SMALLEST.replace("publish-scheduled]", "prod-publish-scheduled-a]")
    (warning,) = warnings(long + second.format("prod-publish-scheduled-b"))
    assert "'prod-publish-schedu', with prod-publish-scheduled-a" in warning
    assert "CRONMEND_JOB" in warning
    (warning,) = warnings(long + '[jobs.prod-publish-scheduled-b]\nmanaged = false\ngroup = "default"\n')
    assert "it doesn't re-run it" in warning


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (['schedule = "rate(1 minute)"'], "fires every 1m"),
        (['max_runtime = "2h"'], "longer than the 1h between two slots"),
        (['schedule = "*/15 * * * *"'], "read as cron(*/15 * * * ? *)"),
        (['command = ["python", "a.py", "&&", "python", "b.py"]'], "no shell runs the command"),
        (['environment = { DB_PASSWORD = "hunter2" }'], "DB_PASSWORD looks like a secret"),
        (['environment = { DB_URL = "postgres://u:hunter2@db/app" }'], "DB_URL looks like a secret"),
        (['environment = { K = "AKIAIOSFODNN7EXAMPLE" }'], "K looks like a secret"),
        (['environment = { GH = "ghp_0123456789abcdefghijABCDEFGHIJ012345" }'], "GH looks like a secret"),
        (['command = ["run", "--password=hunter2"]'], "a word looks like a secret"),
        (['command = ["run", "--password", "hunter2"]'], "a word looks like a secret"),
        (['schedule = "cron(0 9 ? * 1-5 *)"'], "day-of-week '1-5' is SUN-THU"),
        (['schedule = "cron(0 9 ? * 6,7 *)"'], "day-of-week '6,7' is FRI,SAT"),
    ],
)
def test_an_unwise_value_is_a_warning(lines: list[str], problem: str) -> None:
    text = with_job(*lines)
    assert mistakes(findings(text)) == []
    assert any(problem in each for each in warnings(text)), warnings(text)


def test_a_variable_that_only_speaks_of_a_secret_is_none() -> None:
    line = 'environment = { TOKEN_TTL = "3600", DATABASE_URL = "postgres://db/app", SECRET_NAME = "prod/db" }'
    assert findings(with_job(line)) == []


@pytest.mark.parametrize(
    ("lines", "problem", "remedy"),
    [
        (['platform_version = "1.4"'], "'1.4' is not a platform version", '"1.4.0"'),
        (['launch_type = "EC2"', 'platform_version = "LATEST"'], "only Fargate has platform versions", "remove it"),
        (['capacity_providers = [{ provider = "FARGATE" }, { provider = "own", weight = 1 }]'], "not both", "keep one"),
        (
            ['capacity_providers = [{ provider = "FARGATE_SPOT", weight = 0 }]'],
            "no provider has a weight",
            "weight = 1",
        ),
        (['capacity_providers = [{ provider = "a" }, { provider = "b" }]'], "no provider has a weight", "weight = 1"),
        (['command = [""]'], "the first word, the program, is empty", "write the program"),
        (['command = [" ", "x"]'], "the first word, the program, is empty", "write the program"),
        (['timezone = "posixrules"'], "is not an IANA time zone", "such as Europe/London"),
        (['timezone = "right/UTC"'], "is not an IANA time zone", "such as Europe/London"),
        (['timezone = "PST"'], "is not an IANA time zone", "write America/Los_Angeles"),
        (['timezone = "IST"'], "is not an IANA time zone", "Asia/Kolkata, Europe/Dublin or Asia/Jerusalem"),
        (['timezone = "BST"'], "is not an IANA time zone", "Europe/London, or Asia/Dhaka"),
        (['propagate_tags = "TASK_DEFINITION"'], "is not true or false", "write true, without quotes"),
        (['propagate_tags = "SERVICE"'], "is not true or false", "write true or false"),
        (['assign_public_ip = "DISABLED"'], "is not true or false", "write false"),
        (['launch_type = "FARGATE_SPOT"'], "is not one of", 'capacity_providers = [{ provider = "FARGATE_SPOT"'),
    ],
)
def test_a_value_that_aws_refuses_is_a_mistake_with_the_right_advice(
    lines: list[str], problem: str, remedy: str
) -> None:
    (found,) = [each for each in findings(with_job(*lines)) if not each.warning]
    assert problem in found.problem
    assert remedy in found.remedy


def test_capacity_that_aws_accepts_has_no_finding() -> None:
    own = '[{ provider = "a", base = 1 }, { provider = "b", weight = 1 }]'
    for strategy in ('[{ provider = "FARGATE_SPOT" }]', own):
        assert findings(with_job(f"capacity_providers = {strategy}")) == []


def test_a_schedule_defined_elsewhere_has_only_a_policy() -> None:
    elsewhere = '[jobs.theirs]\nmanaged = false\ngroup = "default"\nrerun = "safe"\nowner = "ops"\n'
    assert findings(SMALLEST + elsewhere) == []
    (finding,) = findings(SMALLEST + elsewhere + 'command = ["true"]\n')
    assert finding.key == "jobs.theirs.command"


def test_an_environment_is_merged_over_the_file_and_named_in_its_mistakes() -> None:
    production = '[defaults]\ncluster = "app-live"\n[jobs.publish-scheduled]\nmemory = 100\ncpu = 256\n'
    (finding,) = findings(SMALLEST, production)
    assert (finding.location.file, finding.location.line, finding.key) == ("1.toml", 4, "jobs.publish-scheduled.memory")
    merged = merge((parse(SMALLEST), parse(production)))
    assert merged.tables["defaults"]["cluster"] == "app-live"
    assert merged.tables["defaults"]["container"] == "web"


@pytest.mark.parametrize(
    ("text", "line"), [("[defaults]\ncluster = app", 2), ("a = 1\na = 2", 2), ("[jobs.x]\n[jobs.x]", 2)]
)
def test_invalid_toml_is_reported_with_its_line(text: str, line: int) -> None:
    with pytest.raises(BadFile) as caught:
        parse(text)
    assert caught.value.findings[0].location.line == line


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(Permanent, match="cronmend jobs import"):
        load(tmp_path / "jobs.toml")


@pytest.mark.parametrize(
    "text",
    ["", "jobs = 1", "defaults = 1\njobs = { a = 1 }", "[jobs]\na = 1", "[jobs.a.environment]\nx = {}", "group = 3"],
)
def test_any_shape_of_table_is_a_mistake_and_no_crash(text: str) -> None:
    assert mistakes(findings(text))


@pytest.mark.parametrize(
    ("schedule", "start", "said"),
    [
        ("cron(0 * * * ? *)", "2026-05-06T10:50:00Z", "it has no effect any more, and AWS refuses it"),
        ("rate(1 day)", "2026-05-01T06:00:00Z", "it sets the phase of rate(1 day), and AWS refuses it"),
        ("rate(1 day)", "2026-05-07T06:00:00Z", ""),
        ("cron(0 * * * ? *)", "2026-05-06T10:58:00Z", ""),
    ],
)
def test_a_start_date_that_has_passed_is_a_warning(schedule: str, start: str, said: str) -> None:
    text = with_job(f'schedule = "{schedule}"', f"start = {start}")
    found = [finding for finding in findings(text) if finding.key.endswith(".start")]
    assert ([finding.warning for finding in found], bool(found)) == ([True] * bool(said), bool(said))
    assert all(said in finding.problem for finding in found)
    if schedule.startswith("rate"):
        assert all("write 2026-05-07T06:00:00Z, which keeps the phase" in finding.remedy for finding in found)


@pytest.mark.parametrize(
    ("schedule", "slo", "odd"),
    [
        ("cron(0 7 * * ? *)", "99 % in 28d", ["the job starts 28 times in 28 days, so 99 % allows no bad run"]),
        ("cron(0 7 * * ? *)", "95 % in 28d", []),
        ("rate(1 hour)", "99 % in 7d", []),
        ("rate(1 day)", "50 % in 1d", ["the job starts 1 time in 1 day, so 50 % allows no bad run"]),
    ],
)
def test_an_slo_that_allows_no_bad_run_is_a_warning(schedule: str, slo: str, odd: list[str]) -> None:
    text = SMALLEST.replace("cron(0 * * * ? *)", schedule)
    assert schedule in text
    assert [each.partition(": ")[2] for each in warnings(f'{text}slo = "{slo}"\n')] == odd
    assert warnings(text.replace("[defaults]", f'[defaults]\nslo = "{slo}"')) == []
