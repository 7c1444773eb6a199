"""The other adapters, on moto, or on botocore's stub if moto only has the shape of a call."""

import json
from collections.abc import Sequence
from copy import replace
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.adapters.channels.sns import SnsChannel
from cronmend.adapters.ecs import EcsRunningTasks, EcsTaskDefinitions, EcsTasks
from cronmend.adapters.logs import MOST_LINES, PATIENT, CloudWatchLogs
from cronmend.adapters.schedules import SchedulerSchedules
from cronmend.adapters.timers import SchedulerTimers
from cronmend.errors import CronmendError, Denied, NotFound, Permanent, Retryable
from cronmend.incoming.own_payloads import healing_timer
from cronmend.jobs.refusal import Refusal
from cronmend.model import LiveSchedule, LogPlace, Missing
from cronmend.model.expected_logs import WholeLog
from cronmend.model.wakeups import RerunTimer
from tests.alerting.render.test_slack_message import REPORT
from tests.fakes import later
from tests.samples import CLUSTER

PLACE = LogPlace("/ecs/app-prod", "web/web/a1", "eu-west-2")
FAR = datetime(2099, 1, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ThrottlingException", 400, Retryable),
        ("SomethingNew", 503, Retryable),
        ("SomethingNew", 429, Retryable),
        ("ResourceNotFoundException", 400, NotFound),
        ("AccessDeniedException", 400, Denied),
        ("ClientException", 400, Permanent),
    ],
)
def test_aws_errors_are_translated_by_what_the_caller_can_do(code: str, status: int, kind: type[CronmendError]) -> None:
    answer: Any = {"Error": {"Code": code, "Message": "m"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(CronmendError) as caught, our_errors("do it"):
        raise ClientError(answer, "Op")
    assert type(caught.value) is kind
    assert str(caught.value) == f"couldn't do it: {code}: m"


def test_no_answer_is_retryable() -> None:
    with pytest.raises(Retryable, match="couldn't do it: AWS didn't answer"), our_errors("do it"):
        raise EndpointConnectionError(endpoint_url="https://ecs")


class Logs:
    """A log stream in moto, with the waits for it."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.client = boto3.client("logs")
        self.client.create_log_group(logGroupName=PLACE.group)
        self.waited: list[float] = []
        self.lines = lines

    def write(self) -> None:
        self.client.create_log_stream(logGroupName=PLACE.group, logStreamName=PLACE.stream)
        now = int(datetime.now(UTC).timestamp() * 1000)
        events: Any = [{"timestamp": now, "message": line} for line in self.lines]
        self.client.put_log_events(logGroupName=PLACE.group, logStreamName=PLACE.stream, logEvents=events)

    def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        if len(self.waited) == 2:
            self.write()


def test_a_log_is_read_in_its_order(aws: None) -> None:
    logs = Logs([f"line {n}" for n in range(50)])
    logs.write()
    assert CloudWatchLogs(lambda _: logs.client, sleep=logs.sleep).tail(PLACE) == tuple(logs.lines)
    assert logs.waited == []


def test_a_stream_that_appears_late_is_waited_for(aws: None) -> None:
    logs = Logs(["late"])
    assert CloudWatchLogs(lambda _: logs.client, (2, 5, 10), logs.sleep).tail(PLACE) == ("late",)
    assert logs.waited == [2, 5]


def test_a_stream_that_never_appears_is_missing_with_its_reason(aws: None) -> None:
    logs = Logs([])
    answer = CloudWatchLogs(lambda _: logs.client, (2,), logs.waited.append).tail(PLACE)
    assert isinstance(answer, Missing)
    assert "the log doesn't exist" in answer.reason


def test_an_empty_page_is_not_the_end() -> None:
    client = boto3.client("logs", region_name="eu-west-2")
    pages: Any = [
        ([], "f/1", "b/1"),
        ([{"message": "second"}], "f/2", "b/2"),
        ([{"message": "first"}], "f/3", "b/3"),
        ([], "f/3", "b/3"),
    ]
    with Stubber(client) as stub:
        for events, forward, backward in pages:
            answer = {"events": events, "nextForwardToken": forward, "nextBackwardToken": backward}
            stub.add_response("get_log_events", answer)
        assert CloudWatchLogs(lambda _: client, ()).tail(PLACE) == ("first", "second")


@pytest.mark.parametrize(("first", "pages"), [("started", 1), ("    main()", 2)])
def test_a_page_with_thirty_lines_is_enough_unless_it_begins_within_a_traceback(first: str, pages: int) -> None:
    client = boto3.client("logs")
    page = {
        "events": [{"message": first}, *[{"message": "line"}] * 29],
        "nextForwardToken": "f",
        "nextBackwardToken": "b",
    }
    with Stubber(client) as stub:
        for _ in range(pages):
            stub.add_response("get_log_events", page)
        assert CloudWatchLogs(lambda _: client, ()).tail(PLACE) == tuple([first, *["line"] * 29] * pages)
        stub.assert_no_pending_responses()


def is_done(log: WholeLog) -> bool:
    return "Done" in log.lines


def test_a_whole_log_is_read_again_until_its_last_lines_have_come(aws: None) -> None:
    logs = Logs(["Done"])
    assert CloudWatchLogs(lambda _: logs.client, (2, 5, 10), logs.sleep).whole(PLACE, is_done) == WholeLog(("Done",))
    assert logs.waited == [2, 5]


def test_a_whole_log_that_is_empty_is_no_gap_and_one_that_never_appears_is() -> None:
    client = boto3.client("logs", region_name="eu-west-2")
    empty = {"events": [], "nextForwardToken": "f", "nextBackwardToken": "b"}
    with Stubber(client) as stub:
        for _ in range(2):
            stub.add_response("get_log_events", empty)
        assert CloudWatchLogs(lambda _: client, ()).whole(PLACE, is_done) == WholeLog(())
        stub.add_client_error("get_log_events", "ResourceNotFoundException")
        assert isinstance(CloudWatchLogs(lambda _: client, ()).whole(PLACE, is_done), Missing)


def test_the_time_of_the_last_line_is_one_call_and_that_of_an_empty_log_is_none(aws: None) -> None:
    client = boto3.client("logs", region_name="eu-west-2")
    tokens = {"nextForwardToken": "f", "nextBackwardToken": "b"}
    with Stubber(client) as stub:
        stub.add_response("get_log_events", {"events": [{"timestamp": 1_777_777_777_000, "message": "x"}], **tokens})
        at = CloudWatchLogs(lambda _: client).last_event_at(PLACE)
        assert at == datetime.fromtimestamp(1_777_777_777, UTC)
        for _ in range(2):
            stub.add_response("get_log_events", {"events": [], **tokens})
        assert CloudWatchLogs(lambda _: client).last_event_at(PLACE) is None
        stub.add_client_error("get_log_events", "ResourceNotFoundException")
        assert isinstance(CloudWatchLogs(lambda _: client).last_event_at(PLACE), Missing)


def test_a_whole_log_has_a_bound() -> None:
    client = boto3.client("logs", region_name="eu-west-2")
    with Stubber(client) as stub:
        for number in range(10):
            page = {"events": [{"message": "x"}] * 2_000, "nextForwardToken": "f", "nextBackwardToken": f"b/{number}"}
            stub.add_response("get_log_events", page)
        found = CloudWatchLogs(lambda _: client, ()).whole(PLACE, is_done)
    assert isinstance(found, WholeLog)
    assert (len(found.lines), found.from_start) == (MOST_LINES, False)


def test_one_client_serves_all_adapters_and_another_region_has_one_of_its_own() -> None:
    one, other = (session().client("logs", config=CONFIG) for _ in range(2))
    assert one is other
    assert session().client("logs", region_name="us-east-1", config=CONFIG) is not one
    assert session().client("logs", config=PATIENT) is not one


def scheduler() -> Any:
    client = boto3.client("scheduler")
    client.create_schedule_group(Name="timers")
    return client


def timers(client: Any) -> SchedulerTimers:
    return SchedulerTimers(
        "timers", "arn:aws:lambda:eu-west-2:111122223333:function:rerun", "arn:role", "arn:dlq", client
    )


def test_a_timer_is_a_one_time_schedule_that_deletes_itself(aws: None) -> None:
    client = scheduler()
    set_timer = RerunTimer("g/publish", "a1", 2, FAR)
    timers(client).set(set_timer)
    timers(client).set(set_timer)
    (listed,) = client.list_schedules(GroupName="timers")["Schedules"]
    found = client.get_schedule(GroupName="timers", Name=listed["Name"])
    assert found["ScheduleExpression"] == "at(2099-01-01T12:00:00)"
    assert found["ActionAfterCompletion"] == "DELETE"
    assert healing_timer(json.loads(found["Target"]["Input"])) == set_timer
    assert found["Target"]["DeadLetterConfig"] == {"Arn": "arn:dlq"}


def test_a_timer_in_the_past_is_set_to_the_earliest_time_scheduler_accepts(aws: None) -> None:
    client = scheduler()
    timers(client).set(RerunTimer("g/publish", "a1", 2, later(0)))
    (listed,) = client.list_schedules(GroupName="timers")["Schedules"]
    found = client.get_schedule(GroupName="timers", Name=listed["Name"])
    at = datetime.strptime(found["ScheduleExpression"], "at(%Y-%m-%dT%H:%M:%S)").replace(tzinfo=UTC)
    assert at > datetime.now(UTC)


def test_a_timer_is_brought_forward_or_set_again(aws: None) -> None:
    client = scheduler()
    sooner = RerunTimer("g/publish", "a1", 2, FAR.replace(hour=11))
    timers(client).bring_forward(sooner)
    timers(client).set(RerunTimer("g/publish", "a1", 2, FAR))
    timers(client).bring_forward(replace(sooner, at=FAR.replace(hour=10)))
    (listed,) = client.list_schedules(GroupName="timers")["Schedules"]
    assert (
        client.get_schedule(GroupName="timers", Name=listed["Name"])["ScheduleExpression"] == "at(2099-01-01T10:00:00)"
    )


def test_schedules_are_read_whole(aws: None) -> None:
    client = boto3.client("scheduler")
    for name in ("publish-scheduled", "publish-else", "other"):
        client.create_schedule(
            Name=name,
            ScheduleExpression="cron(0 * * * ? *)",
            ScheduleExpressionTimezone="Europe/London",
            FlexibleTimeWindow={"Mode": "OFF"},
            State="DISABLED" if name == "publish-else" else "ENABLED",
            Target={
                "Arn": CLUSTER,
                "RoleArn": "arn:aws:iam::111122223333:role/r",
                "Input": "{}",
                "EcsParameters": {"TaskDefinitionArn": "arn:td:2", "LaunchType": "FARGATE"},
            },
        )
    found = SchedulerSchedules(client).named("publish", CLUSTER)
    assert not isinstance(found, Missing)
    assert [(each.job, each.enabled) for each in found] == [
        ("default/publish-else", False),
        ("default/publish-scheduled", True),
    ]
    one = SchedulerSchedules(client).get("default/publish-scheduled")
    assert isinstance(one, LiveSchedule)
    assert (one.cluster_arn, one.timezone, one.parameters["LaunchType"]) == (CLUSTER, "Europe/London", "FARGATE")
    gone = SchedulerSchedules(client).get("default/gone")
    assert gone == Missing("the schedule default/gone doesn't exist")


def test_a_report_reaches_the_topics_queue_as_json(aws: None) -> None:
    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    queue = sqs.create_queue(QueueName="q")["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:eu-west-2:123456789012:q")
    SnsChannel(topic, sns).send(REPORT)
    (got,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    envelope = json.loads(got["Body"])
    assert json.loads(envelope["Message"])["headline"] == REPORT.headline
    assert envelope["MessageAttributes"]["category"]["Value"] == "schema_mismatch"


def definition(driver: str = "awslogs", **options: str) -> dict[str, Any]:
    configuration = {"logDriver": driver, "options": options}
    return {
        "taskDefinition": {
            "family": "webapp",
            "revision": 2,
            "registeredAt": later(-10),
            "containerDefinitions": [{"name": "web", "logConfiguration": configuration}, {"name": "side"}],
        }
    }


AWSLOGS = {"awslogs-group": "/ecs/app-prod", "awslogs-stream-prefix": "web", "awslogs-region": "eu-west-1"}


def test_a_task_definition_has_the_log_of_each_container() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        stub.add_response("describe_task_definition", definition(**AWSLOGS), {"taskDefinition": "webapp:2"})
        definitions = EcsTaskDefinitions(client)
        found = definitions.get("webapp:2")
        assert definitions.get("webapp:2") is found  # the stub has no second answer: a revision is asked for once
    assert not isinstance(found, Missing)
    assert found.logs["web"] == LogPlace("/ecs/app-prod", "web", "eu-west-1")
    assert found.logs["side"] == Missing("container side has no log configuration, so its output isn't stored")


def test_the_newest_of_a_family_is_asked_for_each_time() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        for _ in range(2):
            stub.add_response("describe_task_definition", definition(**AWSLOGS), {"taskDefinition": "webapp"})
        definitions = EcsTaskDefinitions(client)
        definitions.get("webapp")
        definitions.get("webapp")
        stub.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (definition("awsfirelens"), "logs with awsfirelens"),
        (definition("awslogs", **{"awslogs-group": "g"}), "awslogs-stream-prefix"),
    ],
)
def test_a_log_outside_cloudwatch_is_missing(raw: dict[str, Any], why: str) -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        stub.add_response("describe_task_definition", raw)
        found = EcsTaskDefinitions(client).get("webapp:2")
    assert not isinstance(found, Missing)
    place = found.logs["web"]
    assert isinstance(place, Missing)
    assert why in place.reason


def test_every_active_task_of_the_family_is_listed_no_matter_who_started_it() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    active_tasks = {
        "clusterArn": CLUSTER,
        "taskDefinitionArn": "arn:aws:ecs:eu-west-2:111122223333:task-definition/webapp:2",
        "overrides": {"containerOverrides": [{"name": "web", "command": ["python", "manage.py", "check"]}]},
    }
    own = {**active_tasks, "taskArn": "arn:one", "startedBy": "chronos-schedule/publish-scheduled"}
    with Stubber(client) as stub:
        asked = {"cluster": CLUSTER, "family": "webapp", "desiredStatus": "RUNNING"}
        stub.add_response("list_tasks", {"taskArns": ["arn:one"], "nextToken": "more"}, asked)
        stub.add_response("describe_tasks", {"tasks": [own]}, {"cluster": CLUSTER, "tasks": ["arn:one"]})
        stub.add_response("list_tasks", {"taskArns": ["arn:two"]}, {**asked, "nextToken": "more"})
        by_hand = {**active_tasks, "taskArn": "arn:two"}
        stub.add_response("describe_tasks", {"tasks": [by_hand]}, {"cluster": CLUSTER, "tasks": ["arn:two"]})
        found = EcsRunningTasks(client).active(CLUSTER, "webapp")
    assert [(task.task_arn, task.started_by) for task in found] == [
        ("arn:one", "chronos-schedule/publish-scheduled"),
        ("arn:two", ""),
    ]
    assert found[1].overrides[0].command == ("python", "manage.py", "check")


def test_no_capacity_is_an_answer_that_may_change() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        reason = "Capacity is unavailable at this time. Please try again later or in a different availability zone"
        stub.add_response("run_task", {"tasks": [], "failures": [{"reason": reason}]})
        assert EcsTasks(client).run({"taskDefinition": "webapp:2"}) == Refusal(reason, passes=True)


def test_an_inactive_revision_is_refused_for_good() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        stub.add_client_error("run_task", "ClientException", "TaskDefinition is inactive", http_status_code=400)
        with pytest.raises(Permanent, match="TaskDefinition is inactive"):
            EcsTasks(client).run({"taskDefinition": "webapp:2", "cluster": CLUSTER})


def test_a_token_that_started_a_task_of_an_earlier_target_names_that_task() -> None:
    client = boto3.client("ecs", region_name="eu-west-2")
    with Stubber(client) as stub:
        ids = {"resourceIds": ["arn:one"]}
        stub.add_client_error("run_task", "ConflictException", "in use", 400, modeled_fields=ids)
        stub.add_client_error("run_task", "ConflictException", "in use", 400)
        assert EcsTasks(client).run({"taskDefinition": "webapp:3", "clientToken": "a"}) == "arn:one"
        with pytest.raises(Permanent, match="in use"):
            EcsTasks(client).run({"taskDefinition": "webapp:3", "clientToken": "a"})
