"""Each slot without a run is found in time, and nothing else is; one incident a job, whatever is missed."""

from copy import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from cronmend.deploys.holds import new_hold
from cronmend.errors import Denied, Retryable
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Category, ContainerOverride, LiveTask, TaskDefinitionRef
from cronmend.model import Missing as Gone
from cronmend.model.incident import IncidentState
from cronmend.model.mutes import Mute
from cronmend.model.wakeups import RerunTimer
from tests.samples import CLUSTER, COMMAND, JOB, schedule, stopped
from tests.use_cases.reconciling.missing import CATCHES_UP, PERIOD, Missing, at, live


def test_a_slot_without_a_run_is_found_within_grace_and_ten_minutes() -> None:
    it = Missing()
    assert it.until(at("11:06")) == []
    assert it.until(at("11:15")) == [at("11:00")]
    incident = it.world.incident
    assert (incident.category, incident.state, incident.missed) == (Category.MISSED, IncidentState.ALERTED, 1)
    assert it.told == ["publish-scheduled didn't run at 11:00 UTC: no task was created, though the schedule is enabled"]


def test_nothing_is_asked_of_ecs_while_every_slot_has_a_run() -> None:
    it = Missing()
    it.until(at("10:55"))
    reads, writes = len(it.lists.reads), it.timetables.writes
    for hour in (11, 12, 13):
        it.runs(f"{hour}:00")
        it.until(at(f"{hour}:55"))
    assert (it.told, it.asked, len(it.lists.reads) - reads, it.timetables.writes - writes) == ([], 0, 0, 2)


def test_a_job_that_runs_every_five_minutes_costs_one_write_in_fifty_minutes() -> None:
    it = Missing()
    it.change(expression="cron(*/5 * * * ? *)")
    it.check()
    writes, stored = it.timetables.writes, [it.timetables.rows[JOB].checked_until]
    for slot in (at("10:35") + number * PERIOD for number in range(60)):
        it.runs(f"{slot:%H:%M}")
        it.until(slot + PERIOD)
        stored.append(it.timetables.rows[JOB].checked_until)
    assert (it.told, it.asked, it.timetables.writes - writes) == ([], 0, 5)
    times = sorted(set(stored))[1:]
    assert {later - earlier for earlier, later in pairwise(times)} == {timedelta(minutes=50)}


def test_one_incident_covers_all_slots_and_the_next_good_run_ends_it() -> None:
    it = Missing()
    assert it.until(at("14:30")) == [at("11:00"), at("12:00"), at("13:00"), at("14:00")]
    assert (len(it.told), it.world.incident.missed) == (1, 4)
    it.runs("15:00")
    assert it.world.incident.state is IncidentState.RECOVERED
    assert it.told[1:] == [
        "publish-scheduled recovered: it didn't run 4 times since 11:00 UTC, and a later run succeeded"
    ]
    assert it.until(at("15:30")) == []


def test_a_run_by_hand_ends_it_too() -> None:
    it = Missing()
    it.until(at("11:15"))
    it.runs("11:20", started_by="cronmend/1234")
    assert it.world.incident.state is IncidentState.RECOVERED


@pytest.mark.parametrize("only_stopped", [False, True])
def test_a_run_that_is_active_or_of_which_the_event_is_still_to_come_is_no_missed_one(*, only_stopped: bool) -> None:
    it = Missing(
        listed=[live(stopped("a1", created_at=at("11:00") + timedelta(seconds=40)))], only_stopped=only_stopped
    )
    assert it.until(at("11:30")) == []
    assert it.asked == 1


def test_a_run_of_an_earlier_slot_that_is_still_active_is_no_run_of_this_one() -> None:
    it = Missing(listed=[live(stopped("a1", created_at=at("10:00")))])
    assert it.until(at("11:15")) == [at("11:00")]


def test_a_task_of_another_job_is_no_run() -> None:
    others = LiveTask("task/b1", CLUSTER, TaskDefinitionRef("webapp", 2), "ecs-svc/1", (), at("11:00"))
    assert Missing(listed=[others]).until(at("11:15")) == [at("11:00")]


@pytest.mark.parametrize("error", [Retryable("ECS didn't answer"), Denied("denied", "ListTasks")])
def test_if_ecs_cant_be_asked_the_slot_is_reported_in_time_all_the_same(error: Retryable | Denied) -> None:
    it = Missing(away=error)
    assert it.until(at("11:10")) == []
    assert it.until(at("11:16")) == [at("11:00")]
    assert it.told == [
        "publish-scheduled didn't run at 11:00 UTC: no task is on record, and ECS couldn't be asked, "
        "though the schedule is enabled"
    ]


def test_ecs_is_asked_again_for_four_minutes() -> None:
    it = Missing(away=Retryable("ECS didn't answer"))
    it.until(at("11:02"))
    due = at("11:06") + timedelta(seconds=30)
    it.now = due + timedelta(minutes=4) - timedelta(seconds=1)
    assert it.check().missed == ()
    it.now += timedelta(seconds=1)
    assert it.check().missed == ((JOB, (at("11:00"),)),)


def test_the_first_slot_of_a_new_schedule_counts() -> None:
    it = Missing()
    it.until(at("10:55"))
    it.now = at("10:56")
    it.change("cronmend-jobs/new", expression="cron(58 * * * ? *)")
    assert it.until(at("11:10")) == [at("10:58")]


def test_slots_before_the_first_check_dont_count() -> None:
    it = Missing(now=at("11:02"))
    assert it.until(at("11:59")) == []


def test_slots_of_a_cluster_that_was_not_watched_dont_count() -> None:
    it = Missing(clusters=())
    it.until(at("12:30"))
    it.clusters = (CLUSTER,)
    it.timetables.rows.clear()
    assert it.until(at("12:58")) == []


def test_a_slot_before_the_schedule_changed_is_not_missed_and_one_after_it_is() -> None:
    it = Missing()
    it.until(at("11:02"))
    it.change(expression="cron(30 * * * ? *)")
    assert it.until(at("11:58")) == [at("11:30")]


def test_a_change_of_the_target_moves_no_slot() -> None:
    it = Missing()
    it.until(at("11:02"))
    it.change(parameters=schedule(3).parameters)
    assert it.until(at("11:20")) == [at("11:00")]


def test_a_disabled_schedule_misses_nothing() -> None:
    it = Missing()
    it.change(enabled=False)
    assert it.until(at("13:30")) == []
    it.change(enabled=True)
    assert it.until(at("14:15")) == [at("14:00")]


def test_a_slot_in_a_hold_is_left_to_the_release() -> None:
    it = Missing()
    it.until(at("10:55"))
    hold = new_hold(JOB, CLUSTER, "webapp", "", it.now, at("11:30"))
    it.world.holds.put(hold)
    it.change(enabled=False, description=hold.mark)
    it.until(at("11:25"))
    it.change(enabled=True, description="")
    assert it.until(at("11:55")) == []


def test_a_slot_in_a_planned_mute_is_not_missed() -> None:
    it = Missing()
    it.mutes.set(Mute("cronmend-jobs/*", at("12:30"), "ann", planned=True, since=at("10:59")))
    assert it.until(at("13:30")) == [at("13:00")]


def test_another_mute_only_mutes() -> None:
    it = Missing()
    it.mutes.set(Mute("cronmend-jobs/*", at("12:30"), "ann", since=at("10:59")))
    assert it.until(at("11:30")) == [at("11:00")]


def test_after_an_outage_the_whole_gap_is_looked_at_with_one_message() -> None:
    it = Missing()
    it.until(at("10:55"))
    it.now = at("16:30")
    it.runs("12:00")
    assert it.until(at("17:50")) == [at("11:00"), *(at(f"{hour}:00") for hour in (13, 14, 15, 16, 17))]
    assert len(it.told) == 1


@pytest.mark.parametrize(("lost", "found"), [(3, "11:48"), (4, "12:58")])
def test_three_lost_checks_in_a_row_are_no_outage_and_four_are(lost: int, found: str) -> None:
    it = Missing(policy=JobPolicy(grace=timedelta(minutes=40)))
    it.until(at("11:27"))
    it.now += lost * PERIOD + timedelta(seconds=1)
    assert at("11:00") not in it.until(at(found) - PERIOD)
    assert at("11:00") in it.until(at(found))


def test_after_an_outage_a_run_that_is_recorded_late_is_no_missed_one() -> None:
    """task_state was away, too: its queue delivers the events again."""
    it = Missing()
    it.until(at("10:55"))
    it.now = at("13:30")
    assert it.until(at("13:40")) == []
    for hour in (11, 12, 13):
        it.runs(f"{hour}:00")
    assert it.until(at("13:58")) == []


def test_a_slot_that_a_later_success_followed_is_told_without_an_alert() -> None:
    it = Missing()
    it.until(at("10:55"))
    it.now = at("12:40")
    it.runs("12:00")
    it.runs("13:00")
    assert it.until(at("13:55")) == [at("11:00")]
    assert it.told == ["publish-scheduled recovered: it didn't run at 11:00 UTC, and a later run succeeded"]


def test_a_failed_job_that_misses_its_next_slot_is_told_once_in_its_conversation() -> None:
    it = Missing()
    it.until(at("10:55"))
    it.world.logs.logs["web/web/run-11:00-20"] = ("ValueError: no such page",)
    it.runs("11:00", exit_code=1)
    assert it.until(at("14:15")) == [at("12:00"), at("13:00"), at("14:00")]
    statuses = [each.report.status for each in it.world.ledger.messages]
    assert statuses[1:] == ["also missed its scheduled time 12:00 UTC"]


def test_a_slot_without_a_run_is_no_failed_run() -> None:
    it = Missing()
    it.until(at("11:15"))
    assert it.world.incident.runs == 0
    it.world.logs.logs["web/web/run-12:00-20"] = ("ValueError: no such page",)
    it.runs("12:00", exit_code=1)
    assert (it.world.incident.runs, it.world.incident.missed) == (1, 1)


def test_a_job_that_catches_up_is_run_once_and_its_alert_waits() -> None:
    it = Missing(policy=CATCHES_UP)
    it.until(at("11:15"))
    assert it.told == []
    assert it.world.incident.held_until == at("11:07") + it.world.limits.alert_deadline
    (timer,) = it.woken
    assert isinstance(timer, RerunTimer)
    it.world.finish_deploy(at("10:00"))
    it.world.due.handle(timer, it.now)
    (request,) = it.world.tasks.started.values()
    assert it.until(at("11:50")) == []
    (attempt,) = it.world.attempts()
    it.world.stopped.handle(it.world.rerun_of(attempt, 0, it.now), it.now)
    assert it.world.incident.state is IncidentState.HEALED
    (told,) = it.told
    assert told.startswith("publish-scheduled healed: missed its scheduled time at 11:00, re-run succeeded at ")
    assert request["startedBy"] == f"cronmend/{attempt.key}"


def test_a_crash_after_the_incident_is_written_changes_nothing() -> None:
    it = Missing()
    it.until(at("11:05"))
    row = it.timetables.rows[JOB]
    assert it.until(at("11:15")) == [at("11:00")]
    it.timetables.rows[JOB] = row
    it.check()
    assert (len(it.told), it.world.incident.missed) == (1, 1)


def test_two_schedules_that_cant_be_told_apart_raise_no_alarm() -> None:
    """Their runs belong to none of them for certain."""
    it = Missing()
    twins = {
        "target_input": schedule().target_input.replace("CRONMEND_JOB", "OTHER"),
        "expression": "cron(0 * * * ? *)",
    }
    it.world.schedules.schedules.clear()
    for group in ("a", "b"):
        it.change(f"{group}/report", **twins)
    assert it.until(at("12:30")) == []
    assert all(row.unclear for row in it.timetables.rows.values())
    del it.world.schedules.schedules["b/report"]
    assert it.until(at("13:15")) == [at("13:00")]


def test_a_job_that_always_starts_late_has_more_grace() -> None:
    it = Missing(policy=replace(CATCHES_UP, grace=None))
    it.now = at("00:10")
    it.check()
    for hour in range(1, 11):
        it.runs(f"{hour:02}:00", seconds=9 * 60)
        it.until(at(f"{hour:02}:45"))
    assert it.until(at("11:14")) == []
    assert it.until(at("11:30")) == [at("11:00")]
    assert sum(each == at("11:00") for each in it.until(at("12:00"))) == 0


def test_one_call_checks_as_many_jobs_as_it_has_time_for() -> None:
    it = Missing()
    it.until(at("11:05"))
    it.time_up = True
    it.now += PERIOD
    assert it.check().left == 1
    it.time_up = False
    it.now += PERIOD
    assert it.check().missed == ((JOB, (at("11:00"),)),)


def test_a_job_that_fails_stops_no_other() -> None:
    it = Missing()
    it.change("cronmend-jobs/other", expression="cron(0 * * * ? *)")
    it.until(at("11:05"))
    read = it.world.ledger.read

    def refused(job: str) -> object:
        if job == JOB:
            raise Retryable("the ledger didn't answer")
        return read(job)

    it.world.ledger.read = refused  # type: ignore[method-assign, assignment] # for one job
    it.now = at("11:12")
    result = it.check()
    assert result.missed == (("cronmend-jobs/other", (at("11:00"),)),)
    assert result.failed == ((JOB, "Retryable: the ledger didn't answer"),)
    it.world.ledger.read = read  # type: ignore[method-assign]
    assert it.check().missed == ((JOB, (at("11:00"),)),)


def test_a_schedule_that_could_not_be_read_is_said_and_read_at_the_next_check() -> None:
    it = Missing()
    it.until(at("10:55"))
    it.change("cronmend-jobs/other", expression="cron(0 * * * ? *)")
    read = it.lists.read

    def refused(source: str) -> object:
        raise Denied("denied", "GetSchedule")

    it.lists.read = refused  # type: ignore[method-assign, assignment] # for two checks
    for _ in range(2):
        it.now += PERIOD
        ((source, why),) = it.check().failed
        assert (source, why) == ("cronmend-jobs/other", str(Denied("denied", "GetSchedule")))
    it.lists.read = read  # type: ignore[method-assign]
    it.now += PERIOD
    assert (it.check().failed, set(it.timetables.rows)) == ((), {JOB, "cronmend-jobs/other"})


def test_an_expression_that_cannot_be_read_is_said_at_every_check() -> None:
    it = Missing()
    it.change(expression="cron(0 0 ? * MON#2 once)")
    for _ in range(3):
        it.now += PERIOD
        ((job, why),) = it.check().failed
        assert job == JOB
        assert "can't read the expression cron(0 0 ? * MON#2 once)" in why
    it.change(enabled=False)
    assert it.check().failed == ()


def test_the_next_slot_s_run_is_no_run_of_this_one_though_it_may_start_that_late() -> None:
    """Within the flexible window and the grace, two slots compete for it; it is nearer to its own."""
    it = Missing()
    it.change(expression="rate(20 minutes)", created=at("00:00", 1), flexible=timedelta(minutes=15))
    it.until(at("10:58"))
    it.runs("10:40")
    it.runs("11:20")
    it.runs("11:40")
    assert it.until(at("11:40")) == [at("11:00")]
    assert it.until(at("11:58")) == []


def test_a_schedule_that_is_deleted_during_the_check_misses_nothing() -> None:
    it = Missing()
    it.until(at("11:05"))
    it.world.schedules.get = lambda job: Gone(f"there is no schedule {job}")  # type: ignore[method-assign] # from now on
    assert it.until(at("11:30")) == []
    assert it.told == []


def test_the_first_run_of_a_rate_is_stored_at_once_though_no_slot_is_in_question() -> None:
    """From then on its slots are known: without that, each check would look for the run again."""
    it, job = Missing(), "events-rule/hourly"
    it.world.schedules.schedules.clear()
    it.change(job, expression="rate(1 hour)", created=None)
    it.until(at("10:55"))
    named = ContainerOverride("web", COMMAND, {"CRONMEND_JOB": job})
    it.runs("10:55", started_by="events-rule/hourly", overrides=(named,))
    writes, it.now = it.timetables.writes, at("10:57")
    for _ in range(2):
        it.check()
        assert it.timetables.rows[job].seen == at("10:55") + timedelta(seconds=20)
        assert it.timetables.writes - writes == 1
        it.now += PERIOD


def test_a_timetable_of_an_earlier_form_is_read_again() -> None:
    it = Missing()
    it.check()
    known = it.timetables.rows[JOB]
    assert known.target
    it.timetables.rows[JOB] = replace(known, target=replace(known.target, form=known.target.form - 1))
    it.now += PERIOD
    it.check()
    assert it.timetables.rows[JOB].target == known.target
