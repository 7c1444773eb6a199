"""``cronmend explain``: a log, an event or options in; diagnosis, plan and what would change it out."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.diagnosis.explanation import document as answered
from cli.diagnosis.explanation import explained
from cli.diagnosis.question import question
from cli.main import app
from cli.stopped_runs.options import RunOptions
from cronmend.model import Policy
from local.past import Deploy
from tests import ROOT
from tests.cli.diagnosis.test_classify import event
from tests.samples import RACE_LOG

LOG = "\n".join(RACE_LOG)
LINE = "psycopg.errors.UndefinedColumn: column home_homepage.summary does not exist"


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture
def log(tmp_path: Path) -> str:
    (tmp_path / "my.log").write_text(LOG, encoding="utf-8")
    return str(tmp_path / "my.log")


def explain(*arguments: str, text: str = "") -> Result:
    return CliRunner().invoke(app, ["explain", *arguments], input=text)


def document(*arguments: str, text: str = "") -> dict[str, Any]:
    done = explain(*arguments, "--json", text=text)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def at_noon(policy: Policy | None = None, **options: Any) -> dict[str, Any]:
    """The document for these options at a time at which no job of the example has its next slot soon."""
    now = datetime(2026, 5, 6, 12, 30, tzinfo=UTC)
    return answered(explained(question(RunOptions(**options), None, policy, now)))


def kinds(answer: dict[str, Any]) -> list[str]:
    return [action["kind"] for action in answer["plan"]]


def test_a_log_alone_is_diagnosed(log: str) -> None:
    answer = document("--log", log)
    assert (answer["category"], answer["rule"], answer["line"]) == ("schema_mismatch", "postgresql.schema", LINE)
    assert answer["fatal_error"]["type"] == "django.db.utils.ProgrammingError"
    assert answer["job"] is None
    assert answer["deploy"] == {"state": "unknown", "signal": "none", "reason": "--deploy wasn't given"}
    assert (answer["action"], kinds(answer)) == ("alert", ["alert"])
    assert answer["evidence"] == {
        "exit_code": 1,
        "stop_code": "EssentialContainerExited",
        "stopped_reason": "Essential container in task exited",
        "log_lines": len(RACE_LOG),
    }
    assert {"if": "deploy open, policy safe", "category": "deploy_race", "action": "rerun"} in answer["alternatives"]


def test_the_document_has_these_keys(log: str) -> None:
    answer = document("--log", log)
    assert list(answer) == [
        "job",
        "category",
        "sentence",
        "rule",
        "line",
        "fatal_error",
        "advice",
        "excerpt",
        "deploy",
        "action",
        "plan",
        "blocked_by",
        "policy",
        "unwatched",
        "evidence",
        "alternatives",
    ]


def test_standard_input_is_a_log_like_a_file(log: str) -> None:
    assert document("--log", "-", text=LOG) == document("--log", log)


@pytest.mark.parametrize(
    ("deploy", "category", "action", "expected"),
    [
        ("closed", "schema_mismatch", "alert", ["alert"]),
        ("stuck", "deploy_race", "alert", ["alert"]),
        ("older", "schema_mismatch", "alert", ["alert"]),
    ],
)
def test_the_deploy_decides(log: str, deploy: str, category: str, action: str, expected: list[str]) -> None:
    answer = document("--log", log, "--job", "publish-scheduled", "--deploy", deploy)
    assert (answer["category"], answer["action"], kinds(answer)) == (category, action, expected)
    assert answer["deploy"]["reason"].endswith("as --deploy says")


def test_an_open_deploy_is_waited_for(log: str) -> None:
    answer = at_noon(log=log, job="rebuild-index", deploy=Deploy.OPEN)
    assert (answer["job"], answer["category"]) == ("cronmend-jobs/rebuild-index", "deploy_race")
    assert kinds(answer) == ["rerun", "hold_alert"]
    rerun, hold = answer["plan"]
    assert (rerun["reason"], rerun["size"]) == ("re-run when the deploy ends", None)
    assert (rerun["at"], hold["until"]) == ("2026-05-06T12:35:00+00:00", "2026-05-06T13:30:00+00:00")
    assert answer["blocked_by"] is None


@pytest.mark.parametrize(
    ("job", "guard", "kind"),
    [
        ("send-report", "policy", "hold_alert"),
        ("charge-tickets", "policy", "hold_alert"),
    ],
)
def test_the_job_s_policy_blocks_the_re_run(log: str, job: str, guard: str, kind: str) -> None:
    answer = document("--log", log, "--job", job, "--deploy", "open")
    assert (answer["blocked_by"], kinds(answer)) == (guard, [kind])


def test_the_next_slot_blocks_the_re_run_of_a_frequent_job() -> None:
    answer = document("--log", "-", "--job", "refresh-calendar", text="psycopg.OperationalError: connection refused")
    assert (answer["category"], answer["blocked_by"]) == ("dependency_unavailable", "next-slot")
    assert kinds(answer) == ["hold_alert"]


def test_a_job_may_get_more_memory() -> None:
    reason = "OutOfMemoryError: Container killed due to memory usage"
    answer = at_noon(stop_reason=reason, job="rebuild-index")
    assert (answer["category"], kinds(answer)) == ("out_of_memory", ["rerun", "hold_alert"])
    assert answer["plan"][0]["size"] == "1024 MiB with 256 CPU units"
    assert kinds(document("--stop-reason", reason, "--job", "publish-scheduled")) == ["alert"]


def test_a_stop_reason_alone_is_diagnosed() -> None:
    answer = document("--stop-reason", "CannotPullContainerError: ref webapp:9: not found", "--job", "send-report")
    assert answer["category"] == "configuration_error"
    assert answer["evidence"]["exit_code"] is None
    assert answer["evidence"]["log_lines"] is None


def test_a_success_needs_nothing() -> None:
    answer = document("--exit-code", "0")
    assert (answer["category"], answer["action"], kinds(answer)) == ("success", "none", ["nothing"])


def test_an_empty_log_says_so() -> None:
    answer = document("--log", "-")
    assert (answer["category"], answer["evidence"]["log_lines"]) == ("unknown", 0)
    assert "its log is empty" in answer["sentence"]
    assert re.search(r"^log +empty$", explain("--log", "-").output, re.MULTILINE)


def test_a_policy_goes_before_the_job_s_own(log: str) -> None:
    answer = at_noon(Policy.SAFE, log=log, job="send-report", deploy=Deploy.OPEN)
    assert (answer["policy"], kinds(answer)) == ("safe", ["rerun", "hold_alert"])


def test_an_event_of_a_known_job_has_its_policy(log: str) -> None:
    arn = "arn:aws:ecs:eu-west-2:111122223333"
    override = {"name": "web", "command": ["python", "manage.py", "publish_scheduled"]}
    raw = event() | {
        "clusterArn": f"{arn}:cluster/app-prod",
        "taskDefinitionArn": f"{arn}:task-definition/webapp:7",
        "containers": [{"name": "web", "exitCode": 1}],
        "overrides": {"containerOverrides": [override]},
        "startedBy": "chronos-schedule/publish-scheduled",
    }
    answer = document("-", "--log", log, "--deploy", "open", text=json.dumps(raw))
    assert (answer["job"], answer["policy"]) == ("cronmend-jobs/publish-scheduled", "safe")


def test_an_event_of_an_unknown_job_has_the_default_policy() -> None:
    answer = document("-", text=json.dumps(event()))
    assert re.fullmatch("unattributed/[0-9a-f]{8}/web", answer["job"])
    assert answer["policy"] == "unstarted"


def test_people_read_the_same(log: str) -> None:
    output = explain("--log", log, "--job", "publish-scheduled", "--container", "app").output
    for part in (
        "schema_mismatch",
        "postgresql.schema",
        "Plan for cronmend-jobs/publish-scheduled, policy safe (from jobs.toml):",
        "Alert now: ",
        "container app (the job)",
        "deploy open",
        "deploy_race",
        "no log",
        "unknown",
    ):
        assert part in output
    blocked = explain("--log", log, "--job", "send-report", "--deploy", "open").output
    assert "Hold the alert until" in blocked
    assert "The guard `policy` blocks a re-run." in blocked
    waits = explain("--log", log, "--job", "publish-scheduled", "--deploy", "open").output
    assert "Hold the alert until" in waits
    assert "the alert is held until" not in waits
    assert "advice without a deploy: " in waits


def test_a_run_that_cronmend_does_not_watch_is_said_to_be_one() -> None:
    service = "events/task_stopped/service_task.json"
    assert "scheduled tasks only" in document(service)["unwatched"]
    assert "Not watched: ECS replaces the tasks of a service itself." in explain(service).stdout
    assert document("events/task_stopped/exit_code_1.json")["unwatched"] is None


def test_a_log_that_is_not_given_would_change_the_answer() -> None:
    text = explain("-", text=json.dumps(event(1))).output
    assert "the log is given, with --log FILE" in text
    assert "policy or log" not in text


def test_nothing_would_change_a_success() -> None:
    raw = event(0)
    assert "no other deploy state, policy or log" in explain("-", text=json.dumps(raw)).output


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ((), ("Nothing to explain", "--log FILE", "EVENT", "--exit-code")),
        (("--deploy", "open"), ("Nothing to explain",)),
        (("--log", "nowhere.log"), ("--log", "nowhere.log", "No such file")),
        (("--log", "."), ("--log", "Is a directory")),
        (("--exit-code", "300"), ("--exit-code", "300", "0 to 255")),
        (("--exit-code", "1", "--stop-code", "TaskFailedToStart"), ("--exit-code 1", "--stop-code", "Leave out")),
        (("--log", "-", "--stop-code", "TaskFailedToStart"), ("--log", "TaskFailedToStart", "Leave out --log")),
        (("--log", "-", "--job", "nope"), ("--job", "nope", "publish-scheduled, purge-revisions", "--policy")),
        (("-", "--exit-code", "1", "--stop-code", "UserInitiated"), ("EVENT", "--exit-code and --stop-code")),
        (("-", "--log", "-"), ("EVENT and --log",)),
        (("-",), ("event '-'", "Name a JSON file with a STOPPED event")),
        (("pyproject.toml",), ("pyproject.toml", "Name a JSON file with a STOPPED event")),
        (("nowhere.json",), ("nowhere.json", "No such file")),
    ],
)
def test_a_bad_option_is_named_with_its_remedy(arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    done = explain(*arguments)
    assert done.exit_code == 2
    assert all(part in done.output for part in parts), done.output
    assert "Traceback" not in done.output


def test_a_jobs_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    done = explain("--log", "-", "--job", "a", "--file", str(tmp_path / "jobs.toml"))
    assert done.exit_code == 1
    assert "jobs.toml" in done.output


def test_a_job_with_only_a_policy_in_the_file_is_known(tmp_path: Path) -> None:
    (tmp_path / "jobs.toml").write_text('[jobs.theirs]\nmanaged = false\nrerun = "safe"\n', encoding="utf-8")
    answer = document("--log", "-", "--job", "theirs", "--file", str(tmp_path / "jobs.toml"), text="MemoryError")
    assert (answer["job"], answer["policy"]) == ("cronmend-jobs/theirs", "safe")


def test_a_teams_own_rules_are_tried_first(log: str, tmp_path: Path) -> None:
    rows = tmp_path / "team.toml"
    rows.write_text(
        "[[rule]]\nid = 'team.summary'\nwhere = 'error'\npattern = 'homepage\\.summary'\n"
        "category = 'dependency_unavailable'\nadvice = 'Wait for the sync.'\n"
        "source = 'https://wiki.example.com/sync'\nexamples = ['column home_homepage.summary does not exist']\n",
        encoding="utf-8",
    )
    answer = document("--log", log, "--rules", str(rows))
    assert (answer["rule"], answer["category"]) == ("team.summary", "dependency_unavailable")
    assert {"if": "no log", "category": "unknown", "action": "alert"} in answer["alternatives"]


def test_rules_that_cannot_be_used_are_refused(log: str, tmp_path: Path) -> None:
    (tmp_path / "team.toml").write_text("[[rule]]\nid = 'team.summary'\n", encoding="utf-8")
    done = explain("--log", log, "--rules", str(tmp_path / "team.toml"))
    assert done.exit_code == 2
    assert "team.toml" in done.output
