"""A job with a task definition of its own: its image against that of the service."""

from copy import replace
from datetime import datetime

import pytest

from cronmend.deploys import Bounds, DeployFacts, Deployment, Image, Pushes, Release, Run, Service, window
from cronmend.model import DeployWindow, History, Missing, Proof, Signal, TaskDefinitionRef, WindowState
from cronmend.use_cases.deploy_facts import with_pushes
from cronmend.use_cases.reads import PATIENT
from tests.fakes import NOW, later

BOUNDS = Bounds()
USED = TaskDefinitionRef("cron", 7)
REPOSITORY = "111122223333.dkr.ecr.eu-west-2.amazonaws.com/site"
OLD, NEW = "sha256:" + "1" * 64, "sha256:" + "2" * 64
OPEN, STUCK, RECENT, CLOSED = WindowState.OPEN, WindowState.STUCK, WindowState.RECENT, WindowState.CLOSED
DEPLOYED = later(-600)
SERVICE = Service("web", Deployment(TaskDefinitionRef("webapp", 41), "COMPLETED", DEPLOYED, DEPLOYED))


def facts(run: str, serving: str, digests: tuple[str, str] = (NEW, OLD), **changes: object) -> DeployFacts:
    """The run's tag and the service's, and their digests; the run's revision was registered ten minutes ago."""
    found = DeployFacts(
        (SERVICE,),
        later(-10),
        USED,
        serving=(Image("proxy", "nginx:1"), Image("web", f"{REPOSITORY}:{serving}", digests[1])),
        serving_registered_at=later(-610),
        run=Run(later(-1.5), NOW, f"{REPOSITORY}:{run}", digests[0], "cron"),
    )
    return replace(found, **changes)  # type: ignore[arg-type] # any field of the facts


def seen(found: DeployFacts) -> DeployWindow:
    return window(USED, found, NOW, BOUNDS)


def decided(found: DeployFacts) -> tuple[WindowState, Signal]:
    what = seen(found)
    return what.state, what.signal


def test_a_newer_tag_in_the_job_is_an_open_deploy() -> None:
    what = seen(facts("42", "41"))
    assert (what.state, what.signal, what.since) == (OPEN, Signal.REVISION, later(-10))
    assert what.reason == "the run used site:42 (222222222222), service web runs site:41 (111111111111)"


def test_it_is_stuck_past_its_bound() -> None:
    assert decided(facts("42", "41", registered_at=later(-46))) == (STUCK, Signal.REVISION)


def test_a_newer_tag_in_the_service_is_older_code_in_the_job() -> None:
    older = facts("41", "42", (OLD, NEW), registered_at=later(-610), serving_registered_at=later(-10))
    assert decided(older) == (WindowState.OLDER_CODE, Signal.REVISION)
    moved = replace(older, scheduled=TaskDefinitionRef("cron", 8))
    assert decided(moved) == (RECENT, Signal.REVISION)
    assert seen(moved).proof is Proof.ASSUMED


def test_without_digests_tags_and_registration_times_decide() -> None:
    assert decided(facts("42", "41", ("", ""))) == (OPEN, Signal.REVISION)


def test_two_tags_of_one_image_are_the_same_code() -> None:
    what = seen(facts("42", "stable", (NEW, NEW)))
    assert (what.state, what.proof) == (CLOSED, Proof.ASSUMED)
    assert what.reason == "service web runs the same image and no deployment is in progress"


def test_a_tag_that_moved_before_the_run_is_an_open_deploy() -> None:
    what = seen(facts("latest", "latest"))
    assert (what.state, what.signal, what.since) == (OPEN, Signal.REVISION, later(-1.5))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"history": History(later(-60), 7, OLD)}, "a run has succeeded on the image"),
        ({"services": (replace(SERVICE, primary=replace(SERVICE.primary, created_at=later(-1))),)}, "deployed since"),
    ],
)
def test_a_tag_that_moved_after_the_run_started_gets_another_run(changes: dict[str, object], why: str) -> None:
    found = facts("latest", "latest", (OLD, NEW), **changes)
    assert decided(found) == (RECENT, Signal.REVISION), why


def test_a_tag_that_may_mean_two_images_shows_nothing() -> None:
    what = seen(facts("latest", "latest", ("", OLD)))
    assert (what.state, what.reason) == (
        WindowState.UNKNOWN,
        "nothing shows whether service web runs the same code",
    )


def test_without_a_time_of_registration_nothing_shows_which_tag_is_newer() -> None:
    denied = Missing("AWS denied ecs:DescribeTaskDefinition to Cronmend's role")
    what = seen(facts("42", "41", serving_registered_at=denied))
    assert (what.state, what.unread) == (WindowState.UNKNOWN, (denied.reason,))
    assert seen(facts("42", "41", serving_registered_at=None)).state is WindowState.UNKNOWN


def test_while_the_service_is_deployed_its_deployment_decides() -> None:
    rolling = replace(
        SERVICE,
        primary=Deployment(TaskDefinitionRef("webapp", 42), "", later(-60), later(-60)),
        release=Release("IN_PROGRESS", later(-60), stage="SCALE_UP", moved_at=later(-5)),
    )
    found = facts("42", "41", services=(rolling,), registered_at=later(-61))
    assert decided(found) == (OPEN, Signal.SERVICE_DEPLOYMENT)


def test_a_rollback_is_half_done_whatever_the_numbers_of_two_families() -> None:
    back = replace(SERVICE, release=Release("ROLLBACK_SUCCESSFUL", later(-9), later(-3)))
    assert decided(facts("42", "41", services=(back,))) == (STUCK, Signal.SERVICE_DEPLOYMENT)


def test_of_no_service_at_all_both_ways_to_find_one_are_named() -> None:
    assert seen(facts("42", "41", services=())).reason == "no ECS service runs cron or its image"


@pytest.mark.parametrize(
    ("found", "needed"),
    [
        (facts("42", "41"), True),
        (facts("42", "41", ("", "")), True),
        (facts("42", "41", (NEW, NEW)), False),
        (facts("latest", "latest"), False),
        (replace(facts("42", "41"), serving=()), False),
    ],
)
def test_the_time_of_registration_is_needed_only_for_two_tags_of_two_images(found: DeployFacts, needed: bool) -> None:
    assert found.needs_registration is needed


def pushed(found: DeployFacts, run: int, service: int) -> DeployFacts:
    """The images were pushed so many minutes ago."""
    return replace(found, pushes=Pushes(later(-run), later(-service)))


def test_an_image_that_was_pushed_later_is_newer_whenever_its_revision_was_registered() -> None:
    """The service was taken back to release 41, in a revision that was registered after the job's."""
    taken_back = facts("42", "41", registered_at=later(-30), serving_registered_at=later(-5))
    assert decided(taken_back) == (WindowState.OLDER_CODE, Signal.REVISION)
    what = seen(pushed(taken_back, 35, 600))
    assert (what.state, what.since) == (OPEN, later(-30))
    assert what.reason == (
        "the run used site:42 (222222222222) (pushed 9 h later), service web runs site:41 (111111111111)"
    )


def test_an_image_that_was_pushed_earlier_is_older_though_its_revision_was_registered_later() -> None:
    what = seen(pushed(facts("42", "41"), 600, 30))
    assert what.state is WindowState.OLDER_CODE
    assert "(pushed 9 h earlier)" in what.reason


@pytest.mark.parametrize(("run", "service", "state"), [(5, 600, OPEN), (600, 5, RECENT)])
def test_of_a_tag_that_moved_the_push_decides(run: int, service: int, state: WindowState) -> None:
    """Without it, a run that started after the service's deployment has the newer image."""
    assert decided(facts("latest", "latest")) == (OPEN, Signal.REVISION)
    assert decided(pushed(facts("latest", "latest"), run, service)) == (state, Signal.REVISION)


@pytest.mark.parametrize("pushes", [Pushes(Missing("denied"), NOW), Pushes(NOW, Missing("denied")), Pushes(NOW, NOW)])
def test_without_both_times_the_revisions_decide_and_the_denial_is_told(pushes: Pushes) -> None:
    what = seen(facts("42", "41", pushes=pushes))
    assert (what.state, what.since) == (OPEN, later(-10))
    assert what.unread == (() if pushes == Pushes(NOW, NOW) else ("denied",))


def test_push_times_are_asked_for_only_of_two_images() -> None:
    asked: list[Image] = []

    class Asked:
        def pushed_at(self, image: Image) -> datetime | Missing | None:
            asked.append(image)
            return None if image.digest == OLD else NOW

    for same in (facts("42", "42", (NEW, NEW)), replace(facts("42", "41"), serving=())):
        assert with_pushes(same, Asked(), PATIENT) == same
    assert asked == []
    assert with_pushes(facts("42", "41"), Asked(), PATIENT).pushes is None
    assert [each.digest for each in asked] == [NEW, OLD]
    found = with_pushes(facts("43", "42", ("", NEW)), Asked(), PATIENT).pushes
    assert found == Pushes(NOW, NOW)
    assert with_pushes(facts("42", "41"), None, PATIENT).pushes is None
