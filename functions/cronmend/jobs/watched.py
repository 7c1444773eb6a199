"""Whether Cronmend watches the tasks of a schedule, of a rule's target, or with a given ``startedBy``, and why. Pure.

Its event rule passes on the tasks of the watched clusters whose ``startedBy`` starts with one of :data:`STARTERS`.
"""

import json
import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, Final

from msgspec import Struct

from cronmend.errors import UNREADABLE
from cronmend.jobs.identity import OWN, RULE, SCHEDULER
from cronmend.jobs.readable_rules import unreadable_rule
from cronmend.wording import sentence

STARTERS: Final = (SCHEDULER, RULE, OWN)


class Watch(StrEnum):
    FULLY = "watched"
    ALERTS_ONLY = "alerts only"
    """A failure is reported, but Cronmend can't tell its job for certain, so it re-runs nothing."""
    NO = "not watched"
    NO_TASK = "no ECS task"
    """As far as its target shows, it starts none."""


class Starter(StrEnum):
    """What starts the tasks."""

    SCHEDULE = "EventBridge Scheduler"
    UNIVERSAL = "EventBridge Scheduler, universal target"
    RULE = "EventBridge rule"
    CRONMEND = "Cronmend"
    STATE_MACHINE = "Step Functions"
    BATCH = "AWS Batch"
    AIRFLOW = "Airflow"
    SERVICE = "ECS service"
    OTHER = "other"


class Verdict(Struct, frozen=True):
    starter: Starter
    watch: Watch
    reason: str
    """A sentence for a person."""


_UNWATCHED: Final = {
    Starter.STATE_MACHINE: "Cronmend doesn't watch tasks that Step Functions starts (startedBy `AWS Step Functions`), "
    "such as the scheduled jobs of AWS Copilot. Retry and catch the failure in the state machine, "
    "or schedule the task with EventBridge Scheduler.",
    Starter.BATCH: "Cronmend doesn't watch the tasks of AWS Batch, which run in clusters of their own. "
    "Use the job's retry strategy, and an EventBridge rule for its failures.",
    Starter.AIRFLOW: "Cronmend doesn't watch tasks that Airflow starts: Airflow retries and reports them itself.",
    Starter.SERVICE: "ECS replaces the tasks of a service itself. Cronmend watches scheduled tasks only.",
    Starter.OTHER: "It starts no ECS task itself. Cronmend doesn't watch a task that its target starts.",
}
_TARGETS: Final = (
    (re.compile(r":aws-sdk:ecs:(run|start)Task$"), Starter.UNIVERSAL),
    (re.compile(r"^arn:[^:]+:ecs:[^:]*:\d*:cluster/"), Starter.SCHEDULE),
    (re.compile(r":aws-sdk:sfn:|^arn:[^:]+:states:"), Starter.STATE_MACHINE),
    (re.compile(r":aws-sdk:batch:|^arn:[^:]+:batch:"), Starter.BATCH),
    (re.compile(r":aws-sdk:(mwaa|mwaaserverless):|^arn:[^:]+:airflow"), Starter.AIRFLOW),
)
"""By the target's ARN; https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets.html."""
_STARTED_BY: Final = (
    (re.compile(re.escape(SCHEDULER)), Starter.SCHEDULE),
    (re.compile(re.escape(RULE)), Starter.RULE),
    (re.compile(re.escape(OWN)), Starter.CRONMEND),
    (re.compile(r"ecs-svc/"), Starter.SERVICE),
    (re.compile(r"AWS Step Functions"), Starter.STATE_MACHINE),
    (re.compile(r"airflow", re.IGNORECASE), Starter.AIRFLOW),
)
"""Airflow passes the DAG's owner, which is ``airflow`` by default."""
_BATCH_CLUSTER: Final = re.compile(r"_Batch_|AWSBatch-")
"""In the names of the clusters that AWS Batch creates for its compute environments."""


def of_schedule(schedule: Mapping[str, Any], clusters: Collection[str]) -> Verdict:
    """
    Args:
        schedule: GetSchedule's answer; of ListSchedules's, a target other than ECS is known, too.
        clusters: the ARNs of the watched clusters.
    """
    target = schedule["Target"]
    starter = _starter(target["Arn"])
    if starter is Starter.UNIVERSAL:
        return _universal(str(schedule.get("Name", "")), target, clusters)
    if starter is Starter.SCHEDULE:
        return _in_cluster(starter, target["Arn"], clusters)
    return _unwatched(starter)


def of_rule(rule: Mapping[str, Any], target: Mapping[str, Any], clusters: Collection[str]) -> Verdict:
    """
    Args:
        rule: DescribeRule's answer.
        target: one of its targets, from ListTargetsByRule.
        clusters: the ARNs of the watched clusters.
    """
    starter = _starter(target["Arn"])
    if starter is not Starter.SCHEDULE:
        return _unwatched(starter)
    verdict = _in_cluster(Starter.RULE, target["Arn"], clusters)
    why = unreadable_rule(rule, target)
    if not why or verdict.watch is not Watch.FULLY:
        return verdict
    return Verdict(Starter.RULE, Watch.ALERTS_ONLY, f"{sentence(why)} It reports a failed run, but re-runs none.")


def of_started_by(started_by: str, cluster_arn: str, clusters: Collection[str]) -> Verdict:
    """Whether Cronmend gets the event of a task's end."""
    if _BATCH_CLUSTER.search(_name(cluster_arn)):
        return _unwatched(Starter.BATCH)
    starter = next((starter for pattern, starter in _STARTED_BY if pattern.match(started_by)), Starter.OTHER)
    if started_by.startswith(STARTERS):
        return _in_cluster(starter, cluster_arn, clusters)
    if starter is not Starter.OTHER:
        return _unwatched(starter)
    said = f"has the startedBy `{started_by}`" if started_by else "has no startedBy"
    begins = ", ".join(f"`{each}`" for each in STARTERS)
    return Verdict(
        starter, Watch.NO, f"The task {said}. Cronmend watches only tasks whose startedBy starts with one of {begins}."
    )


def _universal(name: str, target: Mapping[str, Any], clusters: Collection[str]) -> Verdict:
    """Its ``startedBy`` is the one in the input. AWS doesn't document what ECS shows without one."""
    request = _request(target)
    verdict = _in_cluster(Starter.UNIVERSAL, str(request.get("Cluster") or "default"), clusters)
    if verdict.watch is Watch.NO:
        return verdict
    remedy = "`cronmend jobs import` converts it to an ECS target, which Cronmend watches."
    universal = f"The schedule {name} calls RunTask with a universal target"
    if str(request.get("StartedBy") or "").startswith(STARTERS):
        why = f"{universal}. Cronmend reports a failed run, but re-runs none."
        return Verdict(Starter.UNIVERSAL, Watch.ALERTS_ONLY, f"{why} {remedy}")
    why = f"{universal}, so nothing in its tasks shows the schedule."
    return Verdict(Starter.UNIVERSAL, Watch.NO, f"{why} {remedy}")


def _request(target: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        request = json.loads(target.get("Input") or "{}")
    except UNREADABLE:
        return {}
    return request if isinstance(request, dict) else {}


def _in_cluster(starter: Starter, cluster: str, clusters: Collection[str]) -> Verdict:
    """``cluster`` is an ARN or, in a universal target, perhaps a name."""
    watched = cluster in clusters if cluster.startswith("arn:") else cluster in {_name(each) for each in clusters}
    if not watched:
        names = ", ".join(sorted(map(_name, clusters)))
        reason = f"It runs in the cluster {_name(cluster)}. The stack's parameter Cluster names {names}."
        return Verdict(starter, Watch.NO, reason)
    return Verdict(starter, Watch.FULLY, f"It runs in the cluster {_name(cluster)}, which Cronmend watches.")


def _unwatched(starter: Starter) -> Verdict:
    watch = Watch.NO_TASK if starter is Starter.OTHER else Watch.NO
    return Verdict(starter, watch, _UNWATCHED[starter])


def _starter(arn: str) -> Starter:
    return next((starter for pattern, starter in _TARGETS if pattern.search(arn)), Starter.OTHER)


def _name(cluster: str) -> str:
    return cluster.rpartition("/")[2]
