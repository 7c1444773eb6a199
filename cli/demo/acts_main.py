"""The main cases: a deploy in progress, a real bug, a half-done deploy, a job that runs often, and repeated events."""

from datetime import datetime, timedelta

from cli.demo.acts import LAST_LINES, MARKERS, ActResult, Acts
from cli.demo.stage import CALENDAR, DEPLOY_LIMIT, PUBLISH, REPORT
from cronmend.model import Category, Signal, WindowState
from cronmend.model.incident import RunRecord
from cronmend.model.report import MessageKind

MINUTES = DEPLOY_LIMIT // timedelta(minutes=1)
FLEXIBLE = timedelta(minutes=15)
"""The window after a slot in which the schedule starts its run."""


class MainActs(Acts):
    """They start with release 1, and end with release 2 deployed and migrated."""

    _race: RunRecord
    _half: RunRecord

    def _healthy(self) -> ActResult:
        self._editor_schedules_a_page(1)
        run = self._is(self._fires(PUBLISH), Category.SUCCESS)
        self._nothing_is_sent()
        return run, "nothing", "none"

    def _fails_during_deploy(self) -> ActResult:
        self._editor_schedules_a_page(1)
        self._release(2)
        self._move_schedules(2)
        self._narrator.happens(
            "the pipeline registers release 2 and moves the schedules to it; the migration hasn't run yet"
        )
        run = self._race = self._is(self._fires(PUBLISH), Category.DEPLOY_RACE)
        seen = (run.window.signal, run.window.state)
        self._expect(
            seen == (Signal.REVISION, WindowState.OPEN), f"the revisions show an open deploy, but it is {seen}"
        )
        self._plans_rerun_and_holds_alert(run)
        self._nothing_is_sent()
        return run, "holds the alert, waits", "none"

    def _defers_to_slot(self) -> ActResult:
        """A slot's run may start at any time in the window, so the re-run that waited is canceled."""
        run = self._is(self._fires(CALENDAR, "one of the frequent slots of another job"), Category.DEPLOY_RACE)
        self._plans_rerun_and_holds_alert(run)
        group, name = CALENDAR.split("/")
        slot = slot_after(run.created_at or run.stopped_at)
        self._stage.account.pipeline.reschedule(group, name, "rate(30 minutes)", slot, FLEXIBLE)
        self._narrator.happens(
            f"its next slot comes; the schedule starts that run within {FLEXIBLE.seconds // 60} minutes"
        )
        self._stage.until_due(
            CALENDAR,
            "the job's re-run is canceled in favor of its slot",
            lambda: self._stage.incident(CALENDAR).planned is None or None,
        )
        self._expect(self._stage.incident(CALENDAR).held_until is not None, "its alert is held")
        self._nothing_was_run(CALENDAR)
        self._nothing_is_sent(CALENDAR)
        return run, "defers to the slot", "none"

    def _heals(self) -> ActResult:
        planned = self._stage.incident(PUBLISH).planned
        self._manage(2, "migrate", "--no-input")
        self._narrator.happens("the migration has run")
        self._stage.account.pipeline.update_service(self._revisions[2])
        self._narrator.happens("the service is updated to release 2; ECS reports SERVICE_DEPLOYMENT_COMPLETED")
        self._fix("the other job needs no re-run: its scheduled run starts", "the slot", CALENDAR)
        self._stage.move_slots_away()
        run = self._rerun(2)
        self._expect(
            run.task_definition == "webapp:2", f"the re-run uses the schedule's target, but it is {run.task_definition}"
        )
        self._expect(planned is not None and planned.attempt == run.attempt, "the re-run is the one that waited")
        return run, "re-runs it", self._with_next_page(self._healed)

    def _real_bug(self) -> ActResult:
        self._remove_column("someone has removed the column; the service has been running release 2 all the time")
        run = self._is(self._fires(PUBLISH), Category.SCHEMA_MISMATCH)
        self._expect(run.action == "alert", f"the plan is an alert, but it is {run.action}")
        with self._meanwhile(lambda: self._manage(2, "migrate", "--no-input")):
            message = self._is_sent(MessageKind.ALERT)
        self._nothing_was_run(PUBLISH)
        self._fix("a person restores the column")
        return run, "alerts, no re-run", message

    def _migration_fails(self) -> ActResult:
        self._editor_schedules_a_page(2)
        self._release(3)
        self._move_schedules(3, (PUBLISH,))
        failed = self._stage.account.site.manage(3, "migrate", "--no-input")
        self._expect(failed.code != 0, "the migration of release 3 fails")
        self._narrator.happens("the job's schedule runs release 3, but the migration of release 3 fails:")
        self._narrator.log(failed.output.strip().splitlines()[-1:])
        run = self._half = self._is(self._fires(PUBLISH), Category.DEPLOY_RACE)
        self._nothing_is_sent()
        self._narrator.did(f"rechecks the deploy until it ends, or is half done after {MINUTES} minutes")
        return run, "holds the alert, rechecks", "none"

    def _stays_unfinished(self) -> ActResult:
        self._stage.account.pipeline.date_back(self._revisions[3], DEPLOY_LIMIT + timedelta(minutes=1))
        self._narrator.happens(f"{MINUTES + 1} minutes pass (the demo dates the deploy back instead of waiting)")
        self._stage.until_due(
            PUBLISH, "no re-run is planned", lambda: self._stage.incident(PUBLISH).planned is None or None
        )
        message = self._is_sent(MessageKind.HALF_DONE)
        self._nothing_was_run(PUBLISH)
        self._move_schedules(2, (PUBLISH,))
        self._fix("a person points the schedule back to release 2")
        return self._half, "alerts, stops re-runs", message

    def _plain_bug(self) -> ActResult:
        run = self._is(self._fires(REPORT), Category.APPLICATION_ERROR)
        excerpt = self._stage.incident(REPORT).diagnosis.excerpt
        self._narrator.happens("the alert's excerpt shows the fatal error, not the end of the log:")
        fatal = next(number for number, line in enumerate(excerpt) if run.line.strip() in line)
        self._narrator.log([line for line in excerpt[: fatal + 1] if line.strip(MARKERS)][-LAST_LINES:])
        message = self._is_sent(MessageKind.ALERT, REPORT)
        self._expect(any("Error" in line for line in excerpt), "the excerpt shows the fatal error")
        self._expect(
            not any(line.strip().endswith("bye") for line in excerpt), "the excerpt leaves out the end of the log"
        )
        return run, "alerts, no re-run", message

    def _events_again(self) -> ActResult:
        before = self._snapshot()
        arn = f"arn:aws:ecs:eu-west-2:111122223333:task/app-prod/{self._race.task_id}"
        sent = self._stage.account.fargate.redeliver(arn, "STOPPED", "RUNNING", "STOPPED", "DEPROVISIONING")
        self._narrator.happens(
            f"{sent} events of the run that failed in act 2 arrive again: stopped, running, stopped …"
        )
        self._stage.until("the repeated events are handled", lambda: self._stage.is_handled() or None)
        self._expect(self._snapshot() == before, "repeated events change nothing")
        return self._race, "ignores repeats", "none"

    def _remove_column(self, what: str) -> None:
        self._editor_schedules_a_page(2)
        self._manage(2, "migrate", "home", "0001")
        self._narrator.happens(what)

    def _snapshot(self) -> tuple[object, ...]:
        """All that concerns the job, whose messages have all arrived. Other jobs' timers may still fire."""
        stage = self._stage
        every = (stage.runs(), stage.incidents(), stage.messages(), stage.arrived())
        return stage.job_state(PUBLISH), *([each for each in some if each.job == PUBLISH] for some in every)


def slot_after(run: datetime) -> datetime:
    """A slot, which has no fraction of a second, after a run was created, however short the run was."""
    return run.replace(microsecond=0) + timedelta(seconds=1)
