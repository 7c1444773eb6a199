"""As many blocks as a Slack message holds, the important ones first. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

MAX_BLOCKS: Final = 50
MAX_TOTAL: Final = 12_000
"""Characters of all blocks as JSON. Slack documents no bound, and answers ``msg_blocks_too_long`` near 13,200."""


@dataclass(frozen=True, slots=True)
class Part:
    """``rank`` 0 is the last to be left out."""

    rank: int
    block: dict[str, Any]


def fitting(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """The blocks in their order, without those that there is no room for."""
    ordered = list(enumerate(parts))
    kept: set[int] = set()
    left = MAX_TOTAL
    for place, part in sorted(ordered, key=lambda each: each[1].rank):
        size = len(json.dumps(part.block, ensure_ascii=False)) + 2
        if size <= left and len(kept) < MAX_BLOCKS:
            kept.add(place)
            left -= size
    return [part.block for place, part in ordered if place in kept]
