"""Two deploys at once: a schedule isn't moved for the migration of the other one."""

from copy import replace

import pytest

from cronmend.deploys import DeployNote, Phase, merged
from cronmend.model import Signal
from tests.fakes import later
from tests.samples import CLUSTER, definition
from tests.use_cases.healing.followed import Followers


def marks(it: Followers, *phases: Phase) -> None:
    """The pipeline of release ``a`` reports these phases, the first 60 min ago and each 5 min after the one before."""
    known: DeployNote | None = None
    for number, phase in enumerate(phases):
        at = later(5 * number - 60)
        known = merged(known, DeployNote(CLUSTER, "webapp", Signal.MARKER, phase, at, at, later(999), key="a"))
    assert known is not None
    it.world.notes.notes[CLUSTER, known.row] = known


def registers(it: Followers, **minutes: float) -> None:
    at = {"webapp:1": later(-900)} | {f"webapp:{name[1:]}": later(each) for name, each in minutes.items()}
    it.definitions = {name: definition(int(name[7:]), each) for name, each in at.items()}


def serves(it: Followers, revision: int) -> None:
    """Its rollout has started before the pipeline's end, and ends now."""
    it.now = later(-53)
    it.deploys(revision, "IN_PROGRESS")
    (rolling,) = it.world.services.services  # type: ignore[misc] # they can be read
    it.now = later(-40)
    done = replace(rolling.primary, rollout="COMPLETED", updated_at=it.now)
    it.world.services.services = (replace(rolling, primary=done),)


ALL = (Phase.STARTED, Phase.MIGRATED, Phase.FINISHED)


def test_a_pipeline_that_finishes_proves_nothing_for_code_registered_after_its_migration() -> None:
    it = Followers()
    it.check()
    registers(it, r2=-59, r3=-54)
    marks(it, *ALL)
    serves(it, 3)
    assert it.check().moved == []
    assert it.row().waits == "nothing proves that the migration of webapp:3 succeeded"


def test_it_does_for_code_that_it_registers_after_its_migration() -> None:
    it = Followers()
    it.check()
    registers(it, r2=-61, r3=-54)
    marks(it, *ALL)
    serves(it, 3)
    assert [name for _, name in it.check().moved] == ["webapp:3"]


@pytest.mark.parametrize(("images", "moved"), [("3", 1), ("2", 0), ("", 0)])
def test_a_revision_with_the_same_images_is_the_same_code(images: str, moved: int) -> None:
    it = Followers()
    it.check()
    registers(it, r2=-59, r3=-54)
    for name, tag in (("webapp:2", images), ("webapp:3", "3")):
        named = {"web": f"site:{tag}"} if images else {}
        it.definitions[name] = replace(it.definitions[name], images=named)
    marks(it, *ALL)
    serves(it, 3)
    assert len(it.check().moved) == moved


def test_a_revision_before_that_can_no_longer_be_read_shows_nothing() -> None:
    it = Followers()
    it.check()
    registers(it, r3=-54)
    marks(it, *ALL)
    serves(it, 3)
    assert it.check().moved == []
    first = Followers()
    first.sets("webapp")
    registers(first, r1=-54)
    marks(first, *ALL)
    serves(first, 1)
    assert [name for _, name in first.check().moved] == ["webapp:1"]


@pytest.mark.parametrize(("revision", "moved"), [(2, 0), (3, 1)])
def test_a_migration_task_of_an_earlier_revision_proves_nothing(revision: int, moved: int) -> None:
    it = Followers()
    it.check()
    registers(it, r2=-59, r3=-54)
    serves(it, 3)
    it.migrates()
    ((key, note),) = it.world.notes.notes.items()
    it.world.notes.notes[key] = replace(note, revision=revision)
    assert len(it.check(1).moved) == moved
