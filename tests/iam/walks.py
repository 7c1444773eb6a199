"""All that each function does, as walks through an account: every call that its role is for happens in its walk."""

import json
import os
from collections.abc import Callable, Mapping
from copy import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import ANY, patch

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

import board_action.app
import deploy_state.app
import failure_alert.app
import job_board.app
import reconcile.app
import rerun.app
import slack_action.app
import task_state.app
from cronmend.adapters.ledger.due import OPEN
from cronmend.adapters.ledger.due import text as due_text
from cronmend.adapters.ledger.followings import DynamoFollowings
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.adapters.ledger.timetables import DynamoTimetables
from cronmend.alerting import routes
from cronmend.alerting.routes import Route, Routes
from cronmend.deploys.following import Following
from cronmend.incoming import slack_requests
from cronmend.incoming.own_payloads import COMPARE, run_request_payload
from cronmend.incoming.timer_forms import payload
from cronmend.jobs.policies import JobPolicy
from cronmend.model import OnOverdue
from cronmend.model.incident import Attempt, Change
from cronmend.model.presses import Button
from cronmend.model.timetables import Timetable
from cronmend.model.wakeups import HoldTimer, ReleaseTimer, RunRequest
from cronmend.use_cases.reconciling import memory_use
from cronmend.wiring import reconcile as wiring
from tests.adapters.ledger.test_ledger import race_change
from tests.clicks import form, request
from tests.clicks import payload as clicked
from tests.fakes import NOW
from tests.iam.account import DIGEST, ECS, OTHER_JOB, RULE, Account, target
from tests.iam.needs import ACCOUNT, MOTOS_ACCOUNT
from tests.kept import forget
from tests.samples import CLUSTER, COMMAND, JOB, event
from tests.wiring.test_handlers import CONTEXT, LATE, queued, stream


def failed(site: Account, task_id: str, started_by: str = f"chronos-schedule/{JOB.partition('/')[2]}") -> Any:
    """A run that used revision 2 fails on a schema that is older."""
    site.logs(task_id)
    sample = event("task_stopped/missing_model_no_deploy.json")
    now = datetime.now(UTC)
    sample["detail"] |= {
        "taskArn": f"{ECS}:task/app-prod/{task_id}",
        "taskDefinitionArn": f"{ECS}:task-definition/webapp:2",
        "startedBy": started_by,
        "createdAt": (now - timedelta(seconds=90)).isoformat(),
        "startedAt": (now - timedelta(seconds=60)).isoformat(),
        "stoppedAt": now.isoformat(),
    }
    sample["detail"]["containers"][0]["imageDigest"] = DIGEST
    return sample


def fails(site: Account, *run: str) -> Any:
    return task_state.app.handler(failed(site, *run), CONTEXT)


def given_up(queue: str) -> None:
    """EventBridge gave up a start, and put it into one of the schedules' dead-letter queues."""
    boto3.client("sqs").create_queue(QueueName=queue)
    batch = event("queued/start_given_up.json")
    batch["Records"][0]["eventSourceARN"] = f"arn:aws:sqs:eu-west-2:{MOTOS_ACCOUNT}:{queue}"
    assert task_state.app.handler(batch, CONTEXT) == {"batchItemFailures": []}


def stops(site: Account) -> None:
    """With a deploy open, then just over; then the run of a rule, and its re-run."""
    site.deploys("IN_PROGRESS")
    assert fails(site, "a1")["category"] == "deploy_race"
    site.deploys("SUCCESSFUL", finishedAt=datetime.now(UTC))
    site.serves(2)
    assert fails(site, "a2")["category"] == "deploy_race"
    site.rule()
    task_state.app.handler(queued(failed(site, "a3", f"events-rule/{RULE}")), CONTEXT)
    ledger, again = DynamoLedger("ledger", timedelta(days=90), 30), Attempt("ab12", f"events-rule/{RULE}", "", 2, NOW)
    ledger.commit(Change(ledger.read(again.job), claim=again), NOW)
    fails(site, "a4", f"cronmend/{again.key}")
    for queue in ("starts", "Schedules"):
        given_up(queue)
    assert task_state.app.handler(event("queued/run_task_refused.json"), CONTEXT) == {"batchItemFailures": []}
    assert len([each for each in site.messages() if "never_started" in str(each)]) == 2
    site.serves_another_image()
    forget()
    fails(site, "a5")


def marker(phase: str, release: str = "v2", context: LambdaContext = CONTEXT, family: str = "webapp") -> Any:
    sample = event("deploy_state/marker_started.json")
    sample |= {"detail-type": phase, "time": datetime.now(UTC).isoformat()}
    sample["detail"] |= {"family": family, "release": release}
    return deploy_state.app.handler(sample, context)


def deploys(site: Account) -> None:
    """A deploy holds the schedule, a run waits for it, and it ends; the next one has no time for all schedules."""
    assert marker("started")["switched"] == [JOB]
    fails(site, "a1")
    assert marker("finished")["switched"] == [JOB]
    boto3.client("scheduler").create_schedule(
        GroupName=JOB.split("/")[0],
        Name="another",
        ScheduleExpression="rate(1 hour)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target=target(),
    )
    os.environ["AWS_LAMBDA_FUNCTION_NAME"] = "cronmend-deploy-state"
    assert "other invocations continue" in marker("started", "v3", LATE)["done"]
    completed = event("deploy_state/completed.json")
    deploy_state.app.handler(completed, CONTEXT)
    shell = event("deploy_state/migration_running.json")
    shell["detail"]["overrides"] = {}
    deploy_state.app.handler(shell, CONTEXT)
    follows(site)


def follows(site: Account) -> None:
    """The schedule is moved after a deploy of the service that runs its image, and another one is gone."""
    site.serves_image()
    timetables, another = DynamoTimetables("ledger"), f"{JOB.split('/')[0]}/another"
    known = Timetable("", "", "1", CLUSTER, "rate(1 hour)", "UTC", enabled=True, since=NOW, checked_until=NOW)
    for job in (another, "site/gone"):
        timetables.put(replace(known, job=job, source=job))
    DynamoFollowings("ledger").put(Following("site/forgotten", CLUSTER, f"{ECS}:task-definition/webapp:2"))
    site.deploys("IN_PROGRESS")
    assert deploy_state.app.handler(COMPARE, CONTEXT) == {"moved": [], "unmoved": []}
    site.deploys("SUCCESSFUL")
    moved = marker("migrated", "v7", family="site")["moved"]
    assert moved == [{"job": another, "task_definition": "webapp:3"}]


def heals(site: Account) -> None:
    """A run waits for a deploy, is run again, is asked for; a hold and an alert are released."""
    site.deploys("IN_PROGRESS")
    incident = fails(site, "a1")["incident"]["id"]
    planned = boto3.client("scheduler").list_schedules(GroupName="timers")["Schedules"]
    timers = [boto3.client("scheduler").get_schedule(GroupName="timers", Name=each["Name"]) for each in planned]
    (due,) = [each for each in (json.loads(one["Target"]["Input"]) for one in timers) if each["kind"] == "rerun"]
    rerun.app.handler(queued(due), CONTEXT)
    site.serves(2)
    site.deploys("SUCCESSFUL")
    again = rerun.app.handler({**due, "rechecks": due["rechecks"] + 1}, CONTEXT)
    assert again["done"].startswith("attempt 2 runs")
    now = datetime.now(UTC)
    rerun.app.handler(payload(ReleaseTimer(JOB, incident, now)), CONTEXT)
    marker("started")
    marker("finished")
    (hold,) = [each for each in boto3.client("dynamodb").scan(TableName="ledger")["Items"] if "hold" in each]
    rerun.app.handler(payload(HoldTimer(JOB, hold["hold"]["M"]["id"]["S"], now, 0)), CONTEXT)
    site.rule()
    for job in (f"events-rule/{RULE}", JOB):
        rerun.app.handler(run_request_payload(RunRequest(job, f"w-{job[:3]}", True, "ann")), CONTEXT)
    site.serves_another_image()
    forget()
    rerun.app.handler(run_request_payload(RunRequest(JOB, "w-image", True, "ann")), CONTEXT)


def alerts(site: Account) -> None:
    """A message from the stream, and the canary, each with another kind of secret."""
    site.serves(2)
    site.slack.answers = [(200, '{"ok": true, "channel": "C1", "ts": "1.0"}')] * 2
    fails(site, "a1")
    failure_alert.app.handler(stream(site.messages()), CONTEXT)
    boto3.client("ssm").put_parameter(Name="/slack/bot", Value=site.slack.secret(""), Type="SecureString")
    os.environ["SLACK_SECRET_ARN"] = f"arn:aws:ssm:eu-west-2:{ACCOUNT}:parameter/slack/bot"
    forget()
    failure_alert.app.handler(event("failure_alert/alarm.json"), CONTEXT)
    assert failure_alert.app.handler({"kind": "canary"}, CONTEXT) == {
        "delivered": ["slack", "sns", "events"],
        "failed": {},
    }


def reconciles(site: Account) -> None:
    """A re-run and a message are overdue, and a job of which nothing is owed any more is in the index."""
    DynamoLedger("ledger", timedelta(days=90), 30).commit(race_change(), NOW)
    site.rule()
    site.serves(2)
    fails(site, "b1", f"events-rule/{RULE}")
    (message,) = site.messages()
    for key in ({"pk": message["pk"], "sk": message["sk"]}, {"pk": message["pk"], "sk": {"S": "BOOK"}}):
        boto3.client("dynamodb").update_item(
            TableName="ledger",
            Key=key,
            UpdateExpression="SET promise = :open, due = :due",
            ExpressionAttributeValues={":open": {"S": OPEN}, ":due": {"S": due_text(NOW)}},
        )
    definition = site.recorder.answers["ecs:DescribeTaskDefinition"]["taskDefinition"]
    definition["containerDefinitions"][0]["image"] = f"{ACCOUNT}.dkr.ecr.eu-west-2.amazonaws.com/team/site:2"
    with patch.object(memory_use, "HOUR", ANY):
        woken = reconcile.app.handler({}, CONTEXT)["woken"]
    assert sorted(each["kind"] for each in woken) == ["deliver", "release", "rerun"]
    misses(site)
    hangs(site)
    reports()


def reports() -> None:
    """A route asks for the report of a month, and it is the first of the next one."""
    route = Route("default", monthly_report=True)
    with patch.object(routes, "read", lambda text: Routes({"default": route})):
        monthly = wiring.monthly_use_case()
    assert monthly
    assert monthly.check(NOW.replace(day=1, hour=10)) == ("default",)


def misses(site: Account) -> None:
    """The only slot of the schedule came without a run, and another schedule is gone."""
    timetables, before = DynamoTimetables("ledger"), datetime(2026, 5, 6, 8, 59, tzinfo=UTC)
    group, name = JOB.split("/")
    live = boto3.client("scheduler").get_schedule(GroupName=group, Name=name)
    once = "cron(0 9 6 5 ? 2026)"
    site.recorder.answers["scheduler:GetSchedule"] = {**live, "ScheduleExpression": once, "CreationDate": before}
    (known,) = [each for each in timetables.all() if each.job == JOB]
    timetables.put(replace(known, expression=once, created=before, since=before, checked_until=before, due=None))
    timetables.put(replace(known, job="site/gone", source="site/gone"))
    answer = reconcile.app.handler({}, CONTEXT)
    assert (answer["missed"], answer["unchecked"]) == ([{"job": JOB, "slots": ["2026-05-06T09:00:00+00:00"]}], [])


def hangs(site: Account) -> None:
    """A run takes longer than the job's owner allows."""
    now = datetime.now(UTC)
    (task,) = site.recorder.answers["ecs:DescribeTasks"]["tasks"]
    alive = {"lastStatus": "RUNNING", "createdAt": now - timedelta(hours=3), "startedAt": now - timedelta(hours=3)}
    started_by = f"chronos-schedule/{JOB.split('/')[1]}"
    command = {"containerOverrides": [{"name": "web", "command": list(COMMAND)}]}
    late = {**task, **alive, "startedBy": started_by, "overrides": command}
    site.recorder.answers |= {"ecs:DescribeTasks": {"tasks": [late]}, "ecs:StopTask": {}}
    limited = JobPolicy(JOB, max_runtime=timedelta(hours=2), on_overdue=OnOverdue.STOP)
    stopping = replace(reconcile.app.overdue_use_case(), policy=lambda _: limited, may_stop=True)
    with patch.object(reconcile.app, "overdue_use_case", lambda: stopping):
        answer = reconcile.app.handler({}, CONTEXT)
    assert (answer["stopped"], answer["unread"]) == ([OTHER_JOB], [])
    quiet = JobPolicy(JOB, silent_after=timedelta(hours=2), container="web")
    site.logs(OTHER_JOB.rpartition("/")[2])
    listening = replace(reconcile.app.overdue_use_case(), policy=lambda _: quiet)
    with patch.object(reconcile.app, "overdue_use_case", lambda: listening):
        assert reconcile.app.handler({}, CONTEXT)["unread"] == []


def clicks(site: Account) -> None:
    """Each button, on the alert of a bug."""
    site.serves(2)
    fails(site, "a1")
    for button in ("cronmend_ack", "cronmend_mute", "cronmend_rerun"):
        content = clicked(button, response_url=f"{site.slack.url}/actions/1")
        asked = request(form(content), datetime.now(UTC))
        assert slack_action.app.handler(asked, CONTEXT)["statusCode"] == 200
        click = slack_requests.click(slack_requests.signed(asked))
        assert click
        slack_action.app.handler(slack_requests.click_payload(click), CONTEXT)


def looks(site: Account) -> None:
    """At the board, and at the page of a job that has failed twice."""
    for task_id in ("a1", "a2"):
        fails(site, task_id)
    timetable = Timetable(JOB, JOB, "1", CLUSTER, "rate(1 hour)", "UTC", enabled=True, since=NOW, checked_until=NOW)
    DynamoTimetables("ledger").put(timetable)
    assert JOB.rpartition("/")[2] in job_board.app.handler(event("job_board/board.json"), CONTEXT)
    assert "What happened" in job_board.app.handler({**event("job_board/job_page.json"), "job": JOB}, CONTEXT)


def presses(site: Account) -> None:
    """Each button of the board, on the alert of a bug."""
    site.serves(2)
    fails(site, "a1")
    asked = {**event("board_action/press_acknowledge.json"), "job": JOB, "incident": "a1"}
    for button in Button:
        assert "Nothing was done" not in board_action.app.handler({**asked, "button": button.value}, CONTEXT)


WALKS: Mapping[str, Callable[[Account], None]] = {
    "TaskStateFunction": stops,
    "DeployStateFunction": deploys,
    "RerunFunction": heals,
    "FailureAlertFunction": alerts,
    "ReconcileFunction": reconciles,
    "SlackActionFunction": clicks,
    "JobBoardFunction": looks,
    "BoardActionFunction": presses,
}
