"""The input of an ECS target, a RunTask TaskOverride as JSON → the keys of a job."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from cli.jobs.importers.found import dropped, tables, words
from cronmend.errors import UNREADABLE
from cronmend.jobs.identity import JOB_VARIABLE, SLOT_VARIABLE

_TASK = frozenset({"containerOverrides", "cpu", "memory"})
_CONTAINER = frozenset({"name", "command", "environment"})


def override(text: Any, essential: Sequence[str], notes: list[str]) -> dict[str, Any]:
    """
    Args:
        essential: the containers of the task definition that may run the job.
    """
    task = _task(text, notes)
    containers = tables(task.get("containerOverrides"), "containerOverrides", notes)
    notes += dropped(task, _TASK, "the override")
    for other in containers[1:]:
        notes.append(f"the override of container {other.get('name')} isn't converted; a job overrides one container")
    container = containers[0] if containers else {}
    name = container.get("name") or _only(essential, notes)
    notes += dropped(container, _CONTAINER, f"the override of {name}")
    return {
        "container": name,
        "command": words(container.get("command"), f"command of the override of {name}", notes),
        "environment": _environment(container.get("environment"), name, notes),
        "cpu": _units("cpu", task.get("cpu"), "vcpu", notes),
        "memory": _units("memory", task.get("memory"), "gb", notes),
    }


def _task(text: Any, notes: list[str]) -> Mapping[str, Any]:
    if not text:
        return {}
    try:
        task = json.loads(text)
    except UNREADABLE:
        task = None
    if not isinstance(task, Mapping):
        notes.append(f"the target's input isn't a TaskOverride: {str(text)[:60]}")
        return {}
    return task


def _only(essential: Sequence[str], notes: list[str]) -> str | None:
    """The container that the job runs in if the override names none."""
    if len(essential) == 1:
        return essential[0]
    choice = f": {' or '.join(essential)}" if essential else ""
    notes.append(f"the target's override names no container; add container{choice}")
    return None


def _environment(pairs: Any, container: Any, notes: list[str]) -> dict[str, str]:
    what, own = f"environment of the override of {container}", (JOB_VARIABLE, SLOT_VARIABLE)
    found = {each.get("name"): each.get("value", "") for each in tables(pairs, what, notes)}
    return {str(name): str(value) for name, value in found.items() if name not in (None, *own)}


def _units(key: str, text: Any, unit: str, notes: list[str]) -> int | None:
    """``256``, ``.25 vCPU`` or ``2 GB``: AWS accepts all three forms."""
    match = re.fullmatch(rf"(?P<number>[0-9]*\.?[0-9]+)\s*(?P<unit>{unit})?", str(text or "").lower().strip(), re.ASCII)
    if match:
        return int(float(match["number"]) * (1024 if match["unit"] else 1))
    if text:
        notes.append(f"{key} {text!r} of the override isn't converted")
    return None
