"""A schedule's definition in short, by the keys of jobs.toml, so that a change by hand can be seen. Pure.

The functions don't have jobs.toml: ``cronmend jobs build`` writes what it deploys to ``deployed.json``, and the ledger
keeps the same of each live schedule. What may be long or secret is kept as a digest.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from cronmend.errors import Permanent
from cronmend.jobs.identity import RULE
from cronmend.model import LiveSchedule, TaskDefinitionRef
from cronmend.model.timetables import Timetable

PATH: Final = Path(__file__).with_name("deployed.json")
VERSION: Final = 1
TASK_DEFINITION: Final = "task_definition"
_CAPACITY: Final = ("LaunchType", "CapacityProviderStrategy", "PlatformVersion")
_NETWORK: Final = ("NetworkConfiguration",)
_OPTIONS: Final = ("TaskCount", "Group", "PropagateTags", "EnableECSManagedTags", "EnableExecuteCommand")
_DIGESTS: Final[Mapping[str, tuple[str, ...]]] = {
    "launch type or capacity providers": _CAPACITY,
    "subnets or security groups": _NETWORK,
    "task count, group or tags": _OPTIONS,
}
_COMMAND: Final = "command or environment"
_OF_TARGET: Final = (TASK_DEFINITION, _COMMAND, *_DIGESTS)
_DEFAULTS: Final[Mapping[str, Any]] = {"TaskCount": 1, "EnableECSManagedTags": False, "EnableExecuteCommand": False}
_SHOWN: Final = 60
"""Characters of a value that a sentence quotes."""

type Definition = Mapping[str, str]


class Deployed(Struct, frozen=True):
    """What jobs.toml defines of a schedule. Whether it is enabled is no part of the definition."""

    enabled: bool
    definition: Definition


def of_schedule(schedule: LiveSchedule) -> Definition:
    """Empty for a rule, which no job of jobs.toml has. Pauses and holds change a start date, so it is no part."""
    return _together(schedule, of_target(schedule))


def of_timetable(timetable: Timetable) -> Definition:
    """Empty for a rule, and for a row of an earlier version."""
    return _together(timetable.live, timetable.target.definition if timetable.target else ())


def of_target(schedule: LiveSchedule) -> tuple[str, ...]:
    """What a timetable doesn't have already, in the order of ``_OF_TARGET``."""
    if schedule.job.startswith(RULE):
        return ()
    parameters = {**_DEFAULTS, **schedule.parameters}
    digests = (_digest([parameters.get(key) or None for key in keys]) for keys in _DIGESTS.values())
    reference = _task_definition(parameters.get("TaskDefinitionArn") or "")
    return reference, _digest(_as_json(schedule.target_input)), *digests


def _together(schedule: LiveSchedule, of_target: tuple[str, ...]) -> Definition:
    if not of_target:
        return {}
    return {
        "schedule": schedule.expression,
        "timezone": schedule.timezone,
        "flexible_window": f"{int(schedule.flexible.total_seconds()) // 60}m",
        "end": schedule.end.astimezone(UTC).isoformat() if schedule.end else "",
        "cluster": schedule.cluster_arn.rsplit("/", 1)[-1],
        **dict(zip(_OF_TARGET, of_target, strict=True)),
    }


def differences(deployed: Definition, live: Definition, *, follows: bool) -> Iterator[str]:
    """What differs, as clauses.

    Args:
        follows: whether Cronmend itself moves the schedule to the revision that the service runs.
    """
    for name, value in deployed.items():
        now = live.get(name, "")
        if now == value or (follows and name == TASK_DEFINITION):
            continue
        is_digest = name == _COMMAND or name in _DIGESTS
        yield f"its {name} differs" if is_digest else f"{name} is {_quoted(now)} instead of {_quoted(value)}"


def read(text: str) -> Mapping[str, Deployed]:
    """By job, only those whose schedules ``cronmend jobs build`` creates.

    Raises:
        Permanent: it is not in the form that ``cronmend jobs build`` writes.
    """
    try:
        content = json.loads(text)
        if content["version"] != VERSION:
            raise ValueError(f"version {content['version']}, expected {VERSION}")
        return {job: Deployed(bool(each["enabled"]), dict(each["definition"])) for job, each in content["jobs"].items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Permanent(f"deployed.json: {error}; write it again with `cronmend jobs build`") from error


def write(jobs: Iterable[tuple[str, Deployed]]) -> str:
    """The text that :func:`read` parses. Equal definitions give equal bytes."""
    content = {
        "version": VERSION,
        "jobs": {job: {"enabled": each.enabled, "definition": each.definition} for job, each in sorted(jobs)},
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _task_definition(reference: str) -> str:
    return str(TaskDefinitionRef.parse(reference)) if reference else ""


def _quoted(value: str) -> str:
    return f'"{value[:_SHOWN]}…"' if len(value) > _SHOWN else f'"{value}"'


def _as_json(text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def _digest(value: Any) -> str:
    normal = json.dumps(_normal(value), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(normal.encode()).hexdigest()[:12]


def _normal(value: Any) -> Any:
    """The order of subnets and groups has no meaning, nor has that of variables."""
    if isinstance(value, Mapping):
        return {key: _normal(each) for key, each in value.items() if each not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        items = [_normal(each) for each in value]
        named = all(isinstance(each, Mapping) and "value" in each for each in items)
        return sorted(items, key=repr) if named or _are_resources(items) else items
    return value


def _are_resources(items: list[Any]) -> bool:
    return all(isinstance(each, str) and each.startswith(("subnet-", "sg-")) for each in items)
