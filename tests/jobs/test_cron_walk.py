from tests.jobs.cron_oracle import compare


def test_slots_are_the_minutes_that_a_walk_over_every_minute_finds() -> None:
    assert compare(12, seed=1) > 1000
