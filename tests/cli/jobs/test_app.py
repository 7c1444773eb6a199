import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from cli.jobs import schema
from cli.jobs.app import jobs_app
from cli.jobs.built_files import POLICIES, SCHEMA, TEMPLATE, built_files
from cli.jobs.job import jobs_of
from cli.jobs.keys import KEYS
from cli.jobs.template import logical_id
from cli.toml_files.keys import reference
from cli.toml_files.source import load
from cronmend.jobs import policies
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Policy
from tests import ROOT
from tests.cli.jobs.samples import SMALLEST, findings, with_job
from tests.cli.jobs.test_round_trip import Loader

RUN = CliRunner()
AFTER = ["--after", "2026-03-28T22:00:00Z", "--count", "3"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "jobs.toml"
    path.write_text(with_job('timezone = "Europe/London"'))
    return path


def test_a_file_without_jobs_has_to_say_so(file: Path) -> None:
    file.write_text('[defaults]\ncluster = "app-prod"\n')
    result = RUN.invoke(jobs_app, ["check", str(file)])
    assert result.exit_code == 1
    assert "or an empty [jobs] if there are none" in " ".join(result.output.split())
    file.write_text('[defaults]\ncluster = "app-prod"\n[jobs]\n')
    assert RUN.invoke(jobs_app, ["check", str(file)]).exit_code == 0


def test_the_generated_files_are_up_to_date() -> None:
    result = RUN.invoke(jobs_app, ["build", "--check", "--file", str(ROOT / "jobs.toml"), "--root", str(ROOT)])
    assert result.exit_code == 0, result.output


def test_the_example_file_has_no_mistakes() -> None:
    example = ROOT / "docs/examples/website/jobs.toml"
    assert RUN.invoke(jobs_app, ["check", str(example)]).exit_code == 0
    assert {job.name: str(job.policy.rerun) for job in jobs_of(load(example).tables)} == {
        "publish-scheduled": "safe",
        "linkcheck": "safe",
        "send-moderator-digest": "unstarted",
    }


def test_the_docs_list_every_key_as_the_table_has_it() -> None:
    assert reference(KEYS) in (ROOT / "docs/jobs.md").read_text(encoding="utf-8")


def test_check_exits_with_1_for_a_mistake_and_0_for_warnings_only(file: Path) -> None:
    assert RUN.invoke(jobs_app, ["check", str(file)]).exit_code == 0
    file.write_text(with_job('schedule = "rate(1 minute)"'))
    result = RUN.invoke(jobs_app, ["check", str(file)])
    assert (result.exit_code, "no mistakes, 1 warning" in result.output) == (0, True)
    file.write_text(with_job('schedule = "rate(0 minutes)"'))
    result = RUN.invoke(jobs_app, ["check", str(file)])
    assert (result.exit_code, "1 mistake" in result.output) == (1, True)


def test_a_start_date_that_passes_is_left_out_and_makes_no_built_file_stale(file: Path) -> None:
    file.write_text(with_job("start = 2026-05-01T06:00:00Z"))
    source, options = load(file), ["build", "--file", str(file), "--root", str(file.parent)]
    before, after = (built_files(source, datetime(2026, day, 1, tzinfo=UTC))[TEMPLATE] for day in (4, 6))
    assert ("StartDate" in before, "StartDate" in after) == (True, False)
    assert RUN.invoke(jobs_app, options).exit_code == 0
    assert (file.parent / TEMPLATE).read_text() == after
    for built in (before, after):
        (file.parent / TEMPLATE).write_text(built)
        assert RUN.invoke(jobs_app, [*options, "--check"]).exit_code == 0
    file.write_text(with_job('schedule = "rate(1 day)"', "start = 2026-05-01T06:00:00Z"))
    assert "StartDate" in built_files(load(file), datetime(2026, 6, 1, tzinfo=UTC))[TEMPLATE]


def test_build_writes_the_same_bytes_again_and_reports_stale_files(file: Path) -> None:
    options = ["build", "--file", str(file), "--root", str(file.parent)]
    assert RUN.invoke(jobs_app, [*options, "--check"]).exit_code == 1
    assert not (file.parent / TEMPLATE).exists()
    assert RUN.invoke(jobs_app, options).exit_code == 0
    first = {path: (file.parent / path).read_bytes() for path in (TEMPLATE, POLICIES, SCHEMA)}
    assert RUN.invoke(jobs_app, [*options, "--check"]).exit_code == 0
    RUN.invoke(jobs_app, options)
    assert {path: (file.parent / path).read_bytes() for path in first} == first
    (file.parent / TEMPLATE).write_text("by hand")
    result = RUN.invoke(jobs_app, [*options, "--check"])
    assert (result.exit_code, "stale: schedules/template.yaml" in result.output) == (1, True)


def test_defaults_hold_for_the_jobs_of_the_file_only(file: Path) -> None:
    shared = '[defaults]\nowner = "web team"\nseverity = "critical"\nrunbook = "https://wiki/x"\nalert = "web"'
    file.write_text(with_job().replace("[defaults]", f'{shared}\nrerun = "safe"\nstale_after = "2h"'))
    built = policies.read(built_files(load(file))[POLICIES])
    job = built.of("cronmend-jobs/publish-scheduled")
    assert (job.owner, job.severity, job.alert, job.rerun) == ("web team", "critical", "web", Policy.SAFE)
    assert built.of("default/in-no-file") == JobPolicy("default/in-no-file")


def test_every_key_has_an_effect() -> None:
    properties = json.loads(schema.text())["properties"]["jobs"]["additionalProperties"]["properties"]
    marked = [name for name, each in properties.items() if each["description"].startswith("not yet")]
    assert marked == []


def test_build_writes_nothing_from_a_file_with_a_mistake(file: Path) -> None:
    file.write_text(with_job('rerun = "always"'))
    assert RUN.invoke(jobs_app, ["build", "--file", str(file), "--root", str(file.parent)]).exit_code == 1
    assert not (file.parent / TEMPLATE).exists()


def test_build_merges_the_file_of_an_environment(file: Path) -> None:
    file.with_name("jobs.production.toml").write_text('[defaults]\ncluster = "app-live"\n')
    options = ["build", "--file", str(file), "--root", str(file.parent), "--env", "production"]
    assert RUN.invoke(jobs_app, options).exit_code == 0
    assert "cluster/app-live" in (file.parent / TEMPLATE).read_text()


def test_next_marks_slots_that_a_clock_change_skips(file: Path) -> None:
    result = RUN.invoke(jobs_app, ["next", "publish-scheduled", "--file", str(file), *AFTER])
    assert result.stdout.splitlines()[1:] == [
        "  2026-03-28T23:00:00+00:00  Sat",
        "  2026-03-29T00:00:00+00:00  Sun",
        "  2026-03-29T01:00:00+00:00  Sun  skipped: the clocks go forward past this time",
        "  2026-03-29T02:00:00+01:00  Sun",
    ]


def test_next_as_json_has_the_slots_that_fire_in_the_jobs_zone(file: Path) -> None:
    result = RUN.invoke(jobs_app, ["next", "--file", str(file), "--json", *AFTER])
    assert json.loads(result.stdout) == {
        "publish-scheduled": ["2026-03-28T23:00:00+00:00", "2026-03-29T00:00:00+00:00", "2026-03-29T02:00:00+01:00"]
    }


def test_next_lists_the_defined_jobs_for_an_unknown_name(file: Path) -> None:
    result = RUN.invoke(jobs_app, ["next", "publish", "--file", str(file)])
    assert (
        result.exit_code,
        "No job named publish in" in result.output and "it defines publish-scheduled" in result.output,
    ) == (1, True)


def test_a_rate_counts_from_now(file: Path) -> None:
    file.write_text(with_job('schedule = "rate(1 day)"'))
    result = RUN.invoke(jobs_app, ["next", "--file", str(file), "--json", *AFTER])
    assert json.loads(result.stdout)["publish-scheduled"][0] == "2026-03-29T22:00:00+00:00"


def test_every_schedule_has_its_own_role_that_can_only_start_it(file: Path) -> None:
    text = built_files(load(file))[TEMPLATE]
    resources = yaml.load(text, Loader)["Resources"]  # noqa: S506 - a safe loader
    role = resources["PublishScheduledRole"]["Properties"]
    (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "scheduler.amazonaws.com"}
    group = "arn:aws:scheduler:eu-west-2:111122223333:schedule-group/cronmend-jobs"
    assert trust["Condition"]["StringEquals"]["aws:SourceArn"] == group
    statements = {each["Action"]: each for each in role["Policies"][0]["PolicyDocument"]["Statement"]}
    assert statements.keys() == {"ecs:RunTask", "iam:PassRole", "sqs:SendMessage"}
    cluster = "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod"
    assert statements["ecs:RunTask"]["Condition"] == {"ArnEquals": {"ecs:cluster": cluster}}
    assert statements["ecs:RunTask"]["Resource"].endswith("task-definition/webapp:*")
    assert statements["iam:PassRole"]["Condition"]["StringEquals"]["iam:PassedToService"] == "ecs-tasks.amazonaws.com"


def test_logical_ids_of_names_that_look_alike_differ() -> None:
    names = ["a-b", "ab", "a_b", "a.b", "A-b", "a-1", "a1", "a--b", "AB"]
    assert len({logical_id(name) for name in names}) == len(names)
    assert logical_id("publish-scheduled") == "PublishScheduled"


def test_import_writes_a_file_once(tmp_path: Path) -> None:
    crontab, out = tmp_path / "crontab", tmp_path / "jobs.toml"
    crontab.write_text("0 * * * * true\n")
    assert RUN.invoke(jobs_app, ["import", str(crontab), "--out", str(out)]).exit_code == 0
    assert "[jobs.true]" in out.read_text()
    assert RUN.invoke(jobs_app, ["import", str(crontab), "--out", str(out)]).exit_code == 1
    assert RUN.invoke(jobs_app, ["import", str(tmp_path / "none")]).exit_code == 1


def test_terraforms_names_start_with_a_letter(tmp_path: Path) -> None:
    path = tmp_path / "jobs.toml"
    path.write_text(SMALLEST.replace("publish-scheduled]", "9am-report]"))
    exported = json.loads(RUN.invoke(jobs_app, ["export", "--terraform", "--file", str(path)]).stdout)["resource"]
    (name,) = exported["aws_scheduler_schedule"]
    assert name.startswith("Job9amReport")
    assert exported["aws_scheduler_schedule"][name]["name"] == "9am-report"


def test_export_is_terraform_json_with_interpolation_escaped(file: Path) -> None:
    file.write_text(with_job('command = ["sh", "-c", "echo ${HOME} %{x}"]'))
    exported = json.loads(RUN.invoke(jobs_app, ["export", "--terraform", "--file", str(file)]).stdout)["resource"]
    schedule = exported["aws_scheduler_schedule"]["PublishScheduled"]
    assert json.loads(schedule["target"]["input"])["containerOverrides"][0]["command"][2] == "echo $${HOME} %%{x}"
    assert schedule["target"]["role_arn"] == "${aws_iam_role.PublishScheduled.arn}"
    assert schedule["target"]["ecs_parameters"]["network_configuration"]["assign_public_ip"] is False
    assert RUN.invoke(jobs_app, ["export", "--file", str(file)]).exit_code == 2


def test_every_toml_in_the_docs_is_valid() -> None:
    docs = (ROOT / "docs/jobs.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", docs, re.DOTALL)
    assert len(blocks) == 2
    assert [findings(block) for block in blocks] == [[], []]


def test_mistakes_are_a_document_too(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8").replace("schedule", "shedule"), encoding="utf-8")
    result = RUN.invoke(jobs_app, ["check", str(file), "--json"])
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["mistakes"]) == (1, len(answer["findings"]))
    assert {"file", "line", "key", "problem", "remedy", "warning"} == answer["findings"][0].keys()
