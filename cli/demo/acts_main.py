"""The main job: a deploy half way, a real bug and a deploy that nobody finishes, told apart; and what stands beside."""

import time
from datetime import UTC, datetime, timedelta

from cli.demo.stage import CALENDAR, DEPLOY_LIMIT, PUBLISH, REPORT
from cli.demo.story import LAST_LINES, MARKERS, Story, Told
from cronmend.model import Category, Signal, WindowState
from cronmend.model.incident import RunRecord
from cronmend.model.report import MessageKind

FLEXIBLE = timedelta(minutes=15)
"""Of a schedule: its run begins at any moment from the slot on."""


class MainActs(Story):
    """They begin with release 1, and end with release 2 deployed and migrated."""

    _race: RunRecord
    _half: RunRecord

    def _healthy(self) -> Told:
        self._editor_schedules_a_page(1)
        run = self._is(self._strikes(PUBLISH), Category.SUCCESS)
        self._nobody_is_told()
        return run, "nothing", "nobody"

    def _runs_into_a_deploy(self) -> Told:
        self._editor_schedules_a_page(1)
        self._release(2)
        self._move_schedules(2)
        self._tell.happens(
            "the pipeline registers release 2 and moves the schedules to it; the migration has not run yet"
        )
        run = self._race = self._is(self._strikes(PUBLISH), Category.DEPLOY_RACE)
        seen = (run.window.signal, run.window.state)
        self._expect(seen == (Signal.REVISION, WindowState.OPEN), f"the revisions decide: open; but it was {seen}")
        incident = self._stage.incident(PUBLISH)
        self._expect(incident.held_until is not None and incident.planned is not None, "alert held, re-run planned")
        self._nobody_is_told()
        return run, "holds the alert, waits", "nobody"

    def _leaves_it_to_the_slot(self) -> Told:
        """A slot comes while the re-run waits: its run may begin at any moment of its window, so no other does."""
        run = self._is(self._strikes(CALENDAR, "another job comes often; one of its slots"), Category.DEPLOY_RACE)
        self._expect(self._stage.incident(CALENDAR).planned is not None, "a re-run is planned")
        self._slot_of(CALENDAR, "rate(5 minutes)", timedelta(minutes=5), datetime.now(UTC), FLEXIBLE)
        self._tell.happens(f"its next slot comes; that run may begin within {FLEXIBLE.seconds // 60} minutes")
        self._stage.until(
            "the job's re-run gives way to its slot", lambda: self._stage.incident(CALENDAR).planned is None or None
        )
        self._expect(self._stage.incident(CALENDAR).held_until is not None, "its alert is held")
        self._nothing_was_run(CALENDAR)
        self._nobody_is_told()
        return run, "leaves it to the slot", "nobody"

    def _heals(self) -> Told:
        planned = self._stage.incident(PUBLISH).planned
        self._manage(2, "migrate", "--no-input")
        self._tell.happens("the migration has run")
        self._stage.account.pipeline.update_service(self._revisions[2])
        self._tell.happens("the service is updated to release 2; ECS says: SERVICE_DEPLOYMENT_COMPLETED")
        self._put_right("the other job needs no re-run: the run of its slot begins", "the slot", CALENDAR)
        run = self._rerun(2)
        self._expect(run.task_definition == "webapp:2", f"it runs the schedule's target, not {run.task_definition}")
        self._expect(planned is not None and planned.attempt == run.attempt, "the re-run is the one that waited")
        return run, "runs it again", self._before_the_next_hour(self._healed)

    def _real_bug(self) -> Told:
        self._take_the_column_back("somebody has taken the column back; the service has run release 2 all along")
        run = self._is(self._strikes(PUBLISH), Category.SCHEMA_MISMATCH)
        self._expect(run.action == "alert", f"an alert at once, but the plan is {run.action}")
        with self._meanwhile(lambda: self._manage(2, "migrate", "--no-input")):
            told = self._is_told(MessageKind.ALERT)
        self._nothing_was_run(PUBLISH)
        self._put_right("a person brings the column back")
        return run, "nothing: no run can help", told

    def _half_done(self) -> Told:
        self._editor_schedules_a_page(2)
        self._release(3)
        self._move_schedules(3, (PUBLISH,))
        failed = self._stage.account.site.manage(3, "migrate", "--no-input")
        self._expect(failed.code != 0, "the migration of release 3 fails")
        self._tell.happens("release 3 is in the job's schedule, but its migration fails:")
        self._tell.log(failed.output.strip().splitlines()[-1:])
        run = self._half = self._is(self._strikes(PUBLISH), Category.DEPLOY_RACE)
        self._nobody_is_told()
        self._tell.did(
            f"looks again and again; after {DEPLOY_LIMIT} seconds a deploy is taken for half done. Meanwhile:"
        )
        return run, "holds the alert, looks", "nobody"

    def _nobody_finishes_it(self) -> Told:
        self._tell.happens(f"the deploy of release 3 is older than {DEPLOY_LIMIT} seconds")
        told = self._is_told(MessageKind.HALF_DONE, seconds=DEPLOY_LIMIT + 60)
        self._expect(self._stage.incident(PUBLISH).planned is None, "healing has stopped")
        self._nothing_was_run(PUBLISH)
        self._move_schedules(2, (PUBLISH,))
        self._put_right("a person takes the schedule back to release 2")
        return self._half, "stops healing", told

    def _plain_bug(self) -> Told:
        run = self._is(self._strikes(REPORT), Category.APPLICATION_ERROR)
        excerpt = self._stage.incident(REPORT).diagnosis.excerpt
        self._tell.happens("the alert's excerpt is cut around the fatal error, not at the log's end:")
        fatal = next(number for number, line in enumerate(excerpt) if run.line.strip() in line)
        self._tell.log([line for line in excerpt[: fatal + 1] if line.strip(MARKERS)][-LAST_LINES:])
        told = self._is_told(MessageKind.ALERT, REPORT)
        self._expect(any("Error" in line for line in excerpt), "the excerpt shows the fatal error")
        self._expect(not any(line.strip().endswith("bye") for line in excerpt), "and not the log's tail")
        return run, "nothing: no run can help", told

    def _twice(self) -> Told:
        before = self._picture()
        arn = f"arn:aws:ecs:eu-west-2:111122223333:task/app-prod/{self._race.task_id}"
        sent = self._stage.account.fargate.redeliver(arn, "STOPPED", "RUNNING", "STOPPED", "DEPROVISIONING")
        self._tell.happens(f"{sent} events of the run that died in act 2 arrive once more: stopped, running, stopped …")
        self._expect(self._stage.account.bus.idle(30), "the bus has delivered them")
        # A moment for anything that should not happen.
        time.sleep(2)
        self._expect(self._picture() == before, "nothing happens twice")
        return self._race, "nothing twice", "nobody"

    def _take_the_column_back(self, what: str) -> None:
        self._editor_schedules_a_page(2)
        self._manage(2, "migrate", "home", "0001")
        self._tell.happens(what)

    def _picture(self) -> tuple[object, ...]:
        stage = self._stage
        job_states = [stage.job_state(job) for job in (PUBLISH, REPORT)]
        return stage.runs(), stage.incidents(), stage.messages(), stage.arrived(), job_states
