"""The memory that tasks used, as Container Insights has it.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cronmend.adapters.aws import CONFIG, session
from cronmend.adapters.reads import read
from cronmend.model import Missing
from cronmend.model.memory_use import MemoryOfDay
from cronmend.ports.findings import Family

_DAY = 86_400
"""Seconds."""
_METRICS = {"used": "MemoryUtilized", "limit": "MemoryReserved"}
"""Both in MiB. Each task writes a value a minute: the maximum is that of one task, the average of none."""


class CloudWatchMemory:
    permissions = ("cloudwatch:GetMetricData",)

    def of(
        self, families: Sequence[Family], since: datetime, until: datetime
    ) -> Mapping[Family, Sequence[MemoryOfDay]] | Missing:
        queries = [query for number, family in enumerate(families) for query in _queries(number, family)]
        found = read("read the memory metrics", lambda: _values(queries, since, until), "cloudwatch")
        if isinstance(found, Missing):
            return found
        return {family: tuple(_days(number, found)) for number, family in enumerate(families)}


def _queries(number: int, family: Family) -> Iterator[Any]:
    cluster_arn, name = family
    dimensions = {"ClusterName": cluster_arn.rsplit("/", 1)[-1], "TaskDefinitionFamily": name}
    for kind, metric in _METRICS.items():
        of = {
            "Namespace": "ECS/ContainerInsights",
            "MetricName": metric,
            "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
        }
        yield {"Id": f"{kind}{number}", "MetricStat": {"Metric": of, "Period": _DAY, "Stat": "Maximum"}}


def _values(queries: Sequence[Any], since: datetime, until: datetime) -> Mapping[str, Mapping[datetime, float]]:
    """By the query's ID, then by the day's start."""
    client: Any = session().client("cloudwatch", config=CONFIG)  # its types aren't installed
    pages = client.get_paginator("get_metric_data").paginate(MetricDataQueries=queries, StartTime=since, EndTime=until)
    found: dict[str, dict[datetime, float]] = {query["Id"]: {} for query in queries}
    for page in pages:
        for each in page["MetricDataResults"]:
            found[each["Id"]] |= dict(zip(each["Timestamps"], each["Values"], strict=True))
    return found


def _days(number: int, found: Mapping[str, Mapping[datetime, float]]) -> Iterator[MemoryOfDay]:
    used, limits = found[f"used{number}"], found[f"limit{number}"]
    return (MemoryOfDay(day, used[day], limits[day]) for day in sorted(used.keys() & limits.keys()))
