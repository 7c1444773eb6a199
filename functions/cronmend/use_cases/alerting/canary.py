"""Send a test message to the channels of all routes."""

from collections.abc import Iterable
from datetime import datetime

from cronmend.alerting.routes import Route
from cronmend.model.report import Report
from cronmend.use_cases.alerting.delivery import Deliverer, lacks


def send_tests(deliverer: Deliverer, routes: Iterable[Route], report: Report, now: datetime) -> dict[str, str]:
    """The error of each channel, ``""`` if it took the report.

    A channel that the stack lacks is an error if a route or its fallback names no other.
    """
    channel = deliverer.channel
    groups = [group for route in routes for group in (route.channels, route.fallback)]
    missing = [name for group in groups if not any(map(channel, group)) for name in group]
    found = (each for group in groups for name in group if (each := channel(name)))
    tested = {each.name: each for each in found}.values()
    sent = {each.name: deliverer.send_test(each, report, now) for each in tested}
    return sent | {name: f"{lacks(name)}: change the route, or add the channel to the stack" for name in missing}
