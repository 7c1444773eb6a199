"""A schedule as its source defines it, and the values in it that AWS wants as lists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

NOT_IMPORTED = frozenset({"RoleArn", "DeadLetterConfig"})
"""The parts of a target that no import converts: a note about the whole file names them."""


@dataclass(frozen=True, slots=True)
class Found:
    schedule: Mapping[str, Any]
    """In the shape of GetSchedule's answer."""
    label: str = ""
    """Its name in the source, such as a Terraform address; ``""`` if that is the schedule's own name."""
    notes: tuple[str, ...] = ()
    """What the source doesn't tell, for a person to check."""
    containers: tuple[str, ...] = ()
    """The essential containers of its task definition; empty if the source doesn't have them."""
    of_rule: bool = False
    """Whether an EventBridge rule starts it."""
    several: bool = False
    """Whether that rule starts several tasks."""
    name_known: bool = True
    """Whether its name is the one in the account; else it is made up."""

    def note(self, why: str) -> str:
        """A note that it isn't imported, and why."""
        return f"{self.label or self.schedule['Name']}: {why}"

    @property
    def no_task(self) -> str:
        """Why it starts no ECS task with a target of its own, as a clause; ``""`` if it does."""
        if (self.schedule.get("Target") or {}).get("EcsParameters"):
            return ""
        unread = "" if "Target" in self.schedule else "; ".join(self.notes)
        return unread or "its target isn't an ECS task"


def essential(containers: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The names of a task definition's containers, in the API's shape, that may run a job."""
    return tuple(str(each["name"]) for each in containers if each.get("essential", True))


def words(value: Any, what: str, notes: list[str]) -> list[str]:
    """A list of texts. A text in its place is one word, never letters; anything else is noted and left out."""
    if isinstance(value, str) and value:
        notes.append(f"{what} is a text where AWS wants a list; it is imported as one word: {value!r}")
        return [value]
    items = value if isinstance(value, list | tuple) else []
    found = [str(item) for item in items if isinstance(item, str | int | float) and not isinstance(item, bool)]
    if len(found) != len(items) or (value and not items):
        notes.append(f"{what} isn't a list of texts, and a part of it isn't converted: {str(value)[:60]}")
    return found


def tables(value: Any, what: str, notes: list[str]) -> list[Mapping[str, Any]]:
    """A list of tables. Anything else is noted and left out."""
    items = value if isinstance(value, list | tuple) else []
    found = [item for item in items if isinstance(item, Mapping)]
    if len(found) != len(items) or (value and not items):
        notes.append(f"{what} isn't a list of tables, and a part of it isn't converted: {str(value)[:60]}")
    return found


def table(value: Any, what: str, notes: list[str]) -> Mapping[str, Any]:
    """A table. Anything else is noted and left out."""
    if value and not isinstance(value, Mapping):
        notes.append(f"{what} isn't a table and isn't converted: {str(value)[:60]}")
    return value if isinstance(value, Mapping) else {}


def dropped(values: Mapping[str, Any], known: frozenset[str], what: str) -> list[str]:
    """A note for each key of a table that has a value and isn't converted."""
    return [f"{key} of {what} isn't converted" for key in sorted(values.keys() - known) if values[key]]
