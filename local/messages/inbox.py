"""Everything that the account sends to people and programs, in the order of arrival."""

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from local.slack import SlackMessage


@dataclass(frozen=True, slots=True)
class Email:
    at: datetime
    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class TextMessage:
    at: datetime
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class BusEvent:
    """An event of Cronmend's own on the default bus."""

    at: datetime
    detail_type: str
    detail: Mapping[str, Any]


type Item = SlackMessage | Email | TextMessage | BusEvent

_KINDS: Mapping[str, type[Item]] = {"slack": SlackMessage, "email": Email, "sms": TextMessage, "event": BusEvent}


class Inbox:
    def __init__(self) -> None:
        self._items: list[Item] = []
        self._lock = threading.Lock()

    def put(self, item: Item) -> None:
        with self._lock:
            self._items.append(item)

    def items(self, after: int = 0) -> tuple[Item, ...]:
        """All items but the first ``after``, oldest first."""
        with self._lock:
            return tuple(self._items[after:])


def as_json(item: Item) -> dict[str, Any]:
    via = next(name for name, kind in _KINDS.items() if isinstance(item, kind))
    return {"via": via, **asdict(item), "at": item.at.isoformat()}


def from_json(content: Mapping[str, Any]) -> Item:
    values = {name: value for name, value in content.items() if name != "via"}
    if "blocks" in values:
        values["blocks"] = tuple(values["blocks"])
    return _KINDS[content["via"]](**{**values, "at": datetime.fromisoformat(content["at"])})
