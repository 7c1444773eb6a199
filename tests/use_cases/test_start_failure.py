"""A start that EventBridge gave up: who it was for, why, whether it is made now, and what a person does."""

import json
from collections.abc import Callable
from copy import replace
from dataclasses import dataclass, field
from typing import Any

import pytest

from cronmend.errors import BadEvent
from cronmend.incoming.queued import queued_event
from cronmend.incoming.start_failures import refused_start, start_failure
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Category, ContainerOverride, Policy, TaskDefinitionRef
from cronmend.model.incident import IncidentState, JobState, RunRecord
from cronmend.model.schedules import LookAlike
from cronmend.model.start_failures import RefusedStart
from cronmend.model.wakeups import RerunTimer
from cronmend.redact import redact
from cronmend.use_cases.healing.failures import Failures, RecordUnreported
from cronmend.use_cases.start_failure import HandleStartFailure
from tests.fakes import NOW, FakeDefinitions, later
from tests.samples import CLUSTER, COMMAND, JOB, definition, event, schedule
from tests.test_queues import record
from tests.use_cases.world import World, behaving, rerun_timer

INACTIVE = "TaskDefinition is inactive"
DEFINITIONS = "arn:aws:ecs:eu-west-2:111122223333:task-definition"
ARN = "arn:aws:scheduler:eu-west-2:111122223333:schedule/cronmend-jobs/publish-scheduled"


def letter(code: str, message: str, revision: int = 1, **changes: str) -> dict[str, Any]:
    """A message of a schedule's dead-letter queue, as Lambda passes it."""
    attributes = {
        "ERROR_CODE": code,
        "ERROR_MESSAGE": message,
        "EXECUTION_ID": "ad06616e51cdf74a",
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": "0",
        "SCHEDULED_TIME": "2026-05-06T11:00:00Z",
        "SCHEDULE_ARN": ARN,
        "TARGET_ARN": "arn:aws:scheduler:::aws-sdk:ecs:runTask",
    }
    given = {name: value for name, value in (attributes | changes).items() if value}
    named = {name: {"stringValue": value, "dataType": "String"} for name, value in given.items()}
    request = {"cluster": CLUSTER, "taskDefinition": f"{DEFINITIONS}/webapp:{revision}"}
    return record("m1", request) | {"messageAttributes": named}


@dataclass
class Site:
    """webapp:1 is deregistered, webapp:2 is active and scheduled."""

    world: World = field(default_factory=lambda: World(policy=Policy.UNSTARTED))
    managed: bool = True
    newest_is_gone: bool = False

    def gives_up(self, code: str, message: str, revision: int = 1, **changes: str) -> RunRecord:
        return self.receives(letter(code, message, revision, **changes))

    def receives(self, message: dict[str, Any]) -> RunRecord:
        return self.use_case.handle(start_failure(queued_event(message).content()), NOW)

    @property
    def use_case(self) -> HandleStartFailure:
        world = self.world
        known = {
            "webapp:1": replace(definition(1), deregistered_at=later(-59)),
            "webapp:2": definition(2),
            "webapp": replace(definition(2), deregistered_at=NOW if self.newest_is_gone else None),
        }
        return HandleStartFailure(
            schedules=world.known_schedules,
            definitions=FakeDefinitions(known),
            recorder=RecordUnreported(Failures(world.ledger, world.ledger, world.situations), world.timers),
            policy=lambda job: JobPolicy(job, managed=self.managed),
            clusters=(CLUSTER,),
            hide=redact,
        )

    def scheduled(self, revision: int) -> "Site":
        self.world.schedules.schedules[JOB] = schedule(revision)
        return self


def test_a_schedule_that_names_a_deregistered_revision_is_an_alert_with_the_active_one() -> None:
    site = Site().scheduled(1)
    record = site.gives_up("ClientException", INACTIVE)
    assert (record.job, record.category, record.rule) == (JOB, Category.NEVER_STARTED, "start.inactive-revision")
    report = site.world.ledger.messages[0].report
    assert report.headline == (
        "publish-scheduled never started: its schedule names webapp:1, which was deregistered at 10:02 UTC"
    )
    assert report.advice == (
        'webapp:2 is active: set task_definition = "webapp:2" in jobs.toml, run `cronmend jobs build` and deploy the '
        f"schedules. Then run `cronmend rerun {JOB}`."
    )
    assert {fact.label: fact.value for fact in report.facts}["Reason"] == f"ClientException: {INACTIVE}"
    assert site.world.timers.of(RerunTimer) == []


def test_a_family_without_an_active_revision_needs_a_new_one() -> None:
    site = Site(newest_is_gone=True).scheduled(1)
    site.gives_up("ClientException", INACTIVE)
    advice = site.world.ledger.messages[0].report.advice
    assert advice.startswith("Register a revision of webapp (none is active), and point the schedule at it. Then run")


def test_a_schedule_of_another_tool_is_changed_there() -> None:
    site = Site(managed=False).scheduled(1)
    site.gives_up("ClientException", INACTIVE)
    advice = site.world.ledger.messages[0].report.advice
    assert advice.startswith("webapp:2 is active: change the task definition where the schedule is defined. Then run")


def test_a_schedule_that_names_an_active_revision_by_now_is_run_now() -> None:
    site = Site().scheduled(2)
    record = site.gives_up("ClientException", INACTIVE)
    assert record.action == "rerun"
    assert "names webapp:2 now" in record.sentence
    site.world.due.handle(rerun_timer(site.world), NOW)
    ((_, request),) = site.world.tasks.started.items()
    assert request["taskDefinition"].endswith("webapp:2")


@pytest.mark.parametrize(
    ("code", "message", "rule", "action"),
    [
        ("ThrottlingException", "Rate exceeded", "start.aws", "rerun"),
        ("AWS.ECS.ServerException", "Service Unavailable. Please try again later.", "start.aws", "rerun"),
        ("AWS.Scheduler.InternalServerError", "Unexpected error occurred while processing", "start.aws", "rerun"),
        ("LimitExceededException", "You've reached the limit on concurrent tasks", "start.capacity", "rerun"),
        ("AccessDeniedException", "User: x is not authorized to perform: ecs:RunTask", "start.denied", "alert"),
        ("ClientException", "is not authorized to perform: iam:PassRole on resource", "start.denied", "alert"),
        (
            "InvalidParameterException",
            "Override for container named app is not a container in the TaskDefinition.",
            "start.wrong-container",
            "alert",
        ),
        ("ClusterNotFoundException", "Cluster not found.", "start.no-cluster", "alert"),
        ("InvalidParameterException", "No subnets found for the default VPC", "start.network", "alert"),
        ("InvalidParameterException", "Something else", "start.refused", "alert"),
        ("SomethingNew", "", "start.refused", "alert"),
    ],
)
def test_what_passes_is_run_now_and_all_else_is_an_alert(code: str, message: str, rule: str, action: str) -> None:
    record = Site().scheduled(2).gives_up(code, message, 2)
    assert (record.rule, record.action) == (rule, action)


def test_a_job_that_is_never_re_run_and_a_deleted_schedule_are_alerts() -> None:
    site = Site(World(policy=Policy.NEVER))
    assert site.gives_up("ThrottlingException", "Rate exceeded").action == "alert"
    site = Site()
    site.world.schedules.schedules.clear()
    record = site.gives_up("ThrottlingException", "Rate exceeded")
    assert (record.job, record.action) == (JOB, "alert")


def test_a_start_that_was_given_up_yesterday_is_too_old_to_be_made_now() -> None:
    record = Site().gives_up("ThrottlingException", "Rate exceeded", SCHEDULED_TIME="2026-05-05T09:00:00Z")
    assert (record.action, record.reasons) == (
        "alert",
        ("no re-run: it would start more than 24 h after its scheduled time",),
    )


def test_a_dead_letter_that_comes_twice_is_one_failure_also_if_scheduler_sent_two() -> None:
    site = Site().scheduled(1)
    first = site.gives_up("ClientException", INACTIVE)
    assert site.gives_up("ClientException", INACTIVE, EXECUTION_ID="b") == first
    assert (len(site.world.ledger.messages), site.world.incident.runs) == (1, 1)


def test_the_next_run_that_succeeds_ends_it() -> None:
    site = Site().scheduled(1)
    site.gives_up("ClientException", INACTIVE)
    site.world.succeeds(at=later(70))
    assert site.world.incident.state is IncidentState.RECOVERED


def test_a_secret_in_the_message_is_not_stored() -> None:
    record = Site().gives_up("ClientException", "refused: password=hunter2-and-more")
    assert "hunter2" not in record.line


def test_a_rule_is_found_by_its_name_and_its_cluster() -> None:
    site = Site()
    live = replace(schedule(2), job="events-rule/nightly", expression="cron(0 2 * * ? *)")
    other = replace(live, job="events-rule/nightly-report")
    behaving(site.world.schedules, named=lambda prefix, cluster, since=None, work="": [live, other])
    changes = {
        "SCHEDULE_ARN": "",
        "SCHEDULED_TIME": "",
        "RULE_ARN": "arn:aws:events:eu-west-2:111122223333:rule/nightly",
        "TARGET_ARN": CLUSTER,
    }
    message = letter("THROTTLING", "Rate exceeded", 2, **changes)
    message["body"] = json.dumps({"version": "0", "time": "2026-05-06T11:00:00Z", "detail-type": "Scheduled Event"})
    record = site.receives(message)
    assert (record.job, record.rule, record.task_definition) == ("events-rule/nightly", "start.throttled", "webapp:2")


def _other_target(message: dict[str, Any]) -> None:
    message["messageAttributes"]["TARGET_ARN"]["stringValue"] = "arn:aws:scheduler:::aws-sdk:lambda:invoke"


def _other_cluster(message: dict[str, Any]) -> None:
    message["body"] = message["body"].replace("cluster/app-prod", "cluster/other")


def _no_code(message: dict[str, Any]) -> None:
    del message["messageAttributes"]["ERROR_CODE"]


def _strange_arn(message: dict[str, Any]) -> None:
    message["messageAttributes"]["SCHEDULE_ARN"]["stringValue"] = "arn:aws:sqs:eu-west-2:111122223333:queue"


def _no_time(message: dict[str, Any]) -> None:
    del message["messageAttributes"]["SCHEDULED_TIME"]


@pytest.mark.parametrize("breaks", [_other_target, _other_cluster, _no_code, _strange_arn, _no_time])
def test_what_is_no_start_of_a_watched_job_is_refused(breaks: Callable[[dict[str, Any]], None]) -> None:
    message = letter("ClientException", INACTIVE)
    breaks(message)
    with pytest.raises(BadEvent):
        Site().receives(message)


def test_a_request_that_eventbridge_cut_is_read_from_the_schedule() -> None:
    message = letter("ThrottlingException", "Rate exceeded")
    message["body"] = message["body"][:40]
    assert Site().scheduled(2).receives(message).task_definition == "webapp:2"


def test_a_refused_letter_keeps_its_attributes_so_that_it_can_be_handled_again() -> None:
    queued = queued_event(letter("ClientException", INACTIVE))
    assert queued.schedules_queue
    again = queued_event(record("m2", queued.body))
    assert start_failure(again.content()) == start_failure(queued.content())


def test_the_sample_is_such_a_letter() -> None:
    (sample,) = event("queued/start_given_up.json")["Records"]
    assert start_failure(queued_event(sample).content()).schedule == "samples/start-given-up"


def answered(reason: str, **changes: Any) -> RefusedStart:
    """A call of the hourly job's schedule that ECS answered without a task."""
    override = ContainerOverride("web", COMMAND, {"CRONMEND_JOB": JOB, "CRONMEND_SLOT": "2026-05-06T11:00:00Z"})
    call = RefusedStart(
        "chronos-schedule/publish-scheduled", CLUSTER, TaskDefinitionRef("webapp", 2), (override,), later(-1), (reason,)
    )
    return replace(call, **changes)


CAPACITY = "Capacity is unavailable at this time. Please try again later or in a different availability zone"


@pytest.mark.parametrize(
    ("reason", "rule", "action"), [(CAPACITY, "start.capacity", "rerun"), ("MISSING", "start.refused", "alert")]
)
def test_an_answer_without_a_task_is_a_start_that_failed(reason: str, rule: str, action: str) -> None:
    site = Site()
    record = site.use_case.handle_refused(answered(reason), NOW)
    assert record
    assert (record.job, record.rule, record.action) == (JOB, rule, action)
    assert site.world.incident.slot == "2026-05-06T11:00:00Z"


@pytest.mark.parametrize(
    ("code", "said", "rule"),
    [
        ("ClientException", "TaskDefinition is inactive", "start.inactive-revision"),
        ("InvalidParameterException", "No subnets found for the default VPC", "start.network"),
        ("ClientException", "Rate exceeded for tasks in the PROVISIONING state", ""),
        ("ThrottlingException", "Rate exceeded", ""),
    ],
)
def test_a_refusal_in_a_trail_is_told_if_it_lasts_and_else_left_to_eventbridge(code: str, said: str, rule: str) -> None:
    site = Site()
    record = site.use_case.handle_refused(answered(said, code=code), NOW)
    assert (record.rule if record else "") == rule
    assert record is None or record.action == "alert"


def test_a_refused_start_whose_schedule_has_changed_since_is_left_to_eventbridges_next_attempt() -> None:
    site = Site()
    refused = answered(
        "TaskDefinition is inactive", code="ClientException", task_definition=TaskDefinitionRef("webapp", 1)
    )
    assert site.use_case.handle_refused(refused, NOW) is None


def test_a_refusal_in_a_trail_is_read_with_its_error() -> None:
    (sample,) = event("queued/run_task_refused.json")["Records"]
    call = queued_event(sample).content()
    call["detail"] |= {"responseElements": None, "errorCode": "ClientException", "errorMessage": "It is inactive"}
    refused = refused_start(call)
    assert refused
    assert (refused.code, refused.reasons) == ("ClientException", ("It is inactive",))


def test_an_answer_and_a_dead_letter_for_one_slot_are_one_failure() -> None:
    site = Site()
    first = site.use_case.handle_refused(answered(CAPACITY), NOW)
    assert site.gives_up("ThrottlingException", "Rate exceeded") == first


def test_the_slot_of_a_run_that_does_not_carry_it_is_derived() -> None:
    site = Site()
    site.use_case.handle_refused(answered(CAPACITY, overrides=(ContainerOverride("web", COMMAND),)), NOW)
    assert site.world.incident.slot == "2026-05-06T11:00:00Z"


def test_a_start_that_was_refused_for_a_schedule_that_may_be_gone_is_ambiguous() -> None:
    site, call = Site(), answered(CAPACITY, overrides=(ContainerOverride("web", COMMAND),))
    site.world.ledger.job_states[JOB] = JobState(JOB, look_alikes=(LookAlike("other/publish-scheduled"),))
    record = site.use_case.handle_refused(call, NOW)
    assert record
    assert record.job.startswith("ambiguous/")
    assert record.action == "alert"


def test_a_call_that_started_some_of_its_tasks_is_no_failure() -> None:
    (sample,) = event("queued/run_task_refused.json")["Records"]
    call = queued_event(sample).content()
    refused = refused_start(call)
    assert refused
    assert refused.reasons == (CAPACITY,)
    call["detail"]["responseElements"]["tasks"] = [{"taskArn": "t"}]
    assert refused_start(call) is None
    del call["detail"]["requestParameters"]["startedBy"]
    call["detail"]["responseElements"]["tasks"] = []
    with pytest.raises(BadEvent):
        refused_start(call)
