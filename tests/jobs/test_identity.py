"""The job of a run: names collide, schedules are deleted, and "ambiguous" is a valid result."""

from dataclasses import replace

from cronmend.jobs.identity import identify, runs_job
from cronmend.model import ContainerOverride, LiveTask, Missing
from tests.samples import CLUSTER, COMMAND, JOB, schedule, stopped

UNDECLARED = (ContainerOverride("web", COMMAND), ContainerOverride("aws-guardduty-agent-nm40lC"))


def test_one_schedule_that_matches_is_the_job() -> None:
    who = identify(stopped(overrides=UNDECLARED), [schedule()])
    assert (who.job, who.certain) == (JOB, True)
    assert who.schedule == schedule()


def test_two_schedules_with_the_same_nineteen_characters_and_command_are_ambiguous() -> None:
    other = schedule(job="other/publish-scheduled")
    who = identify(stopped(overrides=UNDECLARED), [schedule(), other])
    assert not who.certain
    assert who.job == "ambiguous/publish-scheduled"
    assert JOB in who.reason
    assert "other/publish-scheduled" in who.reason


def test_the_command_distinguishes_jobs_whose_names_collide() -> None:
    long_a = schedule(job="g/production-daily-management-a")
    other = long_a.target_input.replace("publish_scheduled", "linkcheck")
    long_b = schedule(job="g/production-daily-management-b", target_input=other)
    run = stopped(overrides=UNDECLARED, started_by="chronos-schedule/production-daily-ma")
    assert identify(run, [long_a, long_b]).job == "g/production-daily-management-a"


def test_the_declared_id_decides_between_twins() -> None:
    other = schedule(job="other/publish-scheduled")
    assert identify(stopped(), [schedule(), other]).job == JOB


def test_a_declared_job_without_a_live_schedule_has_no_target() -> None:
    who = identify(stopped(), [])
    assert (who.job, who.certain) == (JOB, True)
    assert isinstance(who.schedule, Missing)


def test_a_run_without_a_known_job_is_never_certain() -> None:
    who = identify(stopped(overrides=UNDECLARED, started_by="somebody"), Missing("no schedule started it"))
    assert (who.job, who.certain) == ("unattributed/webapp", False)


def test_a_rule_keeps_its_name() -> None:
    who = identify(stopped(overrides=UNDECLARED, started_by="events-rule/nightly"), Missing("not asked"))
    assert (who.job, who.certain) == ("events-rule/nightly", False)


def test_another_cluster_or_family_is_another_job() -> None:
    elsewhere = schedule(cluster_arn=CLUSTER.replace("app-prod", "app-test"))
    family = schedule(parameters={"TaskDefinitionArn": "other:2"})
    assert not identify(stopped(overrides=UNDECLARED), [elsewhere, family]).certain


def test_a_run_by_hand_counts_as_a_run_of_the_job() -> None:
    by_hand = LiveTask("arn", CLUSTER, stopped().task_definition, "deploy-user", (ContainerOverride("web", COMMAND),))
    assert runs_job(by_hand, schedule())
    assert not runs_job(replace(by_hand, overrides=(ContainerOverride("web", ("bash",)),)), schedule())
    assert not runs_job(replace(by_hand, overrides=()), schedule())
