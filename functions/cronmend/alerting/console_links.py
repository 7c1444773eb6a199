"""Links to the AWS console, by Region and partition. Pure."""

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote

from cronmend.jobs.identity import MADE_UP, RULE
from cronmend.model import LogPlace

_DOMAINS: Final = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
_AROUND: Final = timedelta(minutes=1)
"""A log may be late, and its clock may differ from ECS's."""


def task(cluster_arn: str, task_id: str) -> str:
    """ECS shows a stopped task for about an hour. ``""`` if the partition's console isn't known."""
    region = _region(cluster_arn)
    if not (home := _home(cluster_arn, region)):
        return ""
    cluster = quote(cluster_arn.rsplit("/", 1)[-1], safe="")
    return f"{home}/ecs/v2/clusters/{cluster}/tasks/{quote(task_id, safe='')}?region={region}"


def log(cluster_arn: str, place: LogPlace, start: datetime, end: datetime) -> str:
    """The log stream between two times, in the Region that the container logs to."""
    if not (home := _home(cluster_arn, place.region)):
        return ""
    window = quote(f"?start={_milliseconds(start - _AROUND)}&end={_milliseconds(end + _AROUND)}", safe="")
    events = f"{_twice(place.group)}/log-events/{_twice(place.stream)}{window.replace('%', '$')}"
    return f"{home}/cloudwatch/home?region={place.region}#logsV2:log-groups/log-group/{events}"


def schedule(cluster_arn: str, job: str) -> str:
    """The job's schedule in EventBridge Scheduler, or its EventBridge rule; ``""`` if it isn't known."""
    region = _region(cluster_arn)
    home = _home(cluster_arn, region)
    if not home or "/" not in job or job.startswith(MADE_UP):
        return ""
    if job.startswith(RULE):
        name = quote(job.removeprefix(RULE).split("/")[0], safe="")
        return f"{home}/events/home?region={region}#/eventbus/default/rules/{name}"
    group, _, name = job.partition("/")
    return f"{home}/scheduler/home?region={region}#schedules/{quote(group, safe='')}/{quote(name, safe='')}"


def alarm(arn: str) -> str:
    """``""`` if the partition's console is not known."""
    region = _region(arn)
    name = quote(arn.split(":alarm:", 1)[-1], safe="")
    return f"{home}/cloudwatch/home?region={region}#alarmsV2:alarm/{name}" if (home := _home(arn, region)) else ""


def _home(arn: str, region: str) -> str:
    domain = _DOMAINS.get(arn.split(":")[1]) if arn.count(":") >= 5 else None
    return f"https://{region}.{domain}" if domain and region else ""


def _region(arn: str) -> str:
    return arn.split(":")[3] if arn.count(":") >= 5 else ""


def _twice(name: str) -> str:
    """In CloudWatch's links, a name is encoded twice, with ``$`` for ``%``: a slash is ``$252F``."""
    return quote(quote(name, safe=""), safe="").replace("%", "$")


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
