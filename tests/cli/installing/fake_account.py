"""CloudFormation and S3 as far as a deploy uses them: one stack, whose change sets do what the test says."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

ARN = "arn:aws:cloudformation:eu-west-2:111122223333:stack/cronmend/1"
SET = "arn:aws:cloudformation:eu-west-2:111122223333:changeSet/cronmend-1/2"
STACK_TYPE = "AWS::CloudFormation::Stack"
STARTED = datetime(2026, 11, 28, 12, tzinfo=UTC)
"""When the first of the events happened that aren't old."""


def error(code: str, status: int, message: str = "") -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "AnOperation")


def event(
    resource: str, status: str, reason: str = "", kind: str = "AWS::SQS::Queue", at: datetime = STARTED
) -> dict[str, Any]:
    return {
        "Timestamp": at,
        "LogicalResourceId": resource,
        "PhysicalResourceId": ARN if kind == STACK_TYPE else resource,
        "ResourceType": kind,
        "ResourceStatus": status,
        "ResourceStatusReason": reason,
    }


def end(status: str) -> dict[str, Any]:
    return event("cronmend", status, kind=STACK_TYPE)


def nested(resource: str, arn: str, status: str, reason: str = "") -> dict[str, Any]:
    """An event of a stack that is nested in another."""
    return {**event(resource, status, reason, STACK_TYPE), "PhysicalResourceId": arn}


def resource(name: str, kind: str, physical: str, status: str = "CREATE_COMPLETE") -> dict[str, str]:
    return {
        "LogicalResourceId": name,
        "ResourceType": kind,
        "PhysicalResourceId": physical,
        "ResourceStatus": status,
    }


def change(action: str, resource: str, replaced: str = "") -> dict[str, Any]:
    more = {"Replacement": replaced} if replaced else {}
    return {"ResourceChange": {"Action": action, "LogicalResourceId": resource, "ResourceType": "AWS::X::Y", **more}}


@dataclass
class FakeCloudFormation:
    status: str = ""
    """Of the stack; empty if there is none."""
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=lambda: [change("Add", "RerunQueue")])
    reason: str = ""
    """Why the change set fails; empty if it doesn't."""
    then: list[list[dict[str, Any]]] = field(default_factory=list)
    """The events that each further look finds, after an execution or a deletion."""
    resources: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """Of each stack, by its name or ARN."""
    nested_events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Of each nested stack, by its ARN, the oldest first."""
    asked: dict[str, Any] = field(default_factory=dict)
    """The latest request for a change set."""
    done: list[str] = field(default_factory=list)
    _events: list[dict[str, Any]] = field(default_factory=lambda: [{**end("CREATE_COMPLETE"), "EventId": "old"}])
    _running: bool = False

    def create_change_set(self, **request: Any) -> Mapping[str, Any]:
        self.asked = request
        self.status = self.status or "REVIEW_IN_PROGRESS"
        return {"Id": SET}

    def describe_change_set(self, **_: Any) -> Mapping[str, Any]:
        return {"Status": "FAILED" if self.reason else "CREATE_COMPLETE", "StatusReason": self.reason}

    def delete_change_set(self, **_: Any) -> None:
        self.done.append("dropped")

    def execute_change_set(self, **_: Any) -> None:
        self.done.append("executed")
        self._running = True

    def delete_stack(self, **_: Any) -> None:
        self.done.append("deleted")
        self._running = True

    def describe_stacks(self, **_: Any) -> Mapping[str, Any]:
        if not self.status:
            raise error("ValidationError", 400, "Stack with id cronmend does not exist")
        parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in self.parameters.items()]
        outputs = [{"OutputKey": name, "OutputValue": value} for name, value in self.outputs.items()]
        found = {"StackId": ARN, "StackStatus": self.status, "Parameters": parameters, "Outputs": outputs}
        return {"Stacks": [found]}

    def get_paginator(self, name: str) -> Any:
        return SimpleNamespace(paginate=lambda **asked: self._pages(name, asked["StackName"]))

    def _pages(self, name: str, stack: str) -> Iterator[Mapping[str, Any]]:
        if name == "list_stack_resources":
            yield {"StackResourceSummaries": self.resources.get(stack, [])}
            return
        if name == "describe_change_set":
            yield {"Changes": self.changes[:1]}
            yield {"Changes": self.changes[1:]}
            return
        if stack in self.nested_events:
            yield {"StackEvents": self.nested_events[stack][::-1]}
            return
        if self._running and self.then:
            self._events += [{**each, "EventId": str(len(self.then)) + str(each)} for each in self.then.pop(0)]
        yield {"StackEvents": self._events[::-1]}


@dataclass
class FakeS3:
    bucket: int = 404
    """What HeadBucket answers."""
    objects: dict[str, bytes] = field(default_factory=dict)
    made: dict[str, Any] = field(default_factory=dict)
    meta: Any = field(default_factory=lambda: SimpleNamespace(endpoint_url="https://s3.eu-west-2.amazonaws.com"))

    def head_bucket(self, **request: Any) -> None:
        assert request["ExpectedBucketOwner"] == "111122223333"
        if self.bucket != 200:
            raise error(str(self.bucket), self.bucket)

    def create_bucket(self, **request: Any) -> None:
        self.made = request

    def head_object(self, **request: Any) -> None:
        if request["Key"] not in self.objects:
            raise error("404", 404)

    def put_object(self, **request: Any) -> None:
        assert request["ExpectedBucketOwner"] == "111122223333"
        assert request["Key"] not in self.objects
        self.objects[request["Key"]] = request["Body"]
