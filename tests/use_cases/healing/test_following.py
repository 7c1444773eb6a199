"""Schedules that follow a service: moved after the deploy, back after a rollback, and never against someone else."""

from copy import replace
from datetime import timedelta

import pytest

from cronmend.deploys import Image, Phase
from cronmend.deploys.following import FollowState
from cronmend.deploys.holds import leased, new_hold
from cronmend.errors import Denied, NotFound, Retryable
from cronmend.model import Follow, LiveSchedule, Missing, Mode, TaskDefinitionRef
from cronmend.model.report import Stage
from cronmend.use_cases.healing.leased_switches import LeasedSwitches
from tests.fakes import later
from tests.samples import CLUSTER, JOB, schedule, service
from tests.use_cases.healing.followed import PREFIX, Followers, proved
from tests.use_cases.world import behaving


def test_a_schedule_is_moved_when_the_end_of_the_deploy_is_proved() -> None:
    it = Followers()
    before = it.world.schedules.schedules[JOB]
    proved(it)
    assert it.check().moved == [(JOB, "webapp:2")]
    parameters = {**before.parameters, "TaskDefinitionArn": f"{PREFIX}webapp:2"}
    assert it.world.schedules.schedules[JOB] == replace(before, parameters=parameters)
    assert it.moves() == [("webapp:1", "webapp:2", False)]
    assert it.row().state is FollowState.SETTLED
    assert it.told == ["publish-scheduled now runs webapp:2, as service web does"]
    report = it.rows.messages[0].report
    assert report.what_happens.startswith("Cronmend moved the schedule: ")
    assert (report.severity, report.status, report.quiet, report.advice) == ("info", "moved", True, "No action needed.")
    assert it.check(5).moved == []
    assert len(it.told) == 1


def test_a_check_whose_time_is_up_leaves_the_schedule_to_the_next_one() -> None:
    it = Followers()
    proved(it)
    found = it.use_case.check(it.now, lambda: True)
    assert (found.schedules, found.left, found.moved, it.target()) == (1, 1, [], "webapp:1")
    assert it.check().moved == [(JOB, "webapp:2")]


def test_nothing_moves_while_the_deploy_goes_on_or_its_migration_does() -> None:
    it = Followers()
    it.check()
    it.deploys(2, "IN_PROGRESS")
    it.migrates()
    it.check(1)
    it.migrates(Phase.STARTED)
    it.deploys(2)
    it.check(1)
    it.migrates(Phase.FAILED)
    it.check(1)
    assert (it.target(), it.told) == ("webapp:1", [])
    assert it.row().waits == "the deploy of webapp:2 is half done"
    it.migrates()
    assert it.check(5).moved == [(JOB, "webapp:2")]


def test_an_end_that_is_only_assumed_moves_nothing_unless_the_owner_says_so() -> None:
    it = Followers()
    it.check()
    it.deploys(2)
    it.check(1)
    assert (it.target(), it.told) == ("webapp:1", [])
    it.check(20)
    it.check(5)
    reason = "nothing proves that the migration of webapp:2 succeeded"
    assert it.told == [f"publish-scheduled doesn't follow its service: {reason}"]
    report = it.rows.messages[0].report
    assert (report.severity, report.status, report.quiet) == ("warning", "not moved", False)
    assert (report.command, report.stage) == ("cronmend follow", Stage.FAILED)
    assert report.what_happens == "Nothing proves that the migration of webapp:2 succeeded."
    assert report.advice == (
        "See `cronmend follow`. To move publish-scheduled now, set its task definition yourself. If a tool such as "
        "Terraform writes it, let the tool ignore changes of the schedule's task definition."
    )
    it.policy = replace(it.policy, follow=Follow.ASSUMED)
    assert it.check(5).moved == [(JOB, "webapp:2")]


def test_a_rollback_moves_it_back_without_a_proof() -> None:
    it = Followers()
    proved(it)
    it.check()
    it.rolls_back(1)
    assert it.check(5).moved == [(JOB, "webapp:1")]
    assert it.moves()[-1] == ("webapp:2", "webapp:1", True)
    assert it.told[-1] == "publish-scheduled runs webapp:1 again: service web was rolled back"


def test_a_target_without_a_revision_is_fixed_at_the_services() -> None:
    """It would run the newest revision: in a deploy, before the migration."""
    it = Followers()
    it.sets("webapp")
    assert it.check().moved == [(JOB, "webapp:1")]


def test_what_someone_else_has_set_is_told_once_and_left_until_the_next_deploy() -> None:
    it = Followers()
    it.check()
    it.sets("webapp:2")
    it.check(5)
    it.check(5)
    assert (it.target(), len(it.told)) == ("webapp:2", 1)
    assert it.told[0].startswith("publish-scheduled doesn't follow its service: something other than Cronmend set it")
    it.migrates()
    it.deploys(3)
    assert it.check(1).moved == [(JOB, "webapp:3")]


def test_a_tool_that_moved_it_where_the_service_is_now_is_no_news() -> None:
    it = Followers()
    it.check()
    it.deploys(2)
    it.sets("webapp:2")
    it.check(1)
    assert (it.row().target, it.told) == (f"{PREFIX}webapp:2", [])


def test_one_that_is_ahead_of_the_service_is_not_moved_back() -> None:
    """A pipeline has moved it, and deploys the service next."""
    it = Followers()
    it.sets("webapp:2")
    it.check()
    it.check(30)
    assert (it.target(), it.told) == ("webapp:2", [])


def test_several_schedules_that_move_together_are_told_together() -> None:
    it = Followers()
    others = {f"site/job-{number}": schedule(1, job=f"site/job-{number}") for number in range(7)}
    it.world.schedules.schedules |= others
    proved(it)
    assert len(it.check().moved) == 8
    names = "publish-scheduled, job-0, job-1, job-2, job-3 and 3 more"
    assert it.told == [f"8 schedules ({names}) now run webapp:2, as service web does"]


def test_a_job_with_its_own_family_runs_the_newest_revision_with_the_services_image() -> None:
    it = Followers()
    own = {
        number: replace(it.definitions["webapp:1"], ref=TaskDefinitionRef("publish", number)) for number in (7, 8, 9)
    }
    it.definitions |= {
        f"publish:{number}": replace(each, images={"web": f"site:{number}"}) for number, each in own.items()
    }
    it.revisions = [TaskDefinitionRef("publish", number) for number in (9, 8, 7)]
    it.sets("publish:7")
    it.check()
    it.now += timedelta(minutes=5)
    it.migrates()
    it.deploys(2)
    deployed = service(2, created=it.now, updated=it.now)
    it.world.services.services = (replace(deployed, images=(Image("web", "site:8", "sha256:8"),)),)
    assert it.check().moved == [(JOB, "publish:8")]
    it.world.services.services = (replace(deployed, images=(Image("web", "site:10"),)),)
    it.check(30)
    reason = "no active revision of publish has the image that service web runs"
    assert it.told[-1] == f"publish-scheduled doesn't follow its service: {reason}"


def test_a_job_with_its_own_family_waits_while_the_services_images_cant_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    it = Followers()
    it.definitions["publish:7"] = replace(it.definitions["webapp:1"], ref=TaskDefinitionRef("publish", 7))
    it.revisions = [TaskDefinitionRef("publish", 7)]
    it.sets("publish:7")
    monkeypatch.setattr(it.world.services, "images", lambda service: Missing("ECS didn't answer"))
    assert not it.check().failed
    assert it.row().waits == "ECS didn't answer"


def test_a_held_schedule_keeps_its_hold_and_its_release_keeps_the_move() -> None:
    it = Followers()
    hold = new_hold(JOB, CLUSTER, "webapp", "v2", it.now, later(30))
    it.world.holds.put(hold)
    it.world.switches.hold(JOB, hold.mark)
    proved(it)
    assert it.check().moved
    held = it.world.schedules.schedules[JOB]
    assert not held.enabled
    assert hold.mark in held.description
    it.world.switches.release(JOB, hold.mark)
    assert (it.target(), it.world.schedules.schedules[JOB].enabled) == ("webapp:2", True)


def test_a_schedule_that_is_being_held_or_released_is_moved_later() -> None:
    it = Followers()
    it.world.holds.put(leased(new_hold(JOB, CLUSTER, "webapp", "v2", it.now, later(30)), later(5)))
    proved(it)
    assert it.check().moved == []
    assert it.target() == "webapp:1"
    assert it.check(5).moved == [(JOB, "webapp:2")]


def test_a_schedule_that_is_being_moved_is_held_or_released_later() -> None:
    it = Followers()
    proved(it)
    it.cut_off()
    waiting = LeasedSwitches(it.world.switches, it.rows, lambda: it.now)
    for switch in (waiting.hold, waiting.release):
        with pytest.raises(Retryable, match="may be moving the schedule"):
            switch(JOB, "[mark]")
    it.now += timedelta(minutes=2)
    waiting.hold(JOB, "[mark]")
    assert not it.world.schedules.schedules[JOB].enabled


def test_what_aws_refuses_is_told_once_and_stops_no_other() -> None:
    it = Followers()
    it.world.schedules.schedules["site/other"] = schedule(1, job="site/other")
    proved(it)
    move = it.world.switches.move

    def refusing(job: str, before: str, after: str) -> bool:
        if job == JOB:
            raise Denied("AWS denied scheduler:UpdateSchedule", "UpdateSchedule")
        return move(job, before, after)

    behaving(it.world.switches, move=refusing)
    assert it.check().moved == [("site/other", "webapp:2")]
    it.check(5)
    assert [each for each in it.told if "denied" in each] == [
        "publish-scheduled doesn't follow its service: Cronmend couldn't move it: AWS denied scheduler:UpdateSchedule"
    ]


@pytest.mark.parametrize("mode", [Mode.SHADOW, Mode.OFF])
def test_outside_of_healing_nothing_moves(mode: Mode) -> None:
    it = Followers()
    proved(it)
    it.world.modes.mode = mode
    assert (it.check().moved, it.target()) == ([], "webapp:1")


def test_without_the_stacks_leave_nothing_is_read() -> None:
    it = Followers(is_allowed=False)
    proved(it)
    assert it.check() == it.use_case.check(it.now)
    assert it.check().schedules == 0
    assert (it.target(), it.rows.rows) == ("webapp:1", {})


def test_jobs_that_follow_nothing_rules_and_one_time_schedules_are_left_alone() -> None:
    it = Followers()
    it.world.schedules.schedules = {
        "events-rule/a": schedule(1, job="events-rule/a"),
        "site/once": schedule(1, job="site/once", expression="at(2026-06-01T10:00:00)"),
    }
    proved(it)
    assert it.check().schedules == 0
    it.world.schedules.schedules = {JOB: schedule(1)}
    it.policy = replace(it.policy, follow=Follow.NONE)
    assert (it.check().schedules, it.target()) == (0, "webapp:1")


def test_a_row_goes_with_its_schedule_or_when_its_owner_wants_no_following() -> None:
    it = Followers()
    it.check()
    it.policy = replace(it.policy, follow=Follow.NONE)
    it.check(5)
    assert it.rows.rows == {}


def test_after_an_event_a_schedule_whose_timetable_is_old_is_read_again() -> None:
    """Cronmend has moved it since ``reconcile`` read it."""
    it = Followers()
    proved(it)
    it.refresh()
    it.check(refreshed=False)
    assert it.check(1, refreshed=False).moved == []
    assert it.row().target == f"{PREFIX}webapp:2"
    assert len(it.told) == 1


def test_without_a_service_it_waits() -> None:
    it = Followers()
    it.world.services.services = Missing("AWS denied ecs:ListServices to Cronmend's role")
    it.check()
    assert it.row().waits == "AWS denied ecs:ListServices to Cronmend's role"
    it.world.services.services = ()
    it.check()
    assert it.row().waits == "no ECS service runs webapp or its image"
    it.world.services.services = (service(1),)
    it.check()
    assert it.row().waits == ""


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_of_several_services_the_one_that_was_deployed_last_is_followed(order: tuple[int, ...]) -> None:
    it = Followers()
    proved(it)
    deployed = {1: service(1), 2: service(2, created=it.now, updated=it.now)}
    it.world.services.services = tuple(deployed[number] for number in order)
    assert it.check().moved == [(JOB, "webapp:2")]


def test_a_schedule_that_is_deleted_while_it_is_being_moved_leaves_no_row() -> None:
    it = Followers()
    proved(it)

    def gone(job: str, before: str, after: str) -> bool:
        raise NotFound(f"there is no schedule {job}")

    behaving(it.world.switches, move=gone)
    found = it.check()
    assert (found.moved, found.failed, it.rows.rows, it.told) == ([], [], {}, [])


def test_a_schedule_that_is_gone_when_its_move_is_finished_leaves_no_row() -> None:
    it = Followers()
    proved(it)
    it.cut_off()
    it.world.schedules.schedules.clear()
    assert it.check(5).failed == []
    assert it.rows.rows == {}


def test_a_schedule_that_stays_where_it_is_is_not_read() -> None:
    it = Followers()
    proved(it)
    it.check()
    it.check(5)

    def unread(job: str) -> LiveSchedule:
        raise AssertionError(f"{job} was read")

    behaving(it.world.schedules, get=unread)
    assert it.check(5).failed == []
