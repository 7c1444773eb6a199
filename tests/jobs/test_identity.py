"""The job of a run: names collide, schedules are deleted, and "ambiguous" is a valid result."""

import json
import re
from collections.abc import Mapping
from copy import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cronmend.jobs.context_attributes import fits
from cronmend.jobs.identity import identify, runs_job
from cronmend.model import ContainerOverride, LiveSchedule, LiveTask, Missing, StoppedTask, TaskDefinitionRef
from tests.samples import CLUSTER, COMMAND, JOB, schedule, stopped


def declaring(declared: str, **changes: Any) -> LiveSchedule:
    """A schedule that passes this ID on to its runs, by default its own."""
    return schedule(**{"job": declared, "target_input": schedule().target_input.replace(JOB, declared), **changes})


def declared(job: str) -> StoppedTask:
    return stopped(overrides=(ContainerOverride("web", COMMAND, {"CRONMEND_JOB": job}),))


UNDECLARED = (ContainerOverride("web", COMMAND), ContainerOverride("aws-guardduty-agent-nm40lC"))


def test_one_schedule_that_matches_is_the_job() -> None:
    who = identify(stopped(overrides=UNDECLARED), [schedule()])
    assert (who.job, who.certain) == (JOB, True)
    assert who.schedule == schedule()


def test_two_schedules_with_the_same_nineteen_characters_and_command_are_ambiguous() -> None:
    other = schedule(job="other/publish-scheduled")
    who = identify(stopped(overrides=UNDECLARED), [schedule(), other])
    assert not who.certain
    assert re.fullmatch(r"ambiguous/[0-9a-f]{8}/publish-scheduled", who.job)
    assert JOB in who.reason
    assert "other/publish-scheduled" in who.reason


def test_the_command_distinguishes_jobs_whose_names_collide() -> None:
    long_a = schedule(job="g/production-daily-management-a")
    other = long_a.target_input.replace("publish_scheduled", "linkcheck")
    long_b = schedule(job="g/production-daily-management-b", target_input=other)
    run = stopped(overrides=UNDECLARED, started_by="chronos-schedule/production-daily-ma")
    assert identify(run, [long_a, long_b]).job == "g/production-daily-management-a"


def test_a_rules_command_that_is_a_text_is_one_word() -> None:
    written = json.dumps({"containerOverrides": [{"name": "web", "command": "./nightly.sh"}]})
    run = stopped(overrides=(ContainerOverride("web", ("./nightly.sh",)),))
    assert identify(run, [schedule(target_input=written)]).certain


def test_each_set_of_candidates_is_a_job_of_its_own() -> None:
    run, twin, third = (
        stopped(overrides=UNDECLARED),
        schedule(job="b/publish-scheduled"),
        schedule(job="c/publish-scheduled"),
    )
    names = [identify(run, found).job for found in ([schedule(), twin], [twin, schedule()], [schedule(), third])]
    assert names[0] == names[1] != names[2]


def test_the_declared_id_decides_between_twins() -> None:
    assert identify(stopped(), [schedule(), declaring("other/publish-scheduled")]).job == JOB


def test_a_declared_id_that_two_schedules_pass_on_decides_nothing() -> None:
    copy = declaring(JOB, job="other/publish-scheduled")
    assert not identify(stopped(), [schedule(), copy]).certain
    assert identify(stopped(), [copy]).job == copy.job


def test_a_declared_id_that_was_copied_from_another_job_is_ignored() -> None:
    assert identify(declared("g/nightly-report"), [schedule()]).job == JOB
    who = identify(declared("g/nightly-report"), [])
    assert re.fullmatch(r"unattributed/[0-9a-f]{8}/publish-scheduled", who.job)
    assert not who.certain


def test_a_declared_id_with_the_starters_name_is_that_of_a_schedule_that_is_gone() -> None:
    who = identify(declared("gone/publish-scheduled"), [schedule()])
    assert (who.job, who.certain) == ("gone/publish-scheduled", True)
    assert isinstance(who.schedule, Missing)


def test_cronmends_own_run_is_of_the_job_that_cronmend_wrote_into_it() -> None:
    run = replace(declared("g/nightly-report"), started_by="cronmend/0123")
    assert identify(run, Missing("no schedule started it")).job == "g/nightly-report"


def test_a_declared_job_without_a_live_schedule_has_no_target() -> None:
    who = identify(stopped(), [])
    assert (who.job, who.certain) == (JOB, True)
    assert isinstance(who.schedule, Missing)


def test_a_copied_name_in_a_sidecar_of_cronmends_own_run_is_ignored() -> None:
    sidecar = ContainerOverride("proxy", (), {"CRONMEND_JOB": "g/other"})
    mark = ContainerOverride("web", COMMAND, {"CRONMEND_JOB": JOB, "CRONMEND_ATTEMPT": "2"})
    run = stopped(overrides=(sidecar, mark), started_by="cronmend/0123")
    assert identify(run, Missing("no schedule started it")).job == JOB
    unmarked = replace(run, overrides=(sidecar, replace(mark, environment={"CRONMEND_JOB": JOB})))
    assert not identify(unmarked, Missing("no schedule started it")).certain


def test_a_run_without_a_known_job_is_never_certain() -> None:
    who = identify(stopped(overrides=UNDECLARED, started_by="somebody"), Missing("no schedule started it"))
    assert re.fullmatch(r"unattributed/[0-9a-f]{8}/webapp", who.job)
    assert not who.certain


def test_a_run_of_a_rule_that_cannot_be_read_is_not_counted_as_the_rules() -> None:
    who = identify(stopped(overrides=UNDECLARED, started_by="events-rule/nightly"), Missing("not asked"))
    assert re.fullmatch(r"unattributed/[0-9a-f]{8}/nightly", who.job)
    assert not who.certain


def test_runs_of_unknown_jobs_that_differ_in_anything_known_are_jobs_of_their_own() -> None:
    run, why = stopped(overrides=UNDECLARED), Missing("not asked")
    others = (
        replace(run, started_by="chronos-schedule/publish-scheduler"),
        replace(run, cluster_arn=CLUSTER.replace("app-prod", "app-test")),
        replace(run, task_definition=TaskDefinitionRef("other", 2)),
        replace(run, overrides=(ContainerOverride("web", ("bash",)),)),
    )
    assert len({identify(each, why).job for each in (run, *others)}) == 5
    assert identify(replace(run, task_definition=TaskDefinitionRef("webapp", 3)), why).job == identify(run, why).job


def test_another_cluster_or_family_is_another_job() -> None:
    elsewhere = schedule(cluster_arn=CLUSTER.replace("app-prod", "app-test"))
    family = schedule(parameters={"TaskDefinitionArn": "other:2"})
    assert not identify(stopped(overrides=UNDECLARED), [elsewhere, family]).certain


def test_a_run_by_hand_counts_as_a_run_of_the_job() -> None:
    by_hand = LiveTask("arn", CLUSTER, stopped().task_definition, "deploy-user", (ContainerOverride("web", COMMAND),))
    assert runs_job(by_hand, schedule())
    assert not runs_job(replace(by_hand, overrides=(ContainerOverride("web", ("bash",)),)), schedule())
    assert not runs_job(replace(by_hand, overrides=()), schedule())


def live(started_by: str, override: ContainerOverride) -> LiveTask:
    return LiveTask("arn", CLUSTER, stopped().task_definition, started_by, (override,))


SCHEDULED = "chronos-schedule/publish-scheduled"


@pytest.mark.parametrize(
    ("started_by", "command", "environment", "runs"),
    [
        (SCHEDULED, COMMAND, {"CRONMEND_JOB": JOB}, True),
        (SCHEDULED, COMMAND, {"CRONMEND_JOB": "g/nightly-report"}, True),
        (SCHEDULED, COMMAND, {"CRONMEND_JOB": "other/publish-scheduled"}, False),
        (SCHEDULED, ("before", "the", "change"), {"CRONMEND_JOB": JOB}, True),
        ("chronos-schedule/nightly-report", COMMAND, {"CRONMEND_JOB": JOB}, False),
        ("chronos-schedule/nightly-report", COMMAND, {}, False),
        ("a-person", COMMAND, {"CRONMEND_JOB": "g/nightly-report"}, True),
        ("a-person", COMMAND, {"CRONMEND_JOB": "g/nightly-report", "CUSTOMER": "b"}, False),
        ("a-person", ("bash",), {"CRONMEND_JOB": JOB}, True),
        ("cronmend/0123", COMMAND, {"CRONMEND_JOB": JOB, "CRONMEND_ATTEMPT": "2"}, True),
        ("cronmend/0123", COMMAND, {"CRONMEND_JOB": "g/nightly-report", "CRONMEND_ATTEMPT": "2"}, False),
        ("cronmend/0123", COMMAND, {"CRONMEND_JOB": "g/nightly-report"}, True),
        ("cronmend/0123", COMMAND, {}, True),
    ],
    ids=[
        *("its own", "its own with a copied name", "a twin's", "its own before the schedule changed"),
        *("another's with a copied name", "another's with the same command", "by hand with a copied name"),
        *("by hand for another customer", "by hand with another command", "a re-run", "another's re-run"),
        *("an unmarked re-run with a copied name", "an unmarked re-run"),
    ],
)
def test_a_copied_name_neither_hides_a_run_of_the_job_nor_makes_another_run_one(
    started_by: str, command: tuple[str, ...], environment: dict[str, str], runs: bool
) -> None:
    assert runs_job(live(started_by, ContainerOverride("web", command, environment)), schedule()) is runs


def test_a_name_that_the_schedule_itself_has_copied_hides_nothing() -> None:
    copy = declaring("other/publish-scheduled", job=JOB)
    assert runs_job(
        live(SCHEDULED, ContainerOverride("web", COMMAND, {"CRONMEND_JOB": "other/publish-scheduled"})), copy
    )


def test_a_copied_name_in_another_container_does_not_outweigh_cronmends_mark() -> None:
    mark = ContainerOverride("web", COMMAND, {"CRONMEND_JOB": "g/nightly-report", "CRONMEND_ATTEMPT": "2"})
    task = live("cronmend/0123", mark)
    task = replace(task, overrides=(ContainerOverride("proxy", (), {"CRONMEND_JOB": JOB}), mark))
    assert not runs_job(task, schedule())


@pytest.mark.parametrize("target_input", ["[]", "{", '{"containerOverrides": [1]}', '{"containerOverrides": {}}', ""])
def test_an_input_that_is_no_task_override_declares_nothing(target_input: str) -> None:
    task = live("a-person", ContainerOverride("web"))
    assert runs_job(task, schedule(target_input=target_input))


ATTRIBUTES = ("schedule-arn", "scheduled-time", "execution-id", "attempt-number")
"""https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html"""
VALUES = {
    "schedule-arn": "arn:aws:scheduler:eu-west-2:111122223333:schedule/g/publish-scheduled",
    "scheduled-time": "2026-05-06T11:00:00Z",
    "execution-id": "d32c5kddcf5bb8c3",
    "attempt-number": "1",
}


def with_command(*command: str, environment: Mapping[str, str] | None = None) -> LiveSchedule:
    pairs = [{"name": name, "value": value} for name, value in (environment or {}).items()]
    entry = {"name": "web", "command": command, "environment": pairs}
    return schedule(target_input=json.dumps({"containerOverrides": [entry]}))


def ran(*command: str, environment: Mapping[str, str] | None = None) -> StoppedTask:
    return stopped(overrides=(ContainerOverride("web", command, environment or {}),))


@pytest.mark.parametrize("attribute", ATTRIBUTES)
@pytest.mark.parametrize("around", ["{}", "--slot={}", "{}.json", "s3://b/{}/x.json"])
def test_a_context_attribute_in_a_command_stands_for_any_value(attribute: str, around: str) -> None:
    live = with_command("export", around.format(f"<aws.scheduler.{attribute}>"))
    for value in (VALUES[attribute], f"<aws.scheduler.{attribute}>"):
        assert identify(ran("export", around.format(value)), [live]).certain
    others = [ran("export"), ran("import", around.format("x")), ran("export", around.format("x"), "--force")]
    assert not any(identify(each, [live]).certain for each in others)
    assert around == "{}" or not identify(ran("export", "other"), [live]).certain


def test_all_context_attributes_in_one_word() -> None:
    word = "-".join(f"<aws.scheduler.{each}>" for each in ATTRIBUTES)
    run = ran("-".join(VALUES.values()))
    assert identify(run, [with_command(word)]).certain
    assert not identify(ran("2026"), [with_command(word)]).certain


def test_the_text_around_a_context_attribute_distinguishes_twins() -> None:
    slot = "<aws.scheduler.scheduled-time>"
    orders, stock = with_command(f"orders-{slot}"), with_command(f"stock-{slot}")
    other = replace(stock, job="other/publish-scheduled")
    assert identify(ran("orders-2026-05-06T11:00:00Z"), [orders, other]).job == orders.job


def test_a_context_attribute_in_the_environment_does_not_make_an_active_run_another_jobs() -> None:
    live = with_command("export", environment={"SLOT": "<aws.scheduler.scheduled-time>"})
    environment = {"SLOT": "2026-05-06T11:00:00Z", "CRONMEND_JOB": "g/copied"}
    run = ran("export", environment=environment)
    active = LiveTask(run.task_arn, run.cluster_arn, run.task_definition, "by-hand", run.overrides)
    assert runs_job(active, live)
    changed = ContainerOverride("web", ("export",), {**environment, "SHARD": "2"})
    assert not runs_job(replace(active, overrides=(changed,)), live)


@given(st.text(alphabet="ab<>.-", max_size=12), st.text(alphabet="ab<>.-", max_size=12), st.text(max_size=12))
def test_what_scheduler_would_make_of_an_input_fits_it(before: str, after: str, value: str) -> None:
    written = f"{before}<aws.scheduler.execution-id>{after}"
    assert fits(written, f"{before}{value}{after}")
