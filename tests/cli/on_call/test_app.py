"""The on-call commands, against a stack in moto."""

import json
import re
import time
from copy import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import Stubber
from typer.testing import CliRunner

from cli.main import app
from cli.on_call.reader import Reader
from cli.on_call.stack import CommandError, Stack, command_errors
from cronmend.adapters.ledger.followings import DynamoFollowings
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.alerting.conversations import Delivery, DeliveryState
from cronmend.board.story import Records, story
from cronmend.deploys.following import Following, Moved
from cronmend.model import Category, ContainerOverride, DeployWindow, Missing, Policy, Signal, WindowState
from cronmend.model.incident import Change, Incident, IncidentState, JobState
from cronmend.model.wakeups import RunRequest
from tests import ROOT
from tests.adapters.ledger.test_ledger import alert_change, success_change, table
from tests.fakes import NOW, FakeServices, later
from tests.samples import CLUSTER, COMMAND, JOB, stopped
from tests.use_cases.world import World, rerun_timer

if TYPE_CHECKING:
    from types_boto3_scheduler.type_defs import TargetTypeDef

RUN = CliRunner()
OUTPUTS = {"LedgerTable": "ledger", "ModeParameter": "/m"}


@pytest.fixture
def stack(aws: None, monkeypatch: pytest.MonkeyPatch) -> DynamoLedger:
    """A stack with one incident and its planned re-run."""
    ledger = table()
    monkeypatch.setattr(Stack, "outputs", OUTPUTS)
    monkeypatch.setattr(Stack, "parameters", {})
    boto3.client("ssm").put_parameter(Name="/m", Value="heal", Type="String")
    world = World()
    record = world.fails()
    job_state = world.ledger.read(JOB)
    ledger.commit(Change(replace(job_state, version=0), record), NOW)
    return ledger


def document(*arguments: str) -> Any:
    result = RUN.invoke(app, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_incidents(stack: DynamoLedger) -> None:
    (incident,) = document("incidents")
    assert (incident["job"], incident["state"], incident["planned"]["attempt"]) == (JOB, "healing", 2)
    assert "healing" in RUN.invoke(app, ["incidents"]).output


def test_open_incidents_are_found_without_a_scan_whatever_is_due(
    stack: DynamoLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One waits for its re-run, one has been alerted, and one is over."""
    stack.commit(replace(alert_change(), run=None, job_state=JobState("g/bug", incident=alerted("g/bug"))), NOW)
    over = replace(alerted("g/over"), state=IncidentState.RECOVERED)
    stack.commit(Change(JobState("g/over", incident=over)), NOW)
    monkeypatch.setattr(Reader, "scan", lambda *_: pytest.fail("scans the table"))
    assert sorted(each["job"] for each in document("incidents")) == [JOB, "g/bug"]
    document("why", "a1")
    acknowledged = RUN.invoke(app, ["ack", "bug", "--by", "ann"])
    assert acknowledged.exit_code == 0, acknowledged.output
    assert stack.read("g/bug").incident == replace(alerted("g/bug"), acknowledged_by="ann")


def alerted(job: str) -> Incident:
    incident = alert_change().job_state.incident
    assert incident is not None
    return replace(incident, id=f"i-{job}", job=job)


def test_history_lists_successes_too_the_latest_first(stack: DynamoLedger) -> None:
    for number in (10, 20):
        stack.commit(success_change(stack, number), NOW)
    assert [each["task_id"] for each in document("history", JOB)] == ["s20", "s10", "a1"]


def test_the_keys_of_an_incident_are_flat_whatever_the_ledger_stores(stack: DynamoLedger) -> None:
    (incident,) = document("incidents")
    assert (incident["category"], incident["rule"]) == ("deploy_race", "postgresql.schema")
    assert (incident["window"], incident["signal"]) == ("open", "revision_differs")
    assert incident["window_reason"]
    assert (incident["task_id"], incident["task_definition"], incident["attempt"]) == ("a1", "webapp:2", 1)
    assert (incident["container"], incident["image_digest"], incident["ran"]) == ("web", "sha256:2", True)
    assert (incident["failed_at"], incident["ended_at"]) == (later(-1.3).isoformat(), NOW.isoformat())
    assert not {"diagnosis", "failed", "created_at"} & set(incident)


def test_audit_reads_the_stacks_ledger(stack: DynamoLedger) -> None:
    """The run failed months ago, and nobody was notified."""
    result = RUN.invoke(app, ["audit", "--json"])
    assert result.exit_code == 1
    found = json.loads(result.output)
    assert found["runs"]["broken"] == 1
    assert [each["invariant"] for each in found["violations"]] == [1]


@pytest.mark.parametrize("name", [JOB, "publish-scheduled"])
def test_history_takes_a_jobs_id_or_its_name(stack: DynamoLedger, name: str) -> None:
    (run,) = document("history", name)
    assert (run["task_id"], run["category"]) == ("a1", "deploy_race")


@pytest.mark.parametrize("task", ["a1", "arn:aws:ecs:eu-west-2:111122223333:task/app-prod/a1"])
def test_why_shows_the_whole_record(stack: DynamoLedger, task: str) -> None:
    record = document("why", task)
    assert record["run"]["rule"]
    assert record["incident"]["id"] == "a1"
    text = RUN.invoke(app, ["why", task]).output
    assert re.search(r"^ended +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, exit code 1", text, re.MULTILINE)
    assert "revision_differs" in text
    assert "planned" in text
    assert re.search(r"^log +publishing.*^ +→ psycopg.errors.UndefinedColumn: ", text, re.MULTILINE | re.DOTALL)
    assert re.search(r"^log at +https://eu-west-2.console.aws.amazon.com/cloudwatch/", text, re.MULTILINE)
    assert re.search(
        r"^held until +2026-05-06 12:01 UTC, when the alert is sent unless the job heals$", text, re.MULTILINE
    )


def test_why_shows_a_start_that_failed_and_leaves_out_what_no_task_says(stack: DynamoLedger) -> None:
    run = alert_change().run
    assert run
    unsaid = replace(run, task_id="n1", started_by="", reasons=())
    stack.commit(Change(stack.read(unsaid.job), unsaid), NOW)
    text = RUN.invoke(app, ["why", "n1"], catch_exceptions=False).output
    assert re.search(rf"^run +{unsaid.attempt}, webapp:2$", text, re.MULTILINE), text


def test_why_advises_as_the_alert_does_by_the_state_of_the_deploy(stack: DynamoLedger) -> None:
    assert document("why", "a1")["ended"]["advice"] == "Wait: Cronmend re-runs it when the deploy ends."
    assert re.search(
        r"^to do +Wait: Cronmend re-runs it when the deploy ends\.$", RUN.invoke(app, ["why", "a1"]).output, re.M
    )


def test_follow_and_why_show_where_a_schedule_was_moved(stack: DynamoLedger) -> None:
    """That of a schedule that follows its service; another one has been left where it is."""
    assert RUN.invoke(app, ["follow"]).output == "No schedule follows a service.\n"
    rows, arn = DynamoFollowings("ledger"), "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp"
    move = Moved(f"{arn}:1", f"{arn}:2", NOW, "the migration task m1 succeeded", "web")
    rows.put(Following(JOB, CLUSTER, move.after, moves=(move,)))
    rows.put(Following("site/other", CLUSTER, f"{arn}:1", waits="nothing proves that the migration succeeded"))
    assert [each["job"] for each in document("follow")] == [JOB, "site/other"]
    listed = " ".join(RUN.invoke(app, ["follow"], env={"COLUMNS": "300"}).output.split())
    assert f"{JOB} webapp:2 2026-05-06 11:01 webapp:1 the migration task m1 succeeded" in listed
    assert "site/other webapp:1 nothing proves that the migration succeeded" in listed
    text = " ".join(RUN.invoke(app, ["why", "a1"]).output.split())
    assert "schedule moved webapp:1 to webapp:2 at 2026-05-06 11:01 UTC: the migration task m1 succeeded" in text


def test_why_shows_what_each_channel_answered(stack: DynamoLedger) -> None:
    told = alert_change()
    assert told.run
    told = replace(told, job_state=replace(told.job_state, version=1), run=replace(told.run, task_id="bug"))
    stack.commit(told, NOW)
    outbox, (message,) = DynamoOutbox("ledger", boto3.client("dynamodb")), told.messages
    outbox.note(message, {"sns": Delivery(DeliveryState.SENT, NOW)})
    outbox.note(message, {"slack:C0": Delivery(DeliveryState.FAILED, NOW, "is_archived")})
    text = RUN.invoke(app, ["why", "bug"]).output
    assert re.search(r"sns at \S+ 11:01 UTC: sent$", text, re.MULTILINE)
    assert re.search(r"slack:C0 at \S+ 11:01 UTC: couldn't be delivered: is_archived$", text, re.MULTILINE)


def test_the_command_and_the_jobs_page_word_an_answer_alike(stack: DynamoLedger) -> None:
    told, due = alert_change(), later(5)
    assert told.run
    stack.commit(replace(told, job_state=replace(told.job_state, version=1), run=replace(told.run, task_id="bug")), NOW)
    (message,) = told.messages
    for state in DeliveryState:
        delivery = Delivery(state, NOW, "a reason", due=due)
        DynamoOutbox("ledger", boto3.client("dynamodb")).note(message, {"sns": delivery})
        records = Records(message.job, [replace(alerted(message.job))], messages=((message, {"sns": delivery}),))
        shown = story(records, NOW)
        assert shown
        (on_page,) = shown.sent
        answer = on_page.answer.replace(" at 11:06", " at 2026-05-06 11:06 UTC")
        assert f"sns at 2026-05-06 11:01 UTC: {answer}\n" in RUN.invoke(app, ["why", "bug"]).output


def test_a_run_that_a_person_stopped_leaves_an_alert_that_is_held_not_a_job_that_heals(stack: DynamoLedger) -> None:
    stop_the_rerun(stack)
    (row,) = RUN.invoke(app, ["incidents"]).output.splitlines()[1:]
    assert re.search(r"held: deploy_race .* alert held until 2026-05-06 12:01 UTC$", row)
    text = RUN.invoke(app, ["why", "a1"]).output
    assert re.search(r"^incident +a1 is held: run 2 was stopped on purpose$", text, re.MULTILINE)
    assert document("incidents")[0]["state"] == "healing"


def stop_the_rerun(stack: DynamoLedger) -> None:
    """A person stops the re-run of the only incident."""
    job_state = stack.read(JOB)
    assert job_state.incident
    held = replace(job_state.incident, planned=None, no_rerun="run 2 was stopped on purpose")
    stack.commit(Change(replace(job_state, incident=held)), NOW)


def test_a_held_alert_is_no_alert_in_the_history(stack: DynamoLedger) -> None:
    world = World(policy=Policy.UNSTARTED)
    record = world.fails(stopped("a2"))
    state = replace(world.ledger.read(JOB), version=stack.read(JOB).version)
    stack.commit(Change(state, record), NOW)
    rows = RUN.invoke(app, ["history", JOB]).output
    assert "deploy_race → re-run: " in rows
    assert re.search(r"deploy_race → alert held until \S+ \d\d:\d\d UTC: ", rows)


def test_why_names_no_signal_for_a_failure_that_the_deploy_did_not_decide(stack: DynamoLedger) -> None:
    assert "open (revision_differs): " in " ".join(RUN.invoke(app, ["why", "a1"]).output.split())
    run = stack.run("a1")
    assert run
    window = DeployWindow(WindowState.OPEN, Signal.MARKER, "the deploy of 58 started 2 min ago")
    pulled = replace(run, task_id="a9", category=Category.CONFIGURATION_ERROR, rule="ecs.image_missing", window=window)
    stack.commit(Change(stack.read(JOB), pulled), NOW)
    text = RUN.invoke(app, ["why", "a9"]).output
    assert re.search(r"^deploy +open: the deploy of 58 started 2 min ago$", text, re.MULTILINE)
    assert "pipeline_marker" not in text


def test_why_prints_the_log_alone_on_standard_output(stack: DynamoLedger) -> None:
    logs = boto3.client("logs")
    logs.create_log_group(logGroupName="/ecs/app-prod")
    logs.create_log_stream(logGroupName="/ecs/app-prod", logStreamName="web/web/a1")
    lines = ["starting", ":boom: [red]broken[/]", "a\ttab, \x1b[31mred\x1b[0m and \u202eback"]
    logs.put_log_events(
        logGroupName="/ecs/app-prod",
        logStreamName="web/web/a1",
        logEvents=[{"timestamp": int(time.time() * 1000), "message": line} for line in lines],
    )
    result = RUN.invoke(app, ["why", "a1", "--log"])
    assert result.stdout_bytes.decode() == "".join(f"{line}\n" for line in lines)
    assert "deploy_race" in result.stderr


def test_why_shows_a_run_that_succeeded_with_its_job(stack: DynamoLedger) -> None:
    world = World()
    record = world.succeeds(stopped("good", exit_code=0, created_at=later(4), stopped_at=later(5)), later(6))
    stack.commit(Change(replace(stack.read(record.job), history=world.ledger.read(record.job).history), record), NOW)
    assert document("why", "good", "--job", "publish-scheduled")["run"]["category"] == "success"
    assert "`cronmend why TASK --job JOB`" in " ".join(RUN.invoke(app, ["why", "good"]).output.split())
    unknown = RUN.invoke(app, ["why", "gone", "--job", JOB])
    assert f"has no run of task 'gone' of {JOB}." in " ".join(unknown.output.split())


def test_why_shows_what_could_not_be_read_of_the_deploy(stack: DynamoLedger) -> None:
    world = World(services=FakeServices(Missing("AWS denied ecs:ListServices to Cronmend's role")))
    record = world.fails(stopped("blind"))
    stack.commit(Change(replace(world.ledger.read(record.job), version=1), record), NOW)
    assert document("why", "blind")["run"]["window"]["unread"] == ["AWS denied ecs:ListServices to Cronmend's role"]
    assert "not read" in RUN.invoke(app, ["why", "blind"]).output


def test_why_shows_how_sure_the_end_of_the_deploy_is(stack: DynamoLedger) -> None:
    world = World()
    world.finish_deploy(later(-1))
    record = world.fails(stopped("after"))
    stack.commit(Change(replace(world.ledger.read(record.job), version=1), record), NOW)
    assert document("why", "after")["run"]["window"]["proof"] == "assumed"
    assert "recent (service_deployment, assumed): " in RUN.invoke(app, ["why", "after"]).output


def test_why_of_a_race_shows_how_sure_the_end_was_that_its_rerun_waited_for(stack: DynamoLedger) -> None:
    """When the run failed, the deploy was in progress: only the re-run knows how it ended."""
    world = World()
    record = world.fails(stopped("race"))
    world.finish_deploy(later(5))
    world.due.handle(rerun_timer(world), later(5.5))
    (attempt,) = world.attempts()
    stack.commit(Change(replace(world.ledger.read(record.job), version=1), record, claim=attempt), NOW)
    (rerun,) = document("why", "race")["reruns"]
    assert (rerun["window"]["state"], rerun["window"]["proof"]) == ("recent", "assumed")
    text = RUN.invoke(app, ["why", "race"]).output
    assert re.search(r"deploy +open \(revision_differs\): ", text)
    assert re.search(r"deploy then +recent \(service_deployment, assumed\): .*\n(.*\n)*?done +run 2: ", text)


def test_why_prints_the_command_for_a_run_whose_schedule_is_gone(stack: DynamoLedger) -> None:
    world = World()
    world.schedules.schedules.clear()
    record = world.fails(stopped("lost", overrides=(ContainerOverride("web", COMMAND),)))
    stack.commit(Change(replace(world.ledger.read(record.job), version=0), record), NOW)
    lines = RUN.invoke(app, ["why", "lost"]).output.splitlines()
    assert record.by_hand in lines
    assert document("why", "lost")["run"]["by_hand"] == record.by_hand


def test_the_mode_is_set_and_shown(stack: DynamoLedger) -> None:
    assert document("mode") == {"mode": "heal", "circuit_open_until": None}
    assert document("mode", "off")["mode"] == "off"
    assert boto3.client("ssm").get_parameter(Name="/m")["Parameter"]["Value"] == "off"


def test_a_requested_run_names_the_person(stack: DynamoLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[RunRequest] = []

    def answer(self: Stack, run_request: RunRequest) -> dict[str, Any]:
        requests.append(run_request)
        return {"job": JOB, "done": "the run has started", "task_arn": "arn:t/1", "blockers": []}

    monkeypatch.setattr(Stack, "ask_rerun", answer)
    document("rerun", "publish-scheduled")
    (run_request,) = requests
    assert (run_request.job, run_request.force) == (JOB, False)
    assert run_request.by == boto3.client("sts").get_caller_identity()["Arn"].rsplit("/", 1)[-1].rsplit(":", 1)[-1]
    document("rerun", "publish-scheduled", "--by", "ann")
    assert requests[-1].by == "ann"


def test_a_circuit_that_is_closed_says_so(stack: DynamoLedger) -> None:
    assert "was not open" in RUN.invoke(app, ["circuit", "close"]).output
    assert document("circuit", "close") == {"done": "The circuit was not open."}


def test_a_job_that_has_never_run_is_found_by_its_schedule(stack: DynamoLedger) -> None:
    scheduler = boto3.client("scheduler")
    target: TargetTypeDef = {
        "Arn": "arn:aws:ecs:eu-west-2:111122223333:cluster/app-prod",
        "RoleArn": "arn:aws:iam::1:role/r",
    }
    for name in ("charge-tickets", "charge-tickets-again"):
        scheduler.create_schedule(
            Name=name, ScheduleExpression="rate(1 hour)", FlexibleTimeWindow={"Mode": "OFF"}, Target=target
        )
    assert Reader(Stack("cronmend", None, None)).job("charge-tickets") == "default/charge-tickets"
    assert document("history", "charge-tickets") == []


def test_a_job_of_jobs_toml_without_a_schedule_is_to_be_deployed_first(
    stack: DynamoLedger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    toml = tmp_path / "jobs.toml"
    toml.write_text((ROOT / "jobs.toml").read_text(encoding="utf-8"), encoding="utf-8")
    result = RUN.invoke(app, ["rerun", "charge-tickets"])
    assert result.exit_code == 1
    said = " ".join(result.output.split())
    assert said.endswith("jobs.toml defines cronmend-jobs/charge-tickets: deploy it, then run the command again.")
    toml.write_text("no TOML", encoding="utf-8")
    assert "No job named 'charge-tickets' has a run on record" in RUN.invoke(app, ["rerun", "charge-tickets"]).output


def test_an_id_that_stands_for_an_unknown_job_hides_no_job_of_that_name(stack: DynamoLedger) -> None:
    made_up = f"unattributed/33071e7a/{JOB.rsplit('/', 1)[-1]}"
    stack.commit(Change(JobState(made_up)), NOW)
    (run,) = document("history", "publish-scheduled")
    assert run["job"] == JOB
    stack.commit(Change(JobState("unattributed/1/other")), NOW)
    assert Reader(Stack("cronmend", None, None)).job("other") == "unattributed/1/other"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("history", "publish-shceduled"), "Did you mean cronmend-jobs/publish-scheduled?"),
        (("why", "zz"), "has no run of task 'zz'"),
        (("incidents", "--profile", "nobody"), "or use --profile."),
        (("rerun", JOB), "no output RerunFunctionName"),
        (("rerun", "zz"), "No job named 'zz' has a run on record or a schedule in the account."),
    ],
)
def test_an_error_names_the_remedy(stack: DynamoLedger, arguments: tuple[str, ...], message: str) -> None:
    result = RUN.invoke(app, arguments)
    assert result.exit_code == 1
    assert message in " ".join(result.output.split())


def described(answer: dict[str, Any] | str) -> Stack:
    """A stack whose CloudFormation answer is this, or this error."""
    stack, client = Stack("cronmend", None, "eu-west-2"), boto3.client("cloudformation", region_name="eu-west-2")
    stub = Stubber(client)
    if isinstance(answer, str):
        stub.add_client_error("describe_stacks", answer.split(":", 1)[0], answer.split(":", 1)[1])
    else:
        stub.add_response("describe_stacks", answer)
    stub.activate()

    class Session(boto3.Session):
        def client(self, *_: Any, **__: Any) -> Any:
            return client

    stack.__dict__["session"] = Session(region_name="eu-west-2")
    return stack


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("ValidationError:Stack with id cronmend does not exist", "No stack named 'cronmend' in eu-west-2"),
        ("AccessDenied:not you", "Check that the credentials"),
        ({"Stacks": []}, "No stack named 'cronmend'"),
        (
            {"Stacks": [{"StackName": "s", "CreationTime": NOW, "StackStatus": "X"}]},
            "Check that it is a Cronmend stack",
        ),
    ],
)
def test_a_missing_stack_is_named(answer: dict[str, Any] | str, message: str) -> None:
    with pytest.raises(CommandError, match=message), command_errors():
        described(answer).output("LedgerTable")
