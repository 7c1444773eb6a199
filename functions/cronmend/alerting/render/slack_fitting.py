"""Choose as many blocks as fit in a Slack message, the important ones first. Pure."""

import json
from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

MAX_BLOCKS: Final = 50
MAX_TOTAL: Final = 12_000
"""Characters of all blocks as JSON. Slack documents no limit, but returns ``msg_blocks_too_long`` near 13,200."""


class Part(Struct, frozen=True):
    """A block; those with a high ``rank`` are left out first."""

    rank: int
    block: dict[str, Any]


def fitting(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """The blocks that fit, in their order."""
    ordered = list(enumerate(parts))
    kept: set[int] = set()
    left = MAX_TOTAL
    for place, part in sorted(ordered, key=lambda each: each[1].rank):
        size = len(json.dumps(part.block, ensure_ascii=False)) + 2
        if size <= left and len(kept) < MAX_BLOCKS:
            kept.add(place)
            left -= size
    return [part.block for place, part in ordered if place in kept]
