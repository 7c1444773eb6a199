"""The dead letters of schedules and rules: starts that EventBridge gave up.

EventBridge Scheduler keeps the request, EventBridge keeps the event of a rule. The message's attributes say why:
https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html and
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html. Attributes are lost when a message is moved,
so :func:`as_event` puts all of it into one document, in EventBridge's envelope.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from cronmend.errors import UNREADABLE, refusing
from cronmend.incoming.envelope import Json, aware, bad, bad_detail, detail_of, text
from cronmend.incoming.task_events import override_of
from cronmend.model import TaskDefinitionRef
from cronmend.model.start_failures import RefusedStart, StartFailure

START_FAILED = "Cronmend Start Failed"
API_CALL = "AWS API Call via CloudTrail"
_SCHEDULE = "SCHEDULE_ARN"
_RULE = "RULE_ARN"
_ARN = re.compile(r"arn:[\w-]+:(?:scheduler|events):[\w-]*:\d*:(?:schedule|rule)/(?P<name>[\w.-]+(?:/[\w.-]+)?)")


def is_start_failure(event: Json) -> bool:
    return event.get("detail-type") == START_FAILED


def is_dead_letter(attributes: Mapping[str, Any]) -> bool:
    """Whether EventBridge put a message with these attributes into a queue because it could not start a target."""
    return _SCHEDULE in attributes or _RULE in attributes


def as_event(record: Json) -> str:
    """A dead letter, as Lambda reads it from a queue, as a document that holds its attributes too."""
    attributes = {name: each.get("stringValue") or "" for name, each in record["messageAttributes"].items()}
    detail = {"attributes": attributes, "request": _request(record["body"])}
    return json.dumps({"version": "0", "id": record["messageId"], "detail-type": START_FAILED, "detail": detail})


def start_failure(event: Json) -> StartFailure:
    """The start that failed.

    Raises:
        BadEvent: no start of an ECS task, or nothing shows which schedule it is about, and for when.
    """
    detail = detail_of(event, START_FAILED)
    with refusing(bad_detail(event)):
        attributes, request = detail["attributes"], _lowered(detail["request"])
        target = str(attributes.get("TARGET_ARN") or "")
        if ":ecs:" not in target:
            raise bad(event, f"its target is {target!r}", "Cronmend only watches schedules that start ECS tasks")
        named = request.get("taskdefinition")
        return StartFailure(
            schedule=_name(attributes[_SCHEDULE]) if _SCHEDULE in attributes else "",
            rule=_name(attributes[_RULE]) if _SCHEDULE not in attributes else "",
            slot=aware(str(attributes.get("SCHEDULED_TIME") or request.get("time"))),
            code=text(attributes, "ERROR_CODE").rpartition(".")[2],
            message=str(attributes.get("ERROR_MESSAGE") or ""),
            attempts=int(attributes.get("RETRY_ATTEMPTS") or 0),
            cluster=str(request.get("cluster") or (target if ":cluster/" in target else "")),
            task_definition=TaskDefinitionRef.parse(str(named)) if named else None,
        )


def is_run_task(event: Json) -> bool:
    return event.get("detail-type") == API_CALL


def refused_start(event: Json) -> RefusedStart | None:
    """A RunTask call that started no task; None if it started one.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/logging-using-cloudtrail.html

    Raises:
        BadEvent: no call of RunTask, or a field that identifies the run is missing.
    """
    detail = detail_of(event, API_CALL)
    with refusing(bad_detail(event)):
        request, answer = detail["requestParameters"], detail["responseElements"] or {}
        if answer.get("tasks"):
            return None
        code = str(detail.get("errorCode") or "")
        said = str(detail.get("errorMessage") or "")
        overrides = (request.get("overrides") or {}).get("containerOverrides") or ()
        return RefusedStart(
            started_by=text(request, "startedBy"),
            cluster=str(request.get("cluster") or "default"),
            task_definition=TaskDefinitionRef.parse(text(request, "taskDefinition")),
            overrides=tuple(override_of(each) for each in overrides if each.get("name")),
            at=aware(text(detail, "eventTime")),
            reasons=(said,) if code else tuple(str(each.get("reason") or "") for each in answer["failures"]),
            code=code,
        )


def _request(body: str) -> Any:
    """EventBridge cuts a long request; without it, the schedule shows what should have run."""
    try:
        found = json.loads(body)
    except UNREADABLE:
        return {}
    return found if isinstance(found, dict) else {}


def _name(arn: str) -> str:
    """The part of an ARN after its kind."""
    if not (found := _ARN.fullmatch(arn)):
        raise ValueError(f"{arn!r} is not the ARN of a schedule or a rule")
    return found["name"]


def _lowered(request: Mapping[str, Any]) -> Mapping[str, Any]:
    """A universal target's request is in PascalCase, that of an ECS target need not be."""
    return {str(key).lower(): value for key, value in request.items()}
