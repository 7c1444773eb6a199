"""A run outlives its schedule, and another schedule looks the same: its run is ambiguous, not that of the other one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cronmend.errors import Retryable
from cronmend.model import ContainerOverride, History, LiveTask, OnOverdue
from cronmend.model.incident import RunRecord
from cronmend.model.schedules import LookAlike
from cronmend.model.wakeups import RerunTimer
from tests.samples import CLUSTER, COMMAND, JOB, schedule, stopped
from tests.use_cases.reconciling.missing import PERIOD, Missing, at
from tests.use_cases.reconciling.test_overdue_runs import Site

TWIN = "other/publish-scheduled"
UNNAMED = schedule().target_input.replace("CRONMEND_JOB", "OTHER")
RUN = (ContainerOverride("web", COMMAND),)


def twins(*jobs: str) -> Missing:
    """Schedules whose runs look alike, after one check."""
    it = Missing()
    it.world.schedules.schedules.clear()
    for job in jobs:
        it.change(job, target_input=UNNAMED, expression="cron(0 * * * ? *)", created=at("00:00", 1))
    it.check()
    return it


def ends(it: Missing, task: str = "a1", created: str = "10:31", **changes: object) -> RunRecord:
    """A run that doesn't name its job has ended."""
    known = {"overrides": RUN, "created_at": at(created), "stopped_at": it.now, **changes}
    return it.world.stopped.handle(stopped(task, **known), it.now)  # type: ignore[arg-type] # by name


def delete(it: Missing, job: str = TWIN) -> None:
    del it.world.schedules.schedules[job]


def add_command(it: Missing) -> None:
    it.change(TWIN, target_input=UNNAMED.replace("publish_scheduled", "publish_all"))


def name_itself(it: Missing) -> None:
    it.change(TWIN, target_input=schedule().target_input.replace(JOB, TWIN))


def move_away(it: Missing) -> None:
    it.change(TWIN, cluster_arn=CLUSTER.replace("app-prod", "app-test"))


@pytest.mark.parametrize("checks", [0, 1, 3])
@pytest.mark.parametrize("go", [delete, add_command, move_away])
def test_a_run_that_may_be_of_a_schedule_that_is_gone_is_ambiguous(go: Callable[[Missing], None], checks: int) -> None:
    it = twins(JOB, TWIN)
    go(it)
    it.until(it.now + checks * PERIOD)
    record = it.world.fails(stopped(overrides=RUN, created_at=at("10:31")), at=it.now)
    assert record.job.startswith("ambiguous/")
    assert (record.action, it.world.timers.of(RerunTimer)) == ("alert", [])
    assert f"{JOB}, or of a schedule that has been deleted or changed since it started: {TWIN}" in record.reasons[0]
    assert it.world.ledger.read(JOB).incident is None


def test_one_that_names_itself_now_is_gone_as_well() -> None:
    it = twins(JOB, TWIN)
    name_itself(it)
    assert ends(it).job.startswith("ambiguous/")


def test_both_schedules_are_the_same_candidates_while_they_are_there_and_afterwards() -> None:
    it = twins(JOB, TWIN)
    before = ends(it)
    delete(it)
    assert ends(it, "a2").job == before.job


@pytest.mark.parametrize("checks", [0, 1])
def test_its_success_closes_nothing_and_answers_nothing(checks: int) -> None:
    it = twins(JOB)
    it.now = at("10:40")
    assert ends(it, "a1", "10:39").job == JOB
    it.change(TWIN, target_input=UNNAMED, expression="cron(0 * * * ? *)", created=it.now)
    it.until(at("10:45"))
    delete(it)
    it.until(it.now + checks * PERIOD)
    assert ends(it, "b1", "10:44", exit_code=0).job.startswith("ambiguous/")
    state = it.world.ledger.read(JOB)
    assert state.incident is not None
    assert (state.incident.is_open, state.history) == (True, History())


def test_a_run_that_was_created_after_it_was_found_gone_is_the_others() -> None:
    it = twins(JOB, TWIN)
    delete(it)
    it.until(at("10:37"))
    assert ends(it, "a1", "10:37").job.startswith("ambiguous/")
    it.until(at("11:10"))
    assert ends(it, "a2", "10:39").job == JOB
    assert it.world.ledger.read(JOB).look_alikes == (LookAlike(TWIN, at("10:38")),)


def test_a_run_that_names_its_job_needs_no_look_alikes() -> None:
    it = twins(JOB, TWIN)
    it.change(JOB, target_input=schedule().target_input)
    delete(it)
    named = (ContainerOverride("web", COMMAND, {"CRONMEND_JOB": JOB}),)
    assert ends(it, overrides=named).job == JOB
    assert ends(it, "a2").job.startswith("ambiguous/")


def test_a_schedule_whose_runs_name_it_is_no_look_alike() -> None:
    it = twins(JOB, TWIN)
    name_itself(it)
    it.until(at("10:42"))
    delete(it)
    assert ends(it, "a1", "10:41").job == JOB


@pytest.mark.parametrize("new", ["cronmend-jobs/publish-scheduled-pages-2", "new/publish-scheduled"])
def test_a_run_of_a_schedule_that_was_renamed_or_moved_isnt_counted_as_the_new_ones(new: str) -> None:
    it = twins(TWIN if new.startswith("new/") else "cronmend-jobs/publish-scheduled-pages-1")
    started_by = f"chronos-schedule/{new.split('/')[1][:19]}"
    it.world.schedules.schedules.clear()
    it.now = at("10:34")
    it.change(new, target_input=UNNAMED, expression="cron(0 * * * ? *)", created=it.now)
    it.until(it.now + PERIOD)
    record = ends(it, started_by=started_by)
    assert record.job.startswith("ambiguous/")
    assert it.world.ledger.read(new).incident is None
    it.now = at("11:20")
    assert ends(it, "a2", "11:19", started_by=started_by).job == new


def test_a_schedule_that_was_created_again_keeps_its_runs() -> None:
    it = twins(JOB)
    ends(it, "a0", "10:20", exit_code=0)
    it.change(JOB, created=it.now)
    assert ends(it).job == JOB


def test_while_a_look_alike_is_there_a_run_from_before_it_is_ambiguous() -> None:
    """It may have been created again under its own name."""
    it = twins(JOB)
    it.change(TWIN, target_input=UNNAMED, created=it.now)
    record = it.world.fails(stopped(overrides=RUN, created_at=at("10:31")), at=it.now)
    assert record.job.startswith("ambiguous/")
    assert TWIN in record.reasons[0]


def test_a_job_that_is_deleted_and_comes_back_has_no_look_alike_of_before() -> None:
    it = twins(JOB, TWIN)
    delete(it, JOB)
    it.until(at("10:42"))
    delete(it)
    it.until(at("10:52"))
    it.change(JOB, target_input=UNNAMED, expression="cron(0 * * * ? *)", created=at("00:00", 1))
    it.until(at("11:02"))
    it.now = at("11:05")
    assert ends(it, "a1", "11:04").job == JOB


def test_many_look_alikes_that_come_and_go_write_few_states() -> None:
    jobs = [f"cronmend-jobs/publish-scheduled-{number:02}" for number in range(20)]
    it = twins(*jobs)
    stored = {job: it.world.ledger.read(job) for job in jobs}
    assert {len(each.look_alikes) for each in stored.values()} == {5}
    delete(it, jobs[0])
    it.until(it.now + PERIOD)
    assert {job: it.world.ledger.read(job) for job in jobs[1:]} == {job: stored[job] for job in jobs[1:]}
    for job in jobs[2:]:
        delete(it, job)
    assert ends(it, started_by="chronos-schedule/publish-scheduled-0").job.startswith("ambiguous/")
    it.until(it.now + PERIOD)
    left = it.world.ledger.read(jobs[1]).look_alikes
    assert (len(left), {each.until for each in left}) == (5, {it.now + timedelta(minutes=1)})


def test_nothing_is_written_again_while_nothing_changes() -> None:
    it = twins(JOB, TWIN)
    version, writes = it.world.ledger.read(JOB).version, it.timetables.writes
    it.until(at("10:57"))
    assert (it.world.ledger.read(JOB).version, it.timetables.writes) == (version, writes)


@pytest.mark.parametrize("refused", [JOB, TWIN])
def test_a_state_that_cant_be_written_is_written_by_the_next_check(
    refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = twins(JOB, TWIN)
    delete(it)
    read = it.world.ledger.read

    def away(job: str) -> object:
        if job == refused:
            raise Retryable("the ledger didn't answer")
        return read(job)

    with monkeypatch.context() as patched:
        patched.setattr(it.world.ledger, "read", away)
        it.now += PERIOD
        assert it.check().failed == ((refused, "Retryable: the ledger didn't answer"),)
    it.until(it.now + PERIOD)
    assert [each.until is None for job in (JOB, TWIN) for each in read(job).look_alikes] == [False, False]
    assert set(it.timetables.rows) == {JOB}


def test_a_schedule_that_is_gone_is_remembered_until_the_one_in_its_place_is_read() -> None:
    it = twins(TWIN)
    it.change(JOB, target_input=UNNAMED, created=at("00:00", 1))
    delete(it)
    it.time_up = True
    it.now += PERIOD
    it.check()
    it.time_up = False
    it.until(it.now + PERIOD)
    assert [each.job for each in it.world.ledger.read(JOB).look_alikes] == [TWIN]
    assert set(it.timetables.rows) == {JOB}


def test_a_run_is_never_stopped_by_the_limit_of_a_look_alike() -> None:
    it, site = twins(JOB, TWIN), Site(on_overdue=OnOverdue.STOP)
    delete(it)
    site.world = it.world
    run = stopped("a1", overrides=RUN)
    task = LiveTask(
        run.task_arn, CLUSTER, run.task_definition, run.started_by, RUN, at("10:31"), at("10:31"), "RUNNING"
    )
    found = site.check(task, at=at("13:31"))
    assert found.overdue[0][0].startswith("ambiguous/")
    assert site.tasks.stopped == []
