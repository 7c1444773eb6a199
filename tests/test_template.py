"""The guarantees of template.yaml: no event is lost between services, and nothing unneeded is allowed."""

import ast
import json
import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.events.models import EventPattern

from cronmend.deploys.holds import LEASE
from cronmend.settings import Settings
from tests import ROOT
from tests.cloudformation import Template, actions, references
from tests.incoming.test_samples import load, paths

TEMPLATE = Template.read()
FUNCTIONS = sorted(TEMPLATE.functions)
QUEUES = sorted(TEMPLATE.of_type("AWS::SQS::Queue"))
WAITING = [name for name in QUEUES if "RedrivePolicy" in TEMPLATE.of_type("AWS::SQS::Queue")[name]]
"""The queues of events that are still to be handled; the others keep what couldn't be."""
DEAD_LETTERS = [name for name in QUEUES if name not in WAITING]
FROM_A_BUS = {"EventBridgeRule", "Schedule", "ScheduleV2"}
FROM_A_STREAM = {"DynamoDB"}
FROM_A_QUEUE = {"SQS"}
SLACK_ACTION = {"Ref": "SlackActionFunction"}
CALLED_BY_A_VIEWER = {"JobBoardFunction", "BoardActionFunction"}
"""A dashboard calls them and shows the person what failed: no event is kept, and no alarm wakes others."""
LOCAL_ONLY = {"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ECS"}


def events_of(function: str) -> Mapping[str, Mapping[str, Any]]:
    events: Mapping[str, Mapping[str, Any]] = TEMPLATE.functions[function].get("Events", {})
    return events


def failures_of(properties: Mapping[str, Any]) -> str:
    """The queue that an on-failure destination names."""
    destination = properties["DestinationConfig"]["OnFailure"]
    assert destination["Type"] == "SQS"
    return queue(destination["Destination"])


def queue(arn: Mapping[str, str]) -> str:
    name = arn["Fn::GetAtt"].removesuffix(".Arn")
    assert name in QUEUES
    return name


def metric_alarms(metric: str) -> list[Mapping[str, Any]]:
    return [each for each in TEMPLATE.of_type("AWS::CloudWatch::Alarm").values() if each["MetricName"] == metric]


def senders_to(queue_name: str, service: str) -> list[Any]:
    """The sources from which a service may put messages into the queue."""
    found: list[Any] = []
    for policy in TEMPLATE.of_type("AWS::SQS::QueuePolicy").values():
        for statement in policy["PolicyDocument"]["Statement"]:
            if {"Ref": queue_name} in policy["Queues"] and statement["Principal"] == {"Service": service}:
                source = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
                found += source if isinstance(source, list) else [source]
    return found


# Hops ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_trigger_keeps_the_events_it_could_not_deliver(function: str) -> None:
    for name, event in events_of(function).items():
        if event["Type"] in FROM_A_BUS:
            kept = queue(event["Properties"]["DeadLetterConfig"]["Arn"])
            assert event["Properties"]["RetryPolicy"]["MaximumRetryAttempts"] > 0
            assert {"Fn::GetAtt": f"{function}{name}.Arn"} in senders_to(kept, "events.amazonaws.com")
        elif event["Type"] in FROM_A_QUEUE:
            assert queue(event["Properties"]["Queue"]) in WAITING
        else:
            assert event["Type"] in FROM_A_STREAM, f"{event['Type']}: say here where its failures are kept"
            assert failures_of(event["Properties"])


@pytest.mark.parametrize("function", sorted(CALLED_BY_A_VIEWER))
def test_nothing_but_a_viewer_triggers_a_function_of_the_dashboard(function: str) -> None:
    assert not events_of(function)
    assert "EventInvokeConfig" not in TEMPLATE.functions[function]


@pytest.mark.parametrize("function", [each for each in FUNCTIONS if each not in CALLED_BY_A_VIEWER])
def test_an_event_that_a_function_could_not_handle_is_kept(function: str) -> None:
    """Events that don't come from a stream go through Lambda's own queue, which drops them after three failures."""
    if {event["Type"] for event in events_of(function).values()} <= FROM_A_STREAM and events_of(function):
        kept = {failures_of(event["Properties"]) for event in events_of(function).values()}
    else:
        kept = {failures_of(TEMPLATE.functions[function]["EventInvokeConfig"])}
    sendable = [s["Resource"] for s in TEMPLATE.statements_of(function) if "sqs:SendMessage" in actions(s)]
    assert {queue(arn) for arn in sendable} == kept


def test_a_bad_record_in_the_stream_loses_no_other() -> None:
    streams = [e["Properties"] for f in FUNCTIONS for e in events_of(f).values() if e["Type"] in FROM_A_STREAM]
    for stream in streams:
        assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert stream["BisectBatchOnFunctionError"] is True
        assert stream["StartingPosition"] == "TRIM_HORIZON"
        assert stream["MaximumRetryAttempts"] > 0
        assert stream["MaximumRecordAgeInSeconds"] > 0


def test_a_timer_that_scheduler_could_not_deliver_is_kept() -> None:
    kept = TEMPLATE.environment["TIMER_DLQ_ARN"]
    role = TEMPLATE.environment["TIMER_ROLE_ARN"]["Fn::GetAtt"].removesuffix(".Arn")
    (policy,) = TEMPLATE.of_type("AWS::IAM::Role")[role]["Policies"]
    allowed = {tuple(actions(s)): s["Resource"] for s in policy["PolicyDocument"]["Statement"]}
    assert allowed == {
        ("lambda:InvokeFunction",): [TEMPLATE.environment[f"{name}_FUNCTION_ARN"] for name in ("RERUN", "ALERT")],
        ("sqs:SendMessage",): [TEMPLATE.environment["RERUN_QUEUE_ARN"], kept],
    }
    assert queue(kept)


@pytest.mark.parametrize(("function", "variable"), [("RerunFunction", "RERUN"), ("FailureAlertFunction", "ALERT")])
def test_the_timers_may_invoke_the_functions_that_they_name(function: str, variable: str) -> None:
    name = TEMPLATE.resolved(TEMPLATE.functions[function]["FunctionName"])
    arn = TEMPLATE.resolved(TEMPLATE.environment[f"{variable}_FUNCTION_ARN"])
    assert arn == f"arn:aws:lambda:eu-west-2:111122223333:function:{name}"


@pytest.mark.parametrize("function", ["DeployStateFunction", "RerunFunction"])
def test_the_lease_of_a_hold_is_longer_than_an_invocation_that_switches_schedules(function: str) -> None:
    """By half a minute: a call that was sent before the end can arrive after it."""
    seconds = TEMPLATE.functions[function].get("Timeout", TEMPLATE.body["Globals"]["Function"]["Timeout"])
    assert timedelta(seconds=seconds + 30) <= LEASE


# Buttons -------------------------------------------------------------------------------------------------------


def test_without_a_signing_secret_there_is_no_public_address() -> None:
    named = {name: each for name, each in TEMPLATE.body["Resources"].items() if name.startswith("SlackAction")}
    assert named
    assert {each.get("Condition") for each in named.values()} == {"UsesButtons"}
    outputs = [each for name, each in TEMPLATE.body["Outputs"].items() if name.startswith("SlackAction")]
    assert {each.get("Condition") for each in outputs} == {"UsesButtons"}
    assert [each["TargetFunctionArn"] for each in TEMPLATE.of_type("AWS::Lambda::Url").values()] == [SLACK_ACTION]


def test_the_url_is_public_only_as_a_url() -> None:
    """Since October 2025, a public function URL needs both permissions."""
    given = list(TEMPLATE.of_type("AWS::Lambda::Permission").values())
    assert {each["Action"]: each for each in given} == {
        "lambda:InvokeFunctionUrl": {
            "FunctionName": SLACK_ACTION,
            "Action": "lambda:InvokeFunctionUrl",
            "Principal": "*",
            "FunctionUrlAuthType": "NONE",
        },
        "lambda:InvokeFunction": {
            "FunctionName": SLACK_ACTION,
            "Action": "lambda:InvokeFunction",
            "Principal": "*",
            "InvokedViaFunctionUrl": True,
        },
    }


def test_sam_has_nothing_to_ask() -> None:
    """`sam deploy --guided` asks about each URL and API without authentication, and Enter means no."""
    assert not [name for name in FUNCTIONS if "FunctionUrlConfig" in TEMPLATE.functions[name]]
    assert not {"Api", "HttpApi"} & {event["Type"] for name in FUNCTIONS for event in events_of(name).values()}


def test_slack_action_may_invoke_rerun_and_itself_and_nothing_else() -> None:
    (woken,) = [s for s in TEMPLATE.statements_of("SlackActionFunction") if "lambda:InvokeFunction" in actions(s)]
    own = TEMPLATE.resolved(TEMPLATE.functions["SlackActionFunction"]["FunctionName"])
    arns = [TEMPLATE.resolved(arn) for arn in woken["Resource"]]
    assert arns[0] == TEMPLATE.resolved(TEMPLATE.environment["RERUN_FUNCTION_ARN"])
    assert arns[1] == f"arn:aws:lambda:eu-west-2:111122223333:function:{own}"
    assert len(arns) == 2


def test_the_dashboard_calls_the_board_which_only_reads_and_names_the_function_that_acts() -> None:
    (dashboard,) = TEMPLATE.of_type("AWS::CloudWatch::Dashboard").values()
    (widget,) = json.loads(TEMPLATE.resolved(dashboard["DashboardBody"]))["widgets"]
    assert (widget["type"], widget["properties"]["endpoint"]) == ("custom", "${JobBoardFunction.Arn}")
    assert TEMPLATE.resolved(dashboard["DashboardName"]) == "cronmend-eu-west-2"
    named = TEMPLATE.resolved(TEMPLATE.variables_of("JobBoardFunction")["BOARD_ACTION_FUNCTION_ARN"])
    own = TEMPLATE.resolved(TEMPLATE.functions["BoardActionFunction"]["FunctionName"])
    assert named == f"arn:aws:lambda:eu-west-2:111122223333:function:{own}"
    assert not {each for each in TEMPLATE.actions_of("JobBoardFunction") if "Put" in each or "Invoke" in each} - {
        "logs:PutLogEvents"
    }


def test_a_message_that_a_subscriber_did_not_accept_is_kept() -> None:
    for subscription in TEMPLATE.of_type("AWS::SNS::Subscription").values():
        kept = queue(subscription["RedrivePolicy"]["deadLetterTargetArn"])
        assert subscription["TopicArn"] in senders_to(kept, "sns.amazonaws.com")


@pytest.mark.parametrize("name", DEAD_LETTERS)
def test_an_undelivered_message_is_kept_for_the_longest_time_and_raises_an_alarm(name: str) -> None:
    properties = TEMPLATE.of_type("AWS::SQS::Queue")[name]
    assert properties["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert properties["SqsManagedSseEnabled"] is True
    dimension = [{"Name": "QueueName", "Value": {"Fn::GetAtt": f"{name}.QueueName"}}]
    (alarm,) = [a for a in metric_alarms("ApproximateNumberOfMessagesVisible") if a["Dimensions"] == dimension]
    assert (alarm["Threshold"], alarm["Statistic"]) == (1, "Maximum")


@pytest.mark.parametrize("function", [each for each in FUNCTIONS if each not in CALLED_BY_A_VIEWER])
def test_a_function_that_fails_raises_an_alarm(function: str) -> None:
    dimension = [{"Name": "FunctionName", "Value": {"Ref": function}}]
    assert [alarm for alarm in metric_alarms("Errors") if alarm["Dimensions"] == dimension]
    if any(event["Type"] in FROM_A_STREAM for event in events_of(function).values()):
        assert [alarm for alarm in metric_alarms("IteratorAge") if alarm["Dimensions"] == dimension]


def test_every_alarm_says_what_happened_and_reaches_people() -> None:
    for name, alarm in TEMPLATE.of_type("AWS::CloudWatch::Alarm").items():
        assert alarm["AlarmActions"] == [{"Ref": "AlertTopic"}], name
        assert len(alarm["AlarmDescription"]) > 40, name
        assert alarm["TreatMissingData"] == ("breaching" if name == "LatePromisesAlarm" else "notBreaching"), name


def test_every_alarm_of_the_stack_has_its_rule_and_no_other_stacks_has() -> None:
    rule = pattern("FailureAlertFunction", "AlarmChanged")
    schedules = Template.read(ROOT / "schedules/template.yaml").of_type("AWS::CloudWatch::Alarm")
    own = [f"cronmend-{name}-1HKTSYVLZS2RD" for name in TEMPLATE.of_type("AWS::CloudWatch::Alarm")]
    own += [f"cronmend-Schedules-8T6R-{name}-1HKTSYVLZS2RD" for name in schedules]
    others = [name.replace("cronmend-", "cronmend-test-", 1) for name in own] + ["cronmend-test-high-cpu", "site-5xx"]
    matched = {name for name in own + others if rule.matches_event(alarm(name))}
    assert matched == set(own)


def alarm(name: str) -> Any:
    found = load("failure_alert/alarm.json")
    found["detail"]["alarmName"] = name
    return found


# Rules ---------------------------------------------------------------------------------------------------------


def pattern(function: str, event: str) -> EventPattern:
    return event_pattern(events_of(function)[event]["Properties"]["Pattern"])


def flattened(value: Any) -> Any:
    """A list of one object as that object: EventBridge matches a pattern with the members of a list, moto doesn't."""
    match value:
        case dict():
            return {key: flattened(inner) for key, inner in value.items()}
        case [dict() as only]:
            return flattened(only)
    return value


def event_pattern(raw: Any) -> EventPattern:
    return EventPattern.load(json.dumps(TEMPLATE.resolved(raw, Cluster="app-prod")))


def test_only_final_events_of_scheduled_runs_trigger_task_state() -> None:
    rule = event_pattern(TEMPLATE.of_type("AWS::Events::Rule")["RunStopped"]["EventPattern"])
    refused = {path for path in paths("task_stopped") if not rule.matches_event(load(path))}
    assert refused == {
        "task_stopped/exit_code_1_not_final.json",
        "task_stopped/spot_warning_not_final.json",
        "task_stopped/service_task.json",
        "task_stopped/other_cluster.json",
    }


def woken_by(event: str) -> set[str]:
    rule = pattern("DeployStateFunction", event)
    return {Path(path).stem for path in paths("deploy_state") if rule.matches_event(load(path))}


def test_each_kind_of_deploy_event_has_a_rule_for_this_cluster_only() -> None:
    assert woken_by("ServiceDeployed") == {"in_progress", "completed", "failed", "rollback", "rollback_completed"}
    markers = {"marker_started", "marker_migrated", "marker_finished", "marker_failed", "marker_for_all_jobs"}
    assert woken_by("Marked") == markers
    tasks = {"migration_running", "migration_succeeded", "migration_failed", "one_off_shell"}
    assert woken_by("OneOffTask") == tasks
    pipelines = {"pipeline_started", "pipeline_succeeded", "pipeline_failed", "pipeline_superseded"}
    assert woken_by("PipelineRan") == pipelines
    assert woken_by("CodeDeployed") == {"codedeploy_start", "codedeploy_success", "codedeploy_failure"}


def test_a_marker_from_another_account_is_ignored() -> None:
    """A bus that accepts events of other accounts delivers them with the sender's ID, which no sender can choose."""
    rule, marker = pattern("DeployStateFunction", "Marked"), load("deploy_state/marker_started.json")
    assert rule.matches_event(marker)
    marker["account"] = "999988887777"
    assert not rule.matches_event(marker)


def test_without_their_names_no_pipeline_triggers_anything() -> None:
    for event in ("PipelineRan", "CodeDeployed"):
        state = events_of("DeployStateFunction")[event]["Properties"]["State"]
        assert state == {"Fn::If": ["WatchesPipelines", "ENABLED", "DISABLED"]}


def test_only_a_call_of_a_schedule_that_started_no_task_is_read_from_a_trail() -> None:
    rule = TEMPLATE.of_type("AWS::Events::Rule")["RunTaskAnswered"]
    assert rule["State"] == {"Fn::If": ["WatchesRunTask", "ENABLED", "DISABLED"]}
    pattern = event_pattern(rule["EventPattern"])
    call = json.loads(load("queued/run_task_refused.json")["Records"][0]["body"])

    def matches(**detail: Any) -> bool:
        return bool(pattern.matches_event(flattened({**call, "detail": {**call["detail"], **detail}})))

    assert matches()
    assert not matches(responseElements={"tasks": [{"taskArn": "t"}], "failures": []})
    refused = {"responseElements": None, "errorMessage": "TaskDefinition is inactive"}
    assert matches(errorCode="ClientException", **refused)
    assert not matches(eventName="StopTask")
    for given in ({"startedBy": "cronmend/abc"}, {"cluster": "other"}):
        assert not matches(requestParameters={**call["detail"]["requestParameters"], **given})
    assert matches(requestParameters={**call["detail"]["requestParameters"], "cluster": "app-prod"})


def test_rules_stay_within_eventbridge_limits() -> None:
    events = [each for function in FUNCTIONS for each in events_of(function).values()]
    patterns = [each["Properties"]["Pattern"] for each in events if each["Type"] == "EventBridgeRule"]
    patterns += [each["EventPattern"] for each in TEMPLATE.of_type("AWS::Events::Rule").values()]
    for each in patterns:
        assert len(json.dumps(TEMPLATE.resolved(each, Cluster="c" * 255))) <= 2048


# Other people's accounts --------------------------------------------------------------------------------------


def test_every_role_has_the_permissions_boundary() -> None:
    wanted = {"Fn::If": ["HasBoundary", {"Ref": "PermissionsBoundary"}, {"Ref": "AWS::NoValue"}]}
    schedules = Template.read(ROOT / "schedules/template.yaml")
    for template in (TEMPLATE, schedules):
        roles = template.of_type("AWS::IAM::Role")
        assert roles
        assert {name for name, each in roles.items() if each.get("PermissionsBoundary") == wanted} == set(roles)
    nested = TEMPLATE.of_type("AWS::Serverless::Application")["Schedules"]["Parameters"]
    assert nested["PermissionsBoundary"] == {"Ref": "PermissionsBoundary"}


LISTS = {
    "JobLogGroups": ("logs:GetLogEvents", 2),
    "TaskRolesToPass": ("iam:PassRole", 1),
    "ScheduleRolesToPass": ("iam:PassRole", 2),
    "ImageRepositories": ("ecr:DescribeImages", 3),
}
"""Parameters of up to five patterns: the action that they limit, and the number of statements."""


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("given", ["one-*", "one-*,two", "a,b,c,d,e"])
def test_each_of_up_to_five_patterns_is_allowed_and_nothing_else(name: str, given: str) -> None:
    action, statements = LISTS[name]
    found = [s for each in FUNCTIONS for s in TEMPLATE.statements_of(each) if action in actions(s) and name in str(s)]
    assert len(found) == statements
    kind = {"JobLogGroups": "log-group:", "ImageRepositories": "repository/"}.get(name, "role/")
    for each in found:
        arns = TEMPLATE.resolved(each["Resource"], **{name: given})
        assert {arn.partition(kind)[2].split(":")[0] for arn in arns} == set(given.split(","))


@pytest.mark.parametrize("given", ["", "roles", "secrets", "memory,roles", "roles,secrets,memory"])
def test_each_word_of_foresee_gives_its_own_permissions(given: str) -> None:
    for word in ("Roles", "Secrets", "Memory"):
        (condition,) = TEMPLATE.body["Conditions"][f"Foresees{word}"]["Fn::Not"]
        left, right = TEMPLATE.resolved(condition["Fn::Equals"], Foresee=given)
        assert (left != right) is (word.lower() in given.split(","))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("JobLogGroups", "a,b,c,d,e,f"),
        ("TaskRolesToPass", "a, b"),
        ("ScheduleRolesToPass", ""),
        ("ImageRepositories", "a, b"),
    ],
)
def test_a_list_in_another_form_is_refused(name: str, given: str) -> None:
    parameter = TEMPLATE.parameters[name]
    assert not re.fullmatch(parameter["AllowedPattern"], given)
    assert parameter["ConstraintDescription"].startswith("up to five ")


def test_names_that_two_stacks_of_an_account_would_share_have_the_stacks_name() -> None:
    """All but those of jobs.toml's own group, which `cronmend init` names after the stack."""
    named = (
        "FunctionName",
        "RoleName",
        "QueueName",
        "TopicName",
        "TableName",
        "LogGroupName",
        "AlarmName",
        "ManagedPolicyName",
    )
    about_a_function = {"AWS::Lambda::Permission", "AWS::Lambda::EventSourceMapping"}
    own = {name: each for name, each in TEMPLATE.body["Resources"].items() if each["Type"] not in about_a_function}
    for name, resource in own.items():
        given = {key: value for key, value in resource.get("Properties", {}).items() if key in (*named, "Name")}
        for value in given.values():
            in_group = "GroupName" in resource["Properties"]
            assert "cronmend" in str(TEMPLATE.resolved(value)) or in_group, name


# Ledger and logs -----------------------------------------------------------------------------------------------


def test_the_ledger_streams_forgets_and_can_be_restored() -> None:
    resource = TEMPLATE.body["Resources"]["Ledger"]
    properties = resource["Properties"]
    assert properties["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("RetainExceptOnCreate", "Retain")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_writes_into_its_own_log_group_which_forgets(function: str) -> None:
    group = TEMPLATE.functions[function]["LoggingConfig"]["LogGroup"]["Ref"]
    assert TEMPLATE.of_type("AWS::Logs::LogGroup")[group]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    writes = [s for s in TEMPLATE.statements_of(function) if "logs:PutLogEvents" in actions(s)]
    assert [s["Resource"] for s in writes] == [{"Fn::GetAtt": f"{group}.Arn"}]


# Settings and parameters ---------------------------------------------------------------------------------------


def settings_names() -> set[str]:
    """The variables that settings.py reads: its string constants that look like one."""
    tree = ast.parse((ROOT / "functions/cronmend/settings.py").read_text())
    constants = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return {value for value in constants if re.fullmatch(r"[A-Z]+(_[A-Z]+)*", value)}


def test_the_functions_read_exactly_the_variables_they_are_given() -> None:
    own = [each.get("Environment", {}).get("Variables", {}) for each in TEMPLATE.functions.values()]
    names = set(TEMPLATE.environment).union(*own)
    given = {name for name in names if name not in LOCAL_ONLY and not name.startswith("POWERTOOLS_")}
    assert settings_names() == given


READ_BY = {
    "hide": ("REDACT_ALSO", "REDACT_PATTERNS"),
    "pipelines": ("PIPELINES",),
    "migration_commands": ("MIGRATION_COMMANDS",),
    "hold": ("HOLD_SCHEDULES",),
    "follow": ("FOLLOW",),
    "reads_pushes": ("READ_PUSH_TIMES",),
    "deploy_state_function_arn": ("DEPLOY_STATE_FUNCTION_ARN",),
    "board_action_function_arn": ("BOARD_ACTION_FUNCTION_ARN",),
    "group_for": ("GROUP_SECONDS",),
    "topic_arn": ("TOPIC_ARN",),
    "alert_dlq_url": ("ALERT_DLQ_URL",),
    "slack_allowed": ("SLACK_ALLOWED",),
    "slack_secret_arn": ("SLACK_SECRET_ARN",),
    "slack_buttons": ("SLACK_SIGNING_SECRET_ARN",),
    "slack_signing_secret_arn": ("SLACK_SIGNING_SECRET_ARN",),
}
"""Settings whose variables only the functions get that read them."""


@pytest.mark.parametrize("setting", READ_BY)
def test_a_function_that_reads_a_setting_is_given_it(setting: str) -> None:
    readers = {name for name in FUNCTIONS if reads(handler_of(name), setting)}
    assert readers
    assert not [name for name in ("shared", "situations") if reads(name, setting)]
    given = {name for name in FUNCTIONS if set(READ_BY[setting]) <= set(TEMPLATE.variables_of(name))}
    assert readers <= given


def reads(wiring: str, setting: str) -> bool:
    text = (ROOT / f"functions/cronmend/wiring/{wiring}.py").read_text()
    return re.search(rf"settings\.{setting}\b", text) is not None


def handler_of(function: str) -> str:
    """``TaskStateFunction`` → ``task_state``."""
    handler: str = TEMPLATE.functions[function]["Handler"]
    return handler.split(".", maxsplit=1)[0]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_variables_of_a_function_fit_whatever_the_parameters_are(function: str) -> None:
    """Lambda refuses more than 4,096 bytes. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    names = {name: longest_value(each) for name, each in TEMPLATE.parameters.items()}
    names |= {"AWS::StackName": "s" * 50, "AWS::Region": "ap-southeast-2", "AWS::Partition": "aws-us-gov"}
    variables = TEMPLATE.variables_of(function).items()
    given = {name: TEMPLATE.resolved(value, **names) for name, value in variables if name not in LOCAL_ONLY}
    sizes = {name: len(name) + longest_size(value) for name, value in given.items()}
    assert sum(sizes.values()) <= 4096, sizes


LONGEST_ARN = 150
"""Of a resource whose name CloudFormation makes: the stack's name, its logical ID and 13 characters more."""
NAMED = ("AWS::DynamoDB::Table", "AWS::Scheduler::ScheduleGroup")
"""A reference to a resource of these types is its name, not its ARN or address."""


def longest_size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    logical = value.get("Ref", "")
    is_name = TEMPLATE.body["Resources"].get(logical, {}).get("Type") in NAMED
    return len(f"{'s' * 50}-{logical}-{'x' * 13}") if is_name else LONGEST_ARN


def longest_value(parameter: Mapping[str, Any]) -> str:
    """An answer of the greatest length that the parameter allows; ASCII, as in all of them but RedactPatterns."""
    if parameter["Type"] == "Number":
        return str(parameter.get("MaxValue", max(parameter.get("AllowedValues", [0]))))
    if "AllowedValues" in parameter:
        return str(max(parameter["AllowedValues"], key=len))
    bounds = re.findall(r"\{\d,(\d+)\}", parameter["AllowedPattern"])
    return "x" * int(parameter.get("MaxLength") or (int(bounds[0]) + 1 if bounds else 254))


def test_variables_for_an_emulator_are_not_there_in_aws() -> None:
    for name in LOCAL_ONLY:
        assert TEMPLATE.environment[name] == {"Ref": "AWS::NoValue"}


def test_the_templates_defaults_are_those_of_the_settings() -> None:
    variables = {name: value for each in FUNCTIONS for name, value in TEMPLATE.variables_of(each).items()}
    resolved = {n: TEMPLATE.resolved(v) for n, v in variables.items()}
    given = {name: value for name, value in resolved.items() if isinstance(value, str)}
    named = {
        "MODE_PARAMETER",
        "ALERT_FUNCTION_ARN",
        "DEPLOY_STATE_FUNCTION_ARN",
        "BOARD_ACTION_FUNCTION_ARN",
        "RERUN_FUNCTION_ARN",
        "SLACK_SECRET_ARN",
        "CLUSTERS",
        "CLUSTER_ARN_PREFIX",
    }
    bare = {name: value for name, value in given.items() if name in named}
    assert Settings.from_env({"LEDGER_TABLE": "t", **given}) == Settings.from_env({"LEDGER_TABLE": "t", **bare})


@pytest.mark.parametrize("name", sorted(TEMPLATE.parameters))
def test_a_parameter_explains_itself_and_its_default_is_valid(name: str) -> None:
    parameter = TEMPLATE.parameters[name]
    assert len(parameter["Description"]) > 20
    assert parameter["ConstraintDescription"]
    assert "AllowedPattern" in parameter or "AllowedValues" in parameter or "MinValue" in parameter
    if "Default" in parameter:
        default = parameter["Default"]
        assert re.fullmatch(parameter.get("AllowedPattern", ".*"), str(default))
        assert default in parameter.get("AllowedValues", [default])
        assert parameter.get("MinValue", 0) <= (default if parameter["Type"] == "Number" else 0)


def test_every_parameter_is_used_and_has_one_place_in_the_form() -> None:
    groups = TEMPLATE.body["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    placed = [name for group in groups for name in group["Parameters"]]
    assert sorted(placed) == sorted(TEMPLATE.parameters)
    rest = {key: TEMPLATE.body[key] for key in ("Conditions", "Globals", "Resources")}
    assert set(TEMPLATE.parameters) <= set(references(rest))


def test_the_outputs_name_everything_that_people_need() -> None:
    kinds = ("AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::DynamoDB::Table", "AWS::Serverless::Function")
    wanted = {name for kind in kinds for name in TEMPLATE.of_type(kind)}
    assert wanted <= set(references(TEMPLATE.body["Outputs"]))


def test_the_stack_says_which_version_it_is() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert str(TEMPLATE.body["Outputs"]["Version"]["Value"]) == project["version"]


_CLUSTERS = ("CLUSTERS", "CLUSTER_ARN_PREFIX")


@pytest.mark.parametrize("names", [["app-prod"], ["app-prod", "jobs-prod"], ["app-prod", "jobs-prod", "tools"]])
def test_up_to_three_clusters_are_watched(names: list[str]) -> None:
    cluster = ",".join(names)
    assert re.fullmatch(TEMPLATE.parameters["Cluster"]["AllowedPattern"], cluster)
    given = {name: TEMPLATE.resolved(TEMPLATE.environment[name], Cluster=cluster) for name in _CLUSTERS}
    settings = Settings.from_env({"LEDGER_TABLE": "t", **given})
    assert settings.clusters == tuple(f"arn:aws:ecs:eu-west-2:111122223333:cluster/{name}" for name in names)


def test_whatever_names_a_cluster_names_all_of_them() -> None:
    names = ("first-one", "second-one", "third-one")
    resources = TEMPLATE.resolved(TEMPLATE.body["Resources"], Cluster=",".join(names))
    text = json.dumps(resources)
    assert len({text.count(name) for name in names}) == 1
    assert text.count(f"cluster/{names[0]}") >= 5
    assert ",".join(names) not in text


@pytest.mark.parametrize("cluster", ["", "a, b", "a,b,c,d", "arn:aws:ecs:eu-west-2:111122223333:cluster/a"])
def test_other_clusters_are_refused(cluster: str) -> None:
    assert not re.fullmatch(TEMPLATE.parameters["Cluster"]["AllowedPattern"], cluster)
