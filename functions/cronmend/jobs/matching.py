"""Which run belongs to which slot of a job. Pure.

A run that names its slot belongs to it, whenever it was created: a late one, a re-run, or one that a person requested.
Any other belongs to a slot in whose reach it was created. If several are possible, as few slots as possible stay
without a run, and then each run belongs to the nearest one. No run belongs to two slots, and their order is kept.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

EARLY = timedelta(minutes=1)
"""The clocks of EventBridge Scheduler and ECS may differ: a run can be created this long before its slot."""


class Start(Struct, frozen=True):
    """A run of the job, whoever started it."""

    created: datetime
    slot: datetime | None = None
    """The slot that it names; None if it names none."""


class Match(Struct, frozen=True):
    slot: datetime
    start: Start | None
    """The slot's run; None if it has none."""


def match(slots: Sequence[datetime], starts: Sequence[Start], reach: timedelta) -> tuple[Match, ...]:
    """Each slot once, in order of time.

    Args:
        reach: how long after its slot a run that names none may be created.
    """
    slots = sorted(slots)
    named = _named(slots, starts)
    anonymous = sorted((each for each in starts if each.slot is None), key=lambda each: each.created)
    found = dict(named)
    for group in _groups([slot for slot in slots if slot not in named], reach):
        near = [each for each in anonymous if group[0] - EARLY <= each.created <= group[-1] + reach]
        found |= zip(group, _paired(group, near, reach), strict=True)
    return tuple(Match(slot, found[slot]) for slot in slots)


def _named(slots: Sequence[datetime], starts: Sequence[Start]) -> dict[datetime, Start | None]:
    """The slots that runs name, each with the first of these runs.

    AWS passes a slot without its fraction of a second, and may count a rate from another moment of its first minute.
    """
    first: dict[datetime, Start | None] = {}
    for start in sorted((each for each in starts if each.slot), key=lambda each: each.created):
        if start.slot and (slot := _nearest(slots, start.slot)):
            first.setdefault(slot, start)
    return first


def _nearest(slots: Sequence[datetime], named: datetime) -> datetime | None:
    """The nearest slot, if it is less than a minute away."""
    place = bisect_left(slots, named)
    slot = min(slots[max(0, place - 1) : place + 1], key=lambda each: abs(each - named), default=None)
    return slot if slot and abs(slot - named) < EARLY else None


def _groups(slots: Sequence[datetime], reach: timedelta) -> Iterator[list[datetime]]:
    """Slots that may compete for a run are in one group."""
    group: list[datetime] = []
    for slot in slots:
        if group and slot - EARLY > group[-1] + reach:
            yield group
            group = []
        group.append(slot)
    if group:
        yield group


type _Cost = tuple[int, float]
"""How many slots have no run, and how far the others are from theirs, in seconds."""


def _paired(slots: Sequence[datetime], starts: Sequence[Start], reach: timedelta) -> list[Start | None]:
    """The run of each slot, at the lowest cost: ``costs[i][j]`` is that of slots from i on and of runs from j on."""
    costs = [[(len(slots) - i, 0.0)] * (len(starts) + 1) for i in range(len(slots) + 1)]
    for i in reversed(range(len(slots))):
        for j in reversed(range(len(starts))):
            costs[i][j] = min(_choices(costs, i, j, slots[i], starts[j], reach).values())
    found: list[Start | None] = []
    i = j = 0
    while i < len(slots):
        if j == len(starts):
            found.append(None)
            i += 1
            continue
        choices = _choices(costs, i, j, slots[i], starts[j], reach)
        takes_slot, takes_start = min(choices, key=lambda each: choices[each])
        if takes_slot:
            found.append(starts[j] if takes_start else None)
        i, j = i + takes_slot, j + takes_start
    return found


def _choices(
    costs: Sequence[Sequence[_Cost]], i: int, j: int, slot: datetime, start: Start, reach: timedelta
) -> dict[tuple[bool, bool], _Cost]:
    """What the next slot and the next run may do, with the cost: be a pair, or one of them stays alone."""
    choices: dict[tuple[bool, bool], _Cost] = {}
    away = (start.created - slot).total_seconds()
    if -EARLY.total_seconds() <= away <= reach.total_seconds():
        missing, distance = costs[i + 1][j + 1]
        choices[(True, True)] = missing, distance + abs(away)
    missing, distance = costs[i + 1][j]
    return {**choices, (True, False): (missing + 1, distance), (False, True): costs[i][j + 1]}
