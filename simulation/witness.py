"""The observable record of a history: one plain entry, as in JSON, for each run, message, switch and click."""

from collections.abc import Callable
from typing import Any

type Entry = dict[str, Any]
"""``at`` in seconds since 1970, ``what`` happened, and the facts of that kind of entry; see checker.py."""


class Witness:
    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.entries: list[Entry] = []

    def saw(self, what: str, **facts: object) -> None:
        self.entries.append({"at": round(self.now(), 3), "what": what, **facts})
