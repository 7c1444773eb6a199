"""Each run that hangs and each start that is refused is found, and no ordinary run is."""

from cli.bench.unreported import overdue, starts


def test_every_run_that_hangs_is_found_within_a_check_and_no_other() -> None:
    figures = overdue(14, 3)
    assert figures.runs > 2_000
    assert figures.found == figures.planted > 15
    assert figures.false_alarms == 0
    assert 0 < figures.slowest_minutes <= 5


def test_every_refused_start_is_found_once_and_no_other() -> None:
    figures = starts(7, 3)
    assert figures.found == figures.planted > 20
    assert figures.false_alarms == 0
