"""``cronmend event new``: options in, a complete event of that run out; the account part has tests of its own."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from cli.event import made
from cli.main import app
from cli.stopped_runs.ending import BadOption, StopCode
from cli.stopped_runs.in_account import LocalPast
from cli.stopped_runs.options import RunOptions
from cli.stopped_runs.scheduled_job import jobs_in, of_job
from cronmend.incoming.task_events import stopped_task
from cronmend.jobs.identity import identify
from local.aws import Clients, Endpoints
from local.past import Deploy, Past
from tests import ROOT
from tests.samples import RACE_LOG, event

NOW = datetime(2026, 5, 6, 12, 30, tzinfo=UTC)
JOBS = {job.name: job for job in jobs_in(ROOT / "jobs.toml", "")}
REASONS = (
    "Essential container in task exited",
    "OutOfMemoryError: Container killed due to memory usage",
    "CannotPullContainerError: ref webapp:9: not found",
    "ResourceInitializationError: no secret",
    "Your Spot Task was interrupted.",
    "stopped by ann",
)


pytestmark = pytest.mark.usefixtures("no_account")


def new(*arguments: str, text: str | bytes = "") -> Result:
    return CliRunner().invoke(app, ["event", "new", *arguments], input=text)


def printed(*arguments: str, text: str = "") -> dict[str, Any]:
    done = new(*arguments, text=text)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@given(
    st.sampled_from(sorted(JOBS)),
    st.none() | st.integers(0, 255),
    st.none() | st.sampled_from(StopCode),
    st.none() | st.sampled_from(REASONS) | st.text(max_size=40),
    st.none() | st.sampled_from(Deploy),
    st.none() | st.sampled_from(["web", "app"]),
    st.booleans(),
)
def test_an_event_of_any_options_is_a_run_of_the_named_job(
    job: str,
    exit_code: int | None,
    stop_code: StopCode | None,
    stop_reason: str | None,
    deploy: Deploy | None,
    container: str | None,
    fresh: bool,
) -> None:
    run = RunOptions(
        job=job,
        exit_code=exit_code,
        stop_code=stop_code,
        stop_reason=stop_reason,
        deploy=deploy,
        container=container,
        file=ROOT / "jobs.toml",
    )
    try:
        ending = run.ending
    except BadOption:
        assume(False)
    task = stopped_task(json.loads(json.dumps(made(run, NOW, None, fresh=fresh))))
    schedules = [of_job(each, NOW, container or "").live for each in JOBS.values()]
    who = identify(task, schedules)
    assert (who.job, who.certain, who.schedule) == (JOBS[job].id, True, schedules[sorted(JOBS).index(job)])
    assert (task.job_container, task.stop_code) == (container or "web", ending.stop_code)
    assert task.job is not None
    assert (task.job.exit_code, task.ran) == (ending.exit_code, ending.ran)
    assert task.stopped_at == NOW
    assert task.created_at is not None
    assert task.created_at < (task.started_at or NOW) <= NOW
    assert task.override is not None
    assert task.override.command == JOBS[job].command


def test_the_event_has_what_ecs_sends() -> None:
    sample, made_up = event("task_stopped/exit_code_1.json"), printed("--job", "publish-scheduled")
    assert made_up.keys() == sample.keys()
    assert made_up["detail"].keys() == sample["detail"].keys()
    (container,) = made_up["detail"]["containers"]
    assert container.keys() == sample["detail"]["containers"][0].keys()
    assert made_up["detail"]["startedBy"] == "chronos-schedule/publish-scheduled"
    assert made_up["detail"]["startedAt"] > made_up["detail"]["createdAt"]


def test_started_by_keeps_19_characters_of_the_schedule_s_name(tmp_path: Path) -> None:
    jobs = (ROOT / "jobs.toml").read_text(encoding="utf-8")
    (tmp_path / "jobs.toml").write_text(
        jobs.replace("jobs.publish-scheduled", "jobs.publish-scheduled-pages"), encoding="utf-8"
    )
    made_up = printed("--job", "publish-scheduled-pages", "--file", str(tmp_path / "jobs.toml"))
    assert made_up["detail"]["startedBy"] == "chronos-schedule/publish-scheduled-p"


def test_a_run_that_never_started_has_no_code_and_no_start() -> None:
    reason = "CannotPullContainerError: ref webapp:9: not found"
    detail = printed("--job", "send-report", "--stop-reason", reason)["detail"]
    (container,) = detail["containers"]
    assert (detail["stopCode"], detail["stoppedReason"], container["reason"]) == ("TaskFailedToStart", reason, reason)
    assert not {"startedAt", "executionStoppedAt", "pullStoppedAt"} & detail.keys()
    assert not {"exitCode", "imageDigest", "runtimeId"} & container.keys()


def test_the_same_options_give_the_same_task_and_fresh_another(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("ValueError: x", encoding="utf-8")
    described = ("--job", "publish-scheduled", "--deploy", "open", "--log")
    first = printed(*described, str(tmp_path / "a.log"))["detail"]["taskArn"]
    assert printed(*described, "-", text="ValueError: x")["detail"]["taskArn"] == first
    assert printed(*described, "-", text="ValueError: y")["detail"]["taskArn"] != first
    assert printed(*described, str(tmp_path / "a.log"), "--fresh")["detail"]["taskArn"] != first


def test_without_an_account_the_log_is_nowhere_and_the_command_says_so() -> None:
    done = new("--job", "publish-scheduled", "--log", "-", text="\n".join(RACE_LOG))
    assert done.exit_code == 0
    assert "No local account is up" in done.stderr
    assert "the log isn't stored anywhere" in done.stderr
    assert "cronmend local up" in done.stderr
    assert "stored anywhere" not in new("--job", "publish-scheduled").stderr


def test_an_event_gets_a_new_task_id_and_current_times() -> None:
    sample = event("task_stopped/exit_code_1.json")
    again = printed("events/task_stopped/exit_code_1.json", "--fresh")
    old, new_ = stopped_task(sample), stopped_task(again)
    assert (again["id"] == sample["id"], new_.task_id == old.task_id) == (False, False)
    assert old.task_id not in json.dumps(again)
    assert (new_.started_by, new_.overrides, new_.task_definition) == (
        old.started_by,
        old.overrides,
        old.task_definition,
    )
    assert None not in (new_.stopped_at, new_.created_at, old.stopped_at, old.created_at)
    assert new_.stopped_at - new_.created_at == old.stopped_at - old.created_at  # type: ignore[operator] # as above
    assert abs((datetime.now(UTC) - new_.stopped_at).total_seconds()) < 600  # type: ignore[operator] # as above


def test_an_event_from_standard_input_keeps_its_id_with_a_log() -> None:
    sample = event("task_stopped/exit_code_1.json")
    done = new("-", "--log", str(ROOT / "pyproject.toml"), text=json.dumps(sample))
    assert json.loads(done.stdout) == sample
    assert "the log isn't stored anywhere" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        ((), ("--job is missing",)),
        (("--job", "nope"), ("--job", "nope", "publish-scheduled, purge-revisions", "cronmend local up")),
        (("--job", "publish-scheduled", "--exit-code", "256"), ("--exit-code", "256", "0 to 255")),
        (("--job", "publish-scheduled", "--log", "nowhere.log"), ("--log", "nowhere.log")),
        (
            ("--job", "publish-scheduled", "--exit-code", "1", "--stop-code", "TaskFailedToStart"),
            ("--exit-code 1", "--stop-code TaskFailedToStart", "Leave out"),
        ),
        (("events/task_stopped/exit_code_1.json",), ("--fresh", "--log")),
        (("events/task_stopped/exit_code_1.json", "--fresh", "--job", "a", "--exit-code", "2"), ("--job and --exit-",)),
        (("events/bad/no_detail.json", "--fresh"), ("no_detail.json", "STOPPED event")),
        (("nowhere.json", "--fresh"), ("nowhere.json", "No such file")),
    ],
)
def test_a_bad_option_is_named_with_its_remedy(arguments: tuple[str, ...], parts: tuple[str, ...]) -> None:
    done = new(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert all(part in done.stderr for part in parts), done.stderr


def test_a_job_of_which_the_file_has_only_the_policy_is_refused(tmp_path: Path) -> None:
    (tmp_path / "jobs.toml").write_text('[jobs.theirs]\nmanaged = false\nrerun = "safe"\n', encoding="utf-8")
    done = new("--job", "theirs", "--file", str(tmp_path / "jobs.toml"))
    assert done.exit_code == 2
    assert "managed = false" in done.stderr


@pytest.mark.parametrize("name", ["nope", "nope/", "/nope", "no pe/x", "a/b/c", "x" * 65 + "/y"])
def test_a_job_that_no_schedule_can_have_is_not_asked_for(name: str) -> None:
    nowhere = Clients(Endpoints("http://127.0.0.1:1", "http://127.0.0.1:1"))
    with pytest.raises(BadOption, match="no job named"):
        made(RunOptions(job=name, file=ROOT / "jobs.toml"), NOW, LocalPast(Past(nowhere, "ledger")), fresh=False)


def test_a_full_name_that_is_nowhere_is_not_answered_with_the_advice_to_use_one() -> None:
    nowhere = Clients(Endpoints("http://127.0.0.1:1", "http://127.0.0.1:1"))
    with pytest.raises(BadOption, match=r"The local account has no such schedule either\.$"):
        made(RunOptions(job="a/b/c", file=ROOT / "jobs.toml"), NOW, LocalPast(Past(nowhere, "ledger")), fresh=False)
