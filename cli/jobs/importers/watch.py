"""Schedules that stay defined elsewhere → their policies only, from the tags that their owners set (ADR 88)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cli.jobs.importers.convert import Converted
from cli.jobs.importers.found import Found
from cli.jobs.importers.override import override
from cli.jobs.importers.rules import RULES
from cli.jobs.importers.universal import is_universal
from cli.jobs.keys import BY_NAME
from cli.toml_files.kinds import Count, Flag

TAG = "cronmend:"
"""A tag ``cronmend:rerun`` sets the policy's key ``rerun``."""


def watched(found: Iterable[Found]) -> tuple[list[Converted], list[str]]:
    """The jobs, and notes on the schedules of which Cronmend can't know the runs."""
    jobs, notes = [], []
    for each in found:
        if why := _unwatchable(each):
            notes.append(each.note(why))
        else:
            jobs.append(_policy(each))
    return jobs, notes


def _unwatchable(found: Found) -> str:
    if is_universal(found.schedule):
        return "Cronmend doesn't watch universal targets; give it an ECS target"
    if found.no_task:
        return found.no_task
    if not found.name_known:
        return "its name isn't known until the plan is applied; import the state afterwards"
    if found.several:
        return "its rule starts several tasks, and a policy can't name one of them; give each a rule of its own"
    return ""


def _policy(found: Found) -> Converted:
    schedule, notes = found.schedule, list[str]()
    target = schedule["Target"]
    group = RULES if found.of_rule else str(schedule.get("GroupName") or "default")
    own = override(target.get("Input"), found.containers, [])
    container = {"container": own["container"]} if own["container"] else {}
    tags = {**_tags(schedule.get("Tags")), **_tags(target["EcsParameters"].get("Tags"))}
    return Converted(
        str(schedule["Name"]),
        {"managed": False, "group": group, **container, **dict(_keys(tags, notes))},
        notes,
    )


def _tags(raw: Any) -> dict[str, str]:
    """AWS's lists of keys and values, in either case, and Terraform's maps."""
    if isinstance(raw, Mapping):
        return {str(key): str(value) for key, value in raw.items()}
    pairs = [
        {str(key).lower(): value for key, value in each.items()} for each in raw or () if isinstance(each, Mapping)
    ]
    return {str(each.get("key")): str(each.get("value", "")) for each in pairs}


def _keys(tags: Mapping[str, str], notes: list[str]) -> Iterator[tuple[str, Any]]:
    for tag, text in sorted(tags.items()):
        if not tag.startswith(TAG):
            continue
        key = BY_NAME.get(tag.removeprefix(TAG))
        if key is None or not key.policy:
            notes.append(f"the tag {tag} isn't converted: a policy has no such key")
            continue
        value = _value(key.kind, text)
        if problems := list(key.kind.problems(value)):
            notes.append(
                f"the tag {tag} isn't converted: {'; '.join(f'{what}; {remedy}' for what, remedy in problems)}"
            )
        else:
            yield key.name, value


def _value(kind: Any, text: str) -> Any:
    """Tags are texts; numbers and flags aren't."""
    if isinstance(kind, Count) and text.isdigit():
        return int(text)
    if isinstance(kind, Flag):
        return {"true": True, "false": False}.get(text.lower(), text)
    return text
