"""`cronmend jobs new`: what it asks, what it finds in the account, and that a file only grows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner, Result

from cli.jobs import new_command
from cli.jobs.answers import Answer
from cli.jobs.app import jobs_app
from cli.jobs.aws import LiveAccount
from tests.cli.jobs.samples import SMALLEST, parsed
from tests.cli.jobs.test_new_job import DEFINITION, SERVICE, TABLE

NEW = ["nightly", "--schedule", "cron(0 3 * * ? *)", "--command", "python manage.py clean --all"]
COMMENTED = f"# Ours.\n{SMALLEST}owner = 'web team'   # since May\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "jobs.toml"


@dataclass
class FakeAccount:
    """One cluster with one service, as far as a test doesn't add others."""

    by_cluster: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: {"app-prod": {"web": {**SERVICE}}})

    def clusters(self) -> Sequence[str]:
        return sorted(self.by_cluster)

    def service(self, cluster: str, name: str) -> Answer | None:
        return self.by_cluster[cluster].get(name.rpartition("/")[2])

    def services(self, cluster: str) -> Sequence[str]:
        return sorted(self.by_cluster[cluster])

    def task_definition(self, reference: str) -> Answer | None:
        return DEFINITION if "webapp" in reference else None


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> FakeAccount:
    found = FakeAccount()
    monkeypatch.setattr(new_command, "LiveAccount", lambda _: found)
    return found


def run(file: Path, *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(jobs_app, ["new", "--file", str(file), *words], input=typed)


def said(result: Result) -> str:
    return " ".join(result.stderr.split())


def test_a_job_of_a_service_is_printed_and_passes_the_check(account: FakeAccount, file: Path) -> None:
    done = run(file, *NEW, "--service", "web")
    assert done.exit_code == 0, done.output
    assert parsed(done.stdout)["jobs"] == {"nightly": TABLE}
    assert not file.exists()
    file.write_text(done.stdout, encoding="utf-8")
    assert CliRunner().invoke(jobs_app, ["check", str(file)]).exit_code == 0


def test_it_asks_for_what_only_a_person_knows(account: FakeAccount, file: Path) -> None:
    """And again, until an answer is one."""
    typed = "bad name\nnightly\n99 3 * * *\n0 3 * * *\npython manage.py clean --all\n"
    done = run(file, "--service", "web", "--write", typed=typed)
    assert done.exit_code == 0, done.output
    assert parsed(file.read_text(encoding="utf-8"))["jobs"] == {"nightly": TABLE}
    assert "'99'" in said(done)


def test_a_program_that_gives_too_little_hears_what_to_give(account: FakeAccount, file: Path) -> None:
    done = run(file, "nightly", "--service", "web")
    assert done.exit_code == 1
    assert "give NAME, --schedule and --command" in said(done)


def test_a_file_keeps_every_byte_that_it_has(account: FakeAccount, file: Path) -> None:
    file.write_bytes(COMMENTED.replace("\n", "\r\n").encode())
    done = run(file, *NEW, "--service", "web", "--write")
    assert (done.exit_code, done.stdout) == (0, ""), done.output
    before, after = COMMENTED.replace("\n", "\r\n").encode(), file.read_bytes()
    assert after.startswith(before)
    added = after.removeprefix(before).decode()
    assert added.startswith("\r\n[jobs.nightly]\r\n")
    assert added.count("\n") == added.count("\r\n")
    assert set(parsed(after.decode())["jobs"]) == {"publish-scheduled", "nightly"}


def test_a_command_that_is_not_utf_8_costs_nothing_of_the_file(account: FakeAccount, file: Path) -> None:
    """As the shell passes a byte that is no UTF-8."""
    file.write_text(COMMENTED, encoding="utf-8")
    done = run(file, *NEW[:-1], "clean \udcff", "--service", "web", "--write")
    assert (done.exit_code, file.read_text(encoding="utf-8")) == (1, COMMENTED)
    assert "would not be UTF-8. Use UTF-8 in names and words." in said(done)


def test_a_file_that_can_not_be_written_is_named(account: FakeAccount, file: Path) -> None:
    done = run(file.parent / "none" / file.name, *NEW, "--service", "web", "--write")
    assert (done.exit_code, done.exception.__class__) == (1, SystemExit)
    assert "No such file or directory. Name another file." in said(done)


@pytest.mark.parametrize("content", ["", "[jobs]", "[defaults]\nowner = 'web team'\n\n[jobs]\n"])
def test_a_file_without_jobs_gets_its_first(content: str, account: FakeAccount, file: Path) -> None:
    if content:
        file.write_text(content, encoding="utf-8")
    assert run(file, *NEW, "--service", "web", "--write").exit_code == 0
    text = file.read_text(encoding="utf-8")
    assert parsed(text)["jobs"] == {"nightly": TABLE}
    assert text.startswith(content or "#:schema ./jobs.schema.json\n")


def test_what_could_not_be_taken_is_a_note_and_a_comment(account: FakeAccount, file: Path) -> None:
    file.write_text("[defaults]\nplatform_version = '1.4.0'\n\n[jobs]\n", encoding="utf-8")
    done = run(file, *NEW, "--service", "web", "--write")
    note = "platform_version is not set by the source; the one of [defaults] applies"
    assert f"note: {note}" in said(done)
    assert f"# {note}\n[jobs.nightly]" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", [{"taskDefinition": DEFINITION}, DEFINITION])
def test_a_task_definition_in_a_file_needs_no_account(form: Any, file: Path, tmp_path: Path) -> None:
    source = tmp_path / "webapp.json"
    source.write_text(json.dumps(form), encoding="utf-8")
    place = ["--cluster", "app-prod", "--subnet", "subnet-1", "--subnet", "subnet-2", "--security-group", "sg-1"]
    done = run(file, *NEW, "--task-definition", str(source), *place)
    assert done.exit_code == 0, done.output
    assert parsed(done.stdout)["jobs"]["nightly"] == TABLE


def test_a_job_without_a_place_is_printed_and_never_written(file: Path, tmp_path: Path) -> None:
    source = tmp_path / "webapp.json"
    source.write_text(json.dumps(DEFINITION), encoding="utf-8")
    done = run(file, *NEW, "--task-definition", str(source))
    assert (done.exit_code, "[jobs.nightly]" in done.stdout) == (1, True)
    assert "jobs.nightly.cluster" in said(done)
    done = run(file, *NEW, "--task-definition", str(source), "--write")
    assert (done.exit_code, file.exists()) == (1, False)
    assert "Nothing was written." in said(done)


def test_mistakes_of_other_jobs_are_no_reason_to_refuse_one(account: FakeAccount, file: Path) -> None:
    file.write_text('[jobs.other]\nschedule = "rate(0 minutes)"\n', encoding="utf-8")
    assert run(file, *NEW, "--service", "web", "--write").exit_code == 0


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--service", "wbe"], "Cluster 'app-prod' has no service 'wbe' (it has web). Name one with --service."),
        (
            ["--service", "web", "--container", "api"],
            "Task definition 'webapp' has no container 'api' (it has web, agent)",
        ),
        (["--task-definition", "wepapp"], "The account has no task definition 'wepapp'."),
        (["--task-definition", "absent.json"], "Can't read 'absent.json': No such file or directory."),
    ],
)
def test_a_source_that_is_not_there_is_named(words: list[str], problem: str, account: FakeAccount, file: Path) -> None:
    done = run(file, *NEW, *words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert problem in said(done)


def test_of_several_clusters_one_has_to_be_named(account: FakeAccount, file: Path) -> None:
    account.by_cluster["app-test"] = {}
    done = run(file, *NEW, "--service", "web")
    assert "The account has app-prod, app-test. Name one with --cluster." in said(done)
    assert run(file, *NEW, "--service", "web", "--cluster", "app-prod").exit_code == 0
    assert run(file, *NEW, "--service", "arn:aws:ecs:eu-west-2:111122223333:service/app-prod/web").exit_code == 0
    done = run(file, *NEW, "--service", "web", "--cluster", "app-test")
    assert "Cluster 'app-test' has no service 'web' (it has no service)." in said(done)


def test_services_are_those_of_the_account(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-2")
    ecs = boto3.client("ecs")
    ecs.create_cluster(clusterName="app-prod")
    ecs.register_task_definition(family="webapp", containerDefinitions=[{"name": "web", "image": "w", "memory": 64}])
    for name in ("web", "api"):
        ecs.create_service(cluster="app-prod", serviceName=name, taskDefinition="webapp", desiredCount=0)
    ecs.delete_service(cluster="app-prod", service="api", force=True)
    account = LiveAccount()
    assert (account.clusters(), account.services("app-prod")) == (["app-prod"], ["api", "web"])
    found = account.service("app-prod", "web")
    assert found
    assert found["taskDefinition"].endswith("task-definition/webapp:1")
    assert account.service("app-prod", "api") is None


@pytest.mark.parametrize("words", [[], ["--service", "web", "--task-definition", "webapp"]])
def test_there_is_exactly_one_source(words: list[str], file: Path) -> None:
    assert run(file, *NEW, *words).exit_code == 2


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["bad name"], "The name: 'bad name' is not a name that AWS accepts"),
        (["publish-scheduled"], "has a job 'publish-scheduled' already"),
        (["nightly", "--schedule", "every day"], "Schedule 'every day': not cron(…), rate(…) or at(…)"),
    ],
)
def test_a_wrong_option_says_what_to_write(words: list[str], problem: str, account: FakeAccount, file: Path) -> None:
    file.write_text(SMALLEST, encoding="utf-8")
    done = run(file, *words, "--command", "", "--service", "web")
    assert done.exit_code == 1
    assert problem in said(done)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "isn't JSON"),
        ("[]", "has no family"),
        ('{"family": "a"}', "has no list containerDefinitions with names"),
        ('{"family": "a", "containerDefinitions": [{}]}', "has no list containerDefinitions with names"),
    ],
)
def test_a_file_with_something_else_is_refused(text: str, problem: str, file: Path, tmp_path: Path) -> None:
    source = tmp_path / "other.json"
    source.write_text(text, encoding="utf-8")
    done = run(file, *NEW, "--task-definition", str(source))
    assert done.exit_code == 1
    assert problem in said(done)


def test_a_file_that_can_not_be_appended_to_stays_as_it_is(account: FakeAccount, file: Path) -> None:
    file.write_text('jobs = { a = { schedule = "rate(1 day)" } }\n', encoding="utf-8")
    assert run(file, *NEW, "--service", "web", "--write").exit_code == 1
    assert "nightly" not in file.read_text(encoding="utf-8")
