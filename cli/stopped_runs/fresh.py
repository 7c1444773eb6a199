"""Give an event a new task ID and current times, so that it is handled as a new run. Pure."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cronmend.incoming.task_events import stopped_task
from local.fargate.shapes import iso

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def freshened(event: Mapping[str, Any], task_id: str, event_id: str, now: datetime) -> dict[str, Any]:
    """The event with new IDs, and with all times moved so that the task stopped at ``now``.

    Raises:
        BadEvent: not a task's final event.
    """
    task = stopped_task(event)
    later = now - (task.stopped_at or now)
    text = json.dumps(event).replace(task.task_id, task_id)
    moved: dict[str, Any] = json.loads(_TIME.sub(lambda found: _moved(found[0], later), text))
    return {**moved, "id": event_id} if "id" in moved else moved


def _moved(time: str, later: timedelta) -> str:
    return iso(datetime.fromisoformat(time).astimezone(UTC) + later)
