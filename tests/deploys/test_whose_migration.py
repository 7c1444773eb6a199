"""Two deploys at once: a migration proves the end of a deploy only for the code that it may be of."""

from copy import replace
from datetime import datetime

import pytest

from cronmend.deploys import DeployNote, Phase, Service, merged
from cronmend.model import Missing, Proof, Signal, WindowState
from tests.deploys.test_window_signals import decided, note, seen
from tests.fakes import later
from tests.samples import service

UNKNOWN = Missing("there is no task definition webapp:1")


def pipeline() -> DeployNote:
    """A deploy that started 20 min ago, migrated 10 min ago and finished 5 min ago."""
    known = merged(note(Phase.STARTED, -20, key="a"), note(Phase.MIGRATED, -10, key="a"))
    return merged(known, note(Phase.FINISHED, -5, key="a"))


BEFORE, AFTER = service(2, created=later(-7), updated=later(-2)), service(2, created=later(-4), updated=later(-2))
"""Services whose rollout started before the pipeline's end, and after it."""


@pytest.mark.parametrize("served", [BEFORE, AFTER])
@pytest.mark.parametrize(
    ("registered", "previous", "proof"),
    [
        pytest.param(-11, None, Proof.PROVED, id="registered before the migration ended"),
        pytest.param(-9, later(-15), Proof.ASSUMED, id="the pipeline had registered another revision"),
        pytest.param(-9, later(-9.5), Proof.ASSUMED, id="two revisions were registered since"),
        pytest.param(-9, UNKNOWN, Proof.ASSUMED, id="nothing shows what the pipeline registered"),
        pytest.param(-9, later(-30), Proof.PROVED, id="the pipeline migrates before it registers"),
        pytest.param(-9, None, Proof.PROVED, id="the first revision, or one with the same images"),
        pytest.param(-4.5, later(-30), Proof.ASSUMED, id="registered after the pipeline's end"),
    ],
)
def test_a_migration_before_the_codes_registration_is_another_deploys(
    served: Service, registered: float, previous: datetime | Missing | None, proof: Proof
) -> None:
    found = seen(pipeline(), services=(served,), registered=registered, previous_at=previous)
    assert (found.state, found.proof) == (WindowState.RECENT, proof)


def test_without_the_pipelines_start_it_has_the_longest_time_that_a_deploy_takes() -> None:
    unstarted = merged(note(Phase.MIGRATED, -10, key="a"), note(Phase.FINISHED, -5, key="a"))
    found = [
        seen(unstarted, services=(BEFORE,), registered=-9, previous_at=later(previous)).proof for previous in (-50, -60)
    ]
    assert found == [Proof.ASSUMED, Proof.PROVED]


def test_a_late_migrated_counts_from_its_own_time() -> None:
    ended = merged(note(Phase.STARTED, -20, key="a"), note(Phase.FINISHED, -5, key="a"))
    known = merged(ended, note(Phase.MIGRATED, -10, key="a"))
    assert seen(known, services=(BEFORE,), registered=-9, previous_at=later(-15)).proof is Proof.ASSUMED
    assert seen(known, services=(BEFORE,), registered=-11).proof is Proof.PROVED


@pytest.mark.parametrize(("revision", "proof"), [(1, Proof.ASSUMED), (2, Proof.PROVED), (3, Proof.PROVED)])
def test_the_migration_task_of_an_earlier_revision_proves_nothing_for_a_later_one(revision: int, proof: Proof) -> None:
    task = replace(note(Phase.FINISHED, -5, Signal.MIGRATION_TASK, since=-12, key="t1"), revision=revision)
    assert seen(task, services=(BEFORE,), registered=-9).proof is proof


def test_nor_does_it_end_the_deploy_of_the_later_one() -> None:
    task = replace(note(Phase.FINISHED, -5, Signal.MIGRATION_TASK, since=-12, key="t1"), revision=1)
    assert decided(seen(task, services=(service(1),), registered=-9)) == (WindowState.OPEN, Signal.REVISION)
    assert seen(replace(task, family="migrate"), services=(service(1),), registered=-9).proof is Proof.PROVED


def test_without_a_service_the_migration_of_code_before_it_is_only_assumed() -> None:
    task = note(Phase.FINISHED, -5, Signal.MIGRATION_TASK, since=-6, key="t1")
    assert seen(task, services=(), registered=-4).proof is Proof.ASSUMED
    assert seen(task, services=(), registered=-9).proof is Proof.PROVED


# Signals of a deploy that another one followed -------------------------------------------------------------------


@pytest.mark.parametrize("ended", [Phase.MIGRATED, Phase.FINISHED, Phase.FAILED])
@pytest.mark.parametrize("late", [Phase.MIGRATED, Phase.FINISHED, Phase.FAILED])
def test_a_signal_of_an_earlier_deploy_changes_nothing_however_far_the_later_one_is(ended: Phase, late: Phase) -> None:
    known = merged(note(Phase.STARTED, -20, key="a"), note(Phase.STARTED, -15, key="b"))
    known = merged(known, note(ended, -10, key="b"))
    assert merged(known, note(late, -5, key="a")) is known


def test_so_the_proof_of_the_later_one_is_kept() -> None:
    known = merged(note(Phase.STARTED, -20, key="a"), note(Phase.STARTED, -15, key="b"))
    for phase, at, key in ((Phase.MIGRATED, -10, "b"), (Phase.FINISHED, -8, "a"), (Phase.FINISHED, -5, "b")):
        known = merged(known, note(phase, at, key=key))
    assert (known.key, known.since, known.migrated_at) == ("b", later(-15), later(-10))


def test_a_task_that_started_earlier_is_earlier_even_if_its_start_was_never_reported() -> None:
    known = note(Phase.FINISHED, -10, Signal.MIGRATION_TASK, since=-12, key="b")
    assert merged(known, note(Phase.FINISHED, -5, Signal.MIGRATION_TASK, since=-20, key="a")) is known
    later_one = note(Phase.FINISHED, -5, Signal.MIGRATION_TASK, since=-11, key="c")
    assert merged(known, later_one).key == "c"


def test_after_a_cancelled_deploy_the_earlier_one_counts_again() -> None:
    known = merged(note(Phase.STARTED, -20, key="a"), note(Phase.STARTED, -15, key="b"))
    known = merged(known, note(Phase.CANCELLED, -10, key="b"))
    assert merged(known, note(Phase.FINISHED, -5, key="a")).phase is Phase.FINISHED


def test_a_release_that_is_deployed_again_is_not_an_earlier_deploy() -> None:
    """It had ended, or its time limit has passed, or it reports a phase that it had reported before."""
    over = merged(note(Phase.FINISHED, -40, key="a"), note(Phase.FINISHED, -30, key="b"))
    assert merged(over, note(Phase.FINISHED, -5, key="a")).key == "a"
    limited = merged(note(Phase.STARTED, -60, key="a"), note(Phase.STARTED, -50, key="b"))
    limited = merged(limited, note(Phase.FINISHED, -30, key="b"))
    assert merged(limited, note(Phase.FINISHED, -5, key="a")).key == "a"
    repeated = merged(note(Phase.MIGRATED, -40, key="a"), note(Phase.MIGRATED, -30, key="b"))
    assert merged(repeated, note(Phase.MIGRATED, -5, key="a")).key == "a"
