"""The account of :mod:`cli.bench.canned_aws`, as far as its answers depend on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.aws import ACCOUNT, REGION

ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
GROUP = "nightly"
ONCE = "cron(0 11 6 5 ? 2026)"
"""Its only slot is over, so no next run is ever near."""
LONG_AGO = datetime.now(UTC) - timedelta(days=9)


@dataclass
class Account:
    """``schedules`` and ``services`` by name; ``serves`` is the revision that the services run.

    The jobs run revision 2, which was registered ten minutes ago.
    """

    schedules: Sequence[str]
    services: Sequence[str] = ("web",)
    serves: int = 2
    expression: str = ONCE
    """Of all schedules."""
    items: dict[tuple[str, str], Any] = field(default_factory=dict)
    """Of a ledger without a table, by their keys."""
    secret: str = ""
    """The text of every secret."""
    timers: dict[str, Any] = field(default_factory=dict)
    """By name: what each timer that was set passes on."""
    started_by: str = ""
    """Of the task that was run last."""
    updated: dict[str, Any] = field(default_factory=dict)
    """By name: the schedules as UpdateSchedule last got them."""
    invoked: list[Any] = field(default_factory=list)
    """The payloads that functions were invoked with."""


def page(found: Sequence[Any], params: Mapping[str, Any], size: str, token: str, most: int) -> tuple[Any, Any]:
    start, count = int(params.get(token, 0)), params.get(size, most)
    end = start + count
    return found[start:end], {token: str(end)} if end < len(found) else {}


def command(name: str) -> tuple[str, ...]:
    """The command of the schedule's job."""
    return ("python", "manage.py", name)
