"""Runs and slots are matched both ways: as few slots as possible stay alone, and each run belongs to the nearest."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from cronmend.jobs.matching import EARLY, Match, Start, match

BEGAN = datetime(2026, 5, 6, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
REACH = timedelta(minutes=7)


def at(minutes: float) -> datetime:
    return BEGAN + timedelta(minutes=minutes)


def starts(*minutes: float) -> list[Start]:
    return [Start(at(each)) for each in minutes]


def runs_of(slots: list[float], *found: Start, reach: timedelta = REACH) -> list[float | None]:
    """The minute at which the run of each slot was created."""
    matches = match([at(each) for each in slots], found, reach)
    return [(each.start.created - BEGAN) / timedelta(minutes=1) if each.start else None for each in matches]


def test_a_run_up_to_a_minute_early_or_within_reach_belongs_to_its_slot() -> None:
    assert runs_of([0, 60, 120], *starts(-1, 67, 127.1)) == [-1, 67, None]
    assert runs_of([0], *starts(-1.1)) == [None]


def test_no_run_belongs_to_two_slots() -> None:
    assert runs_of([0, 1], *starts(0.5)) == [0.5, None]
    assert runs_of([0, 1, 2], *starts(0.9, 2)) == [None, 0.9, 2]


def test_two_runs_of_one_slot_are_no_run_of_another() -> None:
    assert runs_of([0, 60], *starts(0.1, 0.2, 3)) == [0.1, None]


def test_late_runs_are_counted_for_their_own_slots_rather_than_for_the_nearest() -> None:
    """Each start was refused, and Scheduler tried again: the second slot's run is late, too."""
    assert runs_of([0, 5], *starts(5.3, 6.5)) == [5.3, 6.5]


def test_a_run_that_names_its_slot_belongs_to_it_whenever_it_was_created() -> None:
    """Another run of the slot is no run of the next one, and a slot that isn't asked about has its own."""
    by_hand = Start(at(57), slot=at(0))
    assert runs_of([0, 60], by_hand, *starts(61)) == [57, 61]
    assert runs_of([0, 60], *starts(0.2), Start(at(60.1), slot=at(0))) == [60.1, None]
    assert runs_of([60], Start(at(60), slot=at(0))) == [None]


def test_a_named_slot_may_lack_its_fraction_of_a_second() -> None:
    """A rate counts from a schedule's creation, and AWS passes whole seconds."""
    assert runs_of([0.5, 20.5], Start(at(0.9), slot=at(0.49)), Start(at(20.9), slot=at(20.51))) == [0.9, 20.9]
    assert runs_of([0, 1, 2], Start(at(9), slot=at(1.4))) == [None, 9, None]
    assert runs_of([0], Start(at(0), slot=at(1))) == [None]


def test_slots_are_returned_in_order_whatever_the_order_of_what_is_given() -> None:
    assert match([at(60), at(0)], starts(61, 1), REACH) == (
        Match(at(0), Start(at(1))),
        Match(at(60), Start(at(61))),
    )


minutes = st.lists(st.integers(0, 60).map(float), max_size=5, unique=True)
moments = st.lists(st.integers(-60, 4800).map(lambda seconds: seconds / 60), max_size=5)


@given(minutes, moments, st.integers(0, 15))
def test_as_few_slots_as_possible_stay_alone_and_then_the_distances_are_the_least(
    slots: list[float], created: list[float], reach: int
) -> None:
    found = runs_of(slots, *starts(*created), reach=timedelta(minutes=reach))
    used = [each for each in found if each is not None]
    assert used == sorted(used)
    assert all(used.count(each) <= created.count(each) for each in used)
    pairs = [(slot, run) for slot, run in zip(sorted(slots), found, strict=True) if run is not None]
    assert all(fits(slot, run, reach) for slot, run in pairs)
    assert (len(slots) - len(pairs), round(distance(pairs), 6)) == best(sorted(slots), sorted(created), reach)


@given(st.lists(st.tuples(st.integers(-60, 60), st.booleans()), min_size=1, max_size=40), st.integers(1, 15))
def test_runs_within_a_minute_of_their_slots_always_belong_to_them(jitter: list[tuple[int, bool]], reach: int) -> None:
    """The slots are further apart than two minutes; some of them have no run."""
    slots = [number * 2.1 for number in range(len(jitter))]
    own = [slot + early / 60 for slot, (early, comes) in zip(slots, jitter, strict=True) if comes]
    matches = match([at(each) for each in slots], starts(*own), timedelta(minutes=1))
    expected = [slot + early / 60 if comes else None for slot, (early, comes) in zip(slots, jitter, strict=True)]
    assert [each.start.created if each.start else None for each in matches] == [
        at(each) if each is not None else None for each in expected
    ]


def fits(slot: float, run: float, reach: int) -> bool:
    return -EARLY / timedelta(minutes=1) <= round(run - slot, 9) <= reach


def distance(pairs: list[tuple[float, float]]) -> float:
    return sum(abs(run - slot) for slot, run in pairs)


def best(slots: list[float], created: list[float], reach: int) -> tuple[int, float]:
    """By trying every choice of as many slots and runs, in their order."""
    for size in range(min(len(slots), len(created)), 0, -1):
        tried = (
            list(zip(some, others, strict=True))
            for some in combinations(slots, size)
            for others in combinations(created, size)
        )
        fitting = [distance(pairs) for pairs in tried if all(fits(slot, run, reach) for slot, run in pairs)]
        if fitting:
            return len(slots) - size, round(min(fitting), 6)
    return len(slots), 0.0
