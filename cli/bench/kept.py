"""The counts of the last release, and what has become worse since. Times are left out: they are the machine's."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from cli.bench.calls import EventCost

PATH: Final = Path(__file__).with_name("kept.json")
WORSE: Final = 1.1
"""How much of a count is worth a word."""

type Counts = Mapping[str, float]


def counts(found: Sequence[EventCost]) -> Counts:
    """By event and kind."""
    return {
        f"{each.event}, {each.schedules} schedules: {kind}": count
        for each in found
        for kind, count in (
            ("calls", each.first.total),
            ("write units", each.units.writes),
            ("read units", each.units.reads),
        )
    }


def read() -> Counts:
    kept: Counts = json.loads(PATH.read_text(encoding="utf-8"))
    return kept


def write(found: Counts) -> None:
    PATH.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def worse(kept: Counts, now: Counts) -> Iterator[str]:
    """A sentence for each count that is more than a tenth higher than it was."""
    for name, count in now.items():
        before = kept.get(name)
        if before is not None and count > before * WORSE:
            yield f"{name}: {count:g}, was {before:g}"
