"""The jobs → the nested CloudFormation stack that holds their schedules, roles and dead-letter queue."""

import re
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from cli.jobs import target
from cli.jobs.job import Job
from cli.jobs.yaml_text import Tag, document

_HEAD = "# Written by `cronmend jobs build` from jobs.toml: edit that file, never this one.\n"
_QUEUE = "DeadLetterQueue"
_PASS = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


def text(jobs: Iterable[Job], group: str) -> str:
    managed = [job for job in jobs if job.managed]
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The schedules of the jobs, each with a role of its own, and the queue of starts that failed",
        "Parameters": {
            "AlarmTopicArn": {
                "Type": "String",
                "Default": "",
                "Description": "SNS topic that is told when Scheduler gave up starting a job; empty for none",
            }
        },
        "Conditions": {"HasAlarmTopic": Tag("Not", [Tag("Equals", [Tag("Ref", "AlarmTopicArn"), ""])])},
        "Resources": _resources(managed, group),
        "Outputs": _outputs(group),
    }
    return _HEAD + document(template)


def logical_id(name: str) -> str:
    """A job's name as CloudFormation allows it; names that would meet get a few letters of their hash."""
    words = re.split(r"[-_.]+", name)
    clean = "".join(word.capitalize() for word in words)
    plain = re.fullmatch(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*", name)
    return clean if plain else f"{clean}{sha256(name.encode()).hexdigest()[:6]}"


def arn(service: str, path: str) -> Tag:
    region = "" if service == "iam" else "${AWS::Region}"
    return Tag("Sub", f"arn:${{AWS::Partition}}:{service}:{region}:${{AWS::AccountId}}:{path}")


def _resources(jobs: list[Job], group: str) -> dict[str, Any]:
    own_group = {"Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": group}}}
    resources: dict[str, Any] = {} if group == "default" else own_group
    resources |= {_QUEUE: _queue(), f"{_QUEUE}Policy": _queue_policy(), "StartsFailedAlarm": _alarm()}
    for job in jobs:
        name = logical_id(job.name)
        resources[f"{name}Role"] = {"Type": "AWS::IAM::Role", "Properties": _role(job, group)}
        resources[f"{name}Schedule"] = {"Type": "AWS::Scheduler::Schedule", "Properties": _schedule(job, name, group)}
    return resources


def _schedule(job: Job, name: str, group: str) -> dict[str, Any]:
    role, queue = Tag("GetAtt", f"{name}Role.Arn"), Tag("GetAtt", f"{_QUEUE}.Arn")
    # Ref makes the schedule wait for its group.
    in_group = group if group == "default" else Tag("Ref", "Group")
    return {"Name": job.name, "GroupName": in_group, **target.schedule(job, role, queue, arn)}


def _role(job: Job, group: str) -> dict[str, Any]:
    return {
        "Description": f"Lets the schedule {job.name} start its task and nothing else",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust(group, arn)]},
        "Policies": [
            {
                "PolicyName": "start-the-job",
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": statements(job, Tag("GetAtt", f"{_QUEUE}.Arn"), arn),
                },
            }
        ],
    }


def trust(group: str, arn: target.Arn) -> dict[str, Any]:
    """Scheduler for this account's group only: it is the group, never a schedule, that aws:SourceArn may name.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    """
    source = arn("scheduler", f"schedule-group/{group}")
    account = Tag("Ref", "AWS::AccountId") if isinstance(source, Tag) else str(source).split(":")[4]
    return {
        "Effect": "Allow",
        "Principal": {"Service": "scheduler.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"aws:SourceAccount": account, "aws:SourceArn": source}},
    }


def statements(job: Job, queue: Any, arn: target.Arn) -> list[dict[str, Any]]:
    """What the schedule's role may do."""
    cluster = target.cluster_arn(job, arn)
    roles = [role if role.startswith("arn:") else arn("iam", f"role/{role}") for role in job.roles]
    allowed = [
        {
            "Effect": "Allow",
            "Action": "ecs:RunTask",
            "Resource": _revisions(job, arn),
            "Condition": {"ArnEquals": {"ecs:cluster": cluster}},
        },
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": roles or arn("iam", "role/*"), "Condition": _PASS},
        {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue},
    ]
    if job.propagate_tags or job.managed_tags:
        tasks = arn("ecs", f"task/{job.cluster.rpartition('/')[2]}/*")
        launch = {"StringEquals": {"ecs:CreateAction": "RunTask"}}
        allowed.append({"Effect": "Allow", "Action": "ecs:TagResource", "Resource": tasks, "Condition": launch})
    return allowed


def _revisions(job: Job, arn: target.Arn) -> Any:
    """A family without a revision is authorised against the revision that it means at that moment."""
    named = target.task_definition_arn(job, arn)
    if job.pinned:
        return named
    return Tag(named.name, f"{named.value}:*") if isinstance(named, Tag) else f"{named}:*"


def _queue() -> dict[str, Any]:
    fortnight = 14 * 24 * 3600
    return {
        "Type": "AWS::SQS::Queue",
        "Properties": {"MessageRetentionPeriod": fortnight, "SqsManagedSseEnabled": True},
    }


def _queue_policy() -> dict[str, Any]:
    queue = Tag("GetAtt", f"{_QUEUE}.Arn")
    unencrypted = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": queue,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document = {"Version": "2012-10-17", "Statement": [unencrypted]}
    properties = {"Queues": [Tag("Ref", _QUEUE)], "PolicyDocument": document}
    return {"Type": "AWS::SQS::QueuePolicy", "Properties": properties}


def _alarm() -> dict[str, Any]:
    properties: Mapping[str, Any] = {
        "AlarmDescription": "Scheduler gave up starting a job: the reason is in the message's attributes",
        "Namespace": "AWS/SQS",
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Dimensions": [{"Name": "QueueName", "Value": Tag("GetAtt", f"{_QUEUE}.QueueName")}],
        "Statistic": "Maximum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "notBreaching",
        "AlarmActions": Tag("If", ["HasAlarmTopic", [Tag("Ref", "AlarmTopicArn")], Tag("Ref", "AWS::NoValue")]),
    }
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}


def _outputs(group: str) -> dict[str, Any]:
    return {
        "GroupName": {"Description": "The jobs' schedule group", "Value": group},
        "DeadLetterQueueArn": {
            "Description": "Holds the starts that Scheduler gave up",
            "Value": Tag("GetAtt", f"{_QUEUE}.Arn"),
        },
        "DeadLetterQueueUrl": {"Description": "The same queue's address", "Value": Tag("Ref", _QUEUE)},
    }
