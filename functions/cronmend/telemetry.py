"""Logs and metrics of the functions themselves: structured lines, and metrics written into them (EMF)."""

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger()
metrics = Metrics()


def count(name: str, **dimensions: str) -> None:
    """Add one to a metric of the namespace ``Cronmend``, on its own line where it has dimensions."""
    if not dimensions:
        metrics.add_metric(name, MetricUnit.Count, 1)
        return
    single = Metrics()
    for key, value in dimensions.items():
        single.add_dimension(key, value)
    single.add_metric(name, MetricUnit.Count, 1)
    single.flush_metrics()
