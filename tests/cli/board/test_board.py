"""``cronmend board``: what it prints, writes and serves."""

import json
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from cli.board import app, sample, sample_records, table
from cli.board.server import BoardServer, address, query_of
from cli.main import app as cronmend
from cli.on_call.stack import CommandError
from cronmend.board.build import Query, build
from cronmend.board.facts import Facts
from cronmend.board.running import running
from cronmend.board.story import Records
from cronmend.model import LiveTask, TaskDefinitionRef
from cronmend.model.runs import ContainerOverride
from local.web import Request


@dataclass
class Reader:
    """Reads the sample instead of a stack."""

    fails: bool = False
    found: Facts = field(default_factory=sample.facts)

    def facts(self, now: datetime) -> Facts:
        if self.fails:
            raise CommandError("No stack named 'cronmend' in eu-west-2.")
        return self.found

    def records(self, job: str) -> Records:
        return sample_records.records()


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "BoardReader", lambda stack: Reader())


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cronmend, ["board", *arguments])


def test_into_a_pipe_each_job_is_a_line(sampled: None) -> None:
    lines = run().output.splitlines()
    assert lines[0] == "15 of 16 jobs need nothing from you. One does: charge-tickets."
    (line,) = (each for each in lines if each.startswith("send-report"))
    assert "in 14 h (Sat 07:00)" in line
    assert "100 %" in line


def test_rows_are_chosen_by_options(sampled: None) -> None:
    assert [each["job"] for each in json.loads(run("--json", "--state", "held").output)["jobs"]] == [
        sample.job_id("send-newsletter")
    ]
    assert "Shown: of Nobody" in run("--owner", "Nobody").output


def test_json_has_the_runs(sampled: None) -> None:
    document = json.loads(run("--json", "--find", "import-orders").output)
    (job,) = document["jobs"]
    assert (job["state"], job["days_28"]["healed"], len(job["runs"])) == ("healed", 2, 30)
    assert [each["in_deploy"] for each in job["runs"] if each["result"] == "healed"] == [False, True]
    assert document["deploys"][-1]["broke"][0] == job["job"]
    slo = job["slo"]
    assert (slo["percent"], slo["days"], slo["healed"], slo["used"]) == (99, 28, 2, 0.301)
    assert slo["used_by"] == {"failed": 0, "healed": 0.301, "missed": 0}


def test_a_table_without_an_slo_has_no_column_for_budgets(sampled: None) -> None:
    assert "Budget used" in run().output
    assert "Budget used" not in run("--find", "send-report").output


def test_a_page_is_written(sampled: None, tmp_path: Path) -> None:
    path = tmp_path / "board.html"
    assert run("--html", str(path)).output.strip() == f"Wrote {path}."
    assert path.read_text(encoding="utf-8").startswith("<!doctype html><html")
    failed = run("--html", str(tmp_path / "no" / "board.html"))
    assert (failed.exit_code, "can't be written: No such file" in failed.output) == (1, True)


@pytest.mark.parametrize("width", [60, 100, 160])
def test_on_a_terminal_no_name_is_cut(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(width=width, force_terminal=True, record=True, file=StringIO(), highlight=False)
    monkeypatch.setattr(table, "out", console)
    monkeypatch.setattr(table, "print_table", console.print)
    table.print_board(build(sample.facts()))
    text = console.export_text()
    assert all(each.name in text for each in build(sample.facts()).rows)
    assert ("✗✗" in text) is (width >= 100)
    assert ("Finance" in text) is (width >= 150)


def get(path: str, host: str = "127.0.0.1:8000", method: str = "GET", *, fails: bool = False) -> tuple[int, str]:
    answer = BoardServer(Reader(fails)).answer(Request(method, path, {"host": host}, b""))  # type: ignore[arg-type] # reads like one
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    return answer.status, answer.body.decode()


def test_the_server_shows_the_board_and_reloads_itself() -> None:
    status, page = get("/?state=held&find=News")
    assert status == 200
    assert 'http-equiv="refresh"' in page
    assert 'value="News"' in page
    assert "send-newsletter" in page
    assert "backup-database" not in page


def test_the_server_answers_only_this_machine() -> None:
    assert [get("/", "evil.example.com")[0], get("/", "")[0], get("/other")[0], get("/", method="POST")[0]] == [
        403,
        403,
        404,
        404,
    ]


def test_the_server_says_why_it_has_no_board() -> None:
    assert get("/", fails=True) == (502, "No stack named 'cronmend' in eu-west-2.")


@pytest.mark.parametrize("query", [Query(), Query("a b&c", "Shop", "failed", 3)])
def test_an_address_names_its_rows(query: Query) -> None:
    assert query_of(address(query).partition("?")[2]) == query


@pytest.mark.parametrize("page", ["x", "-1", "", "²"])
def test_a_page_that_is_no_number_is_the_first(page: str) -> None:
    assert query_of(f"page={page}").page == 1


def task(started_by: str, declared: str = "") -> LiveTask:
    own = {"CRONMEND_ATTEMPT": "2"} if started_by.startswith("cronmend/") else {}
    override = ContainerOverride("web", (), {"CRONMEND_JOB": declared, **own} if declared else {})
    used = TaskDefinitionRef("webapp", 57)
    return LiveTask("arn:task/1", sample.CLUSTER, used, started_by, (override,), sample.NOW)


def test_a_running_task_is_that_of_the_one_job_it_can_be_of() -> None:
    timetables = sample.facts().timetables
    assert running([task("chronos-schedule/publish-scheduled")], timetables) == {
        sample.job_id("publish-scheduled"): sample.NOW
    }
    assert running([task("cronmend/key", sample.job_id("send-report"))], timetables) == {
        sample.job_id("send-report"): sample.NOW
    }
    assert running([task("chronos-schedule/refresh-"), task("ecs-svc/1")], timetables) == {}


def test_a_running_task_is_not_that_of_a_job_with_a_longer_name_or_one_it_was_copied_from() -> None:
    short, longer = (replace(sample.facts().timetables[0], job=sample.job_id(name)) for name in ("send", "send-report"))
    found = {sample.job_id("send"): sample.NOW}
    assert running([task("chronos-schedule/send")], [short, longer]) == found
    assert running([task("chronos-schedule/send", longer.job)], [short, longer]) == found


def test_one_job_has_its_story(sampled: None, tmp_path: Path) -> None:
    text = run("publish-scheduled").output
    assert "27 Nov 14:09:02  Cronmend ran the job again" in text
    assert "  > → psycopg.errors.UndefinedColumn: column pages_page.embargo_until does not exist" in text
    assert "  slack: publish-scheduled healed" in text
    document = json.loads(run("publish-scheduled", "--json").output)
    assert document["story"]["moments"][0]["kind"] == "deploy"
    path = tmp_path / "job.html"
    run("publish-scheduled", "--html", str(path))
    assert "<title>Cronmend: publish-scheduled</title>" in path.read_text(encoding="utf-8")
    assert '<a href="/?" class="soft">← All jobs</a>' in get("/?job=publish-scheduled")[1]


def test_a_job_that_is_not_on_the_board_is_an_error(sampled: None) -> None:
    failed = run("no-such-job")
    assert (failed.exit_code, "No job named 'no-such-job' is on the board." in failed.output) == (1, True)
    assert get("/?job=no-such-job")[0] == 502
