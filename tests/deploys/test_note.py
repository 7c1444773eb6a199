"""How an event updates a stored note, and which jobs a deploy concerns."""

from copy import replace

import pytest

from cronmend.deploys import EarlierDeploy, Phase, merged
from cronmend.model import Signal
from tests.deploys.test_window_signals import note
from tests.fakes import later


def test_with_two_deploys_in_a_row_the_end_of_the_first_does_not_end_the_second() -> None:
    first_deploy, second = note(Phase.STARTED, -20, key="v1"), note(Phase.STARTED, -10, key="v2")
    known = merged(first_deploy, second)
    assert merged(known, note(Phase.FINISHED, -5, key="v1")) is known
    assert merged(known, note(Phase.FAILED, -5, key="v1")) is known
    ended = merged(known, note(Phase.FINISHED, -4, key="v2"))
    assert (ended.phase, ended.since, ended.key) == (Phase.FINISHED, later(-10), "v2")


def test_a_second_delivery_changes_nothing() -> None:
    started, finished = note(Phase.STARTED, -9), note(Phase.FINISHED, -3)
    known = merged(started, finished)
    assert merged(known, finished) is known
    assert merged(known, started) is known
    assert merged(started, started) is started


def test_an_end_that_is_delivered_before_its_start_stays_the_end() -> None:
    known = merged(None, note(Phase.FINISHED, -3))
    assert merged(known, note(Phase.STARTED, -9)) is known
    assert merged(known, note(Phase.MIGRATED, -5)) is known


def test_in_the_same_second_the_later_phase_counts() -> None:
    finished = note(Phase.FINISHED, -3)
    assert merged(finished, note(Phase.MIGRATED, -3)) == replace(finished, migrated_at=later(-3))
    assert merged(note(Phase.MIGRATED, -3), finished).phase is Phase.FINISHED


def test_migrated_proves_the_end_whenever_it_is_delivered() -> None:
    started, migrated, finished = note(Phase.STARTED, -9), note(Phase.MIGRATED, -5), note(Phase.FINISHED, -3)
    in_order = merged(merged(started, migrated), finished)
    assert in_order == merged(merged(started, finished), migrated)
    assert (in_order.phase, in_order.at, in_order.since, in_order.migrated_at) == (
        Phase.FINISHED,
        later(-3),
        later(-9),
        later(-5),
    )
    assert merged(in_order, migrated) is in_order
    assert merged(started, finished).migrated_at is None
    earlier = note(Phase.MIGRATED, -10)
    ended = merged(started, finished)
    assert merged(ended, earlier) is ended
    assert merged(in_order, note(Phase.STARTED, -1, key="v3")).migrated_at is None


def test_deploys_without_a_key_are_distinguished_by_time() -> None:
    started = note(Phase.STARTED, -30, key="")
    ended = merged(started, note(Phase.FINISHED, -20, key=""))
    assert (ended.phase, ended.since) == (Phase.FINISHED, later(-30))
    assert merged(ended, started) is ended
    again = merged(ended, note(Phase.STARTED, -10, key=""))
    assert (again.phase, again.since) == (Phase.STARTED, later(-10))


def test_a_pipeline_that_only_sends_migrated_is_enough() -> None:
    known = merged(note(Phase.MIGRATED, -300, key="v1"), note(Phase.MIGRATED, -2, key="v2"))
    assert (known.key, known.at) == ("v2", later(-2))


@pytest.mark.parametrize(
    ("family", "image", "concerned"),
    [
        ("webapp", "", True),
        ("other", "", False),
        ("jobs", "r.example/site:3", True),
        ("jobs", "r.example/api:3", False),
    ],
)
def test_a_migration_concerns_its_family_and_every_job_of_its_image(family: str, image: str, concerned: bool) -> None:
    migration = replace(note(Phase.STARTED, -1, Signal.MIGRATION_TASK), image="r.example/site")
    assert migration.concerns(family, image) is concerned


def test_a_deploy_without_a_scope_concerns_every_family() -> None:
    assert replace(note(Phase.STARTED, -1), family="*").concerns("anything", "")


def test_a_note_keeps_the_deploys_before_its_own() -> None:
    known = merged(note(Phase.STARTED, -40, key="v1"), note(Phase.FINISHED, -30, key="v1"))
    known = merged(merged(known, note(Phase.STARTED, -20, key="v2")), note(Phase.STARTED, -10, key="v3"))
    known = merged(known, note(Phase.FINISHED, -5, key="v3"))
    assert known.earlier == (
        EarlierDeploy(later(-40), Phase.FINISHED, "v1", later(-30)),
        EarlierDeploy(later(-20), Phase.STARTED, "v2"),
    )
