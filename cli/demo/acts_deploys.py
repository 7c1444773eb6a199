"""Acts in which a signal other than the revision shows a deploy, or the deploy is another team's."""

import shlex
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.demo.acts import ActResult
from cli.demo.acts_main import MainActs
from cli.demo.stage import PUBLISH, PURGE
from cronmend.deploys import Phase
from cronmend.model import Category, Signal, WindowState
from cronmend.model.incident import RunRecord
from cronmend.model.report import MessageKind
from local.aws import CLUSTER
from local.pipeline import FAMILY, SERVICE

MIGRATION = "until [ -e {go} ]; do sleep 0.1; done; python manage.py migrate --no-input"
"""It takes until the demo says so, however long the job's own run takes."""
SERVICE_ARN = f"arn:aws:ecs:eu-west-2:111122223333:service/{CLUSTER}/{SERVICE}"
CHANGED_MEANWHILE = ("ScheduleExpression", "StartDate", "LastModificationDate", "ResponseMetadata")
HELD = timedelta(minutes=10)
COLUMN_MISSING = "the database doesn't have the column that the code expects"


class DeployActs(MainActs):
    """They start and end with release 2 deployed and migrated."""

    _before_hold: dict[str, Any]

    def _other_team(self) -> ActResult:
        pipeline = self._stage.account.pipeline
        pipeline.create_service(pipeline.register_release(1, "api"), "api")
        pipeline.mark("started", family="api", release="api-7")
        self._narrator.happens("another team's pipeline has started to deploy its service api in the same cluster")
        self._remove_column(COLUMN_MISSING)
        self._deploy_is_recorded("api", Phase.STARTED)
        run = self._is(self._fires(PUBLISH), Category.SCHEMA_MISMATCH)
        with self._meanwhile(lambda: self._manage(2, "migrate", "--no-input")):
            message = self._is_sent(MessageKind.ALERT)
        self._fix("a person restores the column")
        return run, "alerts, no re-run", message

    def _rolled_back(self) -> ActResult:
        self._release(3)
        self._move_schedules(3)
        self._stage.account.fargate.rollouts.fail_next(SERVICE_ARN)
        self._stage.account.pipeline.update_service(self._revisions[3])
        self._narrator.happens(
            "release 3 doesn't start in the service; ECS's circuit breaker rolls it back to release 2"
        )
        self._editor_schedules_a_page(2)
        self._stage.until("the rollback is done", lambda: self._is_rolled_back() or None)
        run = self._fires(PUBLISH)
        self._decided(run, Signal.SERVICE_DEPLOYMENT, WindowState.STUCK)
        message = self._is_sent(MessageKind.HALF_DONE)
        self._nothing_was_run(PUBLISH)
        self._stage.account.pipeline.update_service(self._revisions[2])
        self._move_schedules(2)
        self._fix("a person deploys release 2 again")
        return run, "alerts: half done", message

    def _pipeline_marker(self) -> ActResult:
        """It leaves the deploy unfinished, for other acts."""
        self._before_hold = self._schedule()
        self._stage.account.pipeline.mark("started", family=FAMILY, release="2b")
        self._narrator.happens("the pipeline sends the marker started for release 2b")
        self._remove_column(COLUMN_MISSING)
        self._deploy_is_recorded(FAMILY, Phase.STARTED)
        self._stage.until("the schedule is held", lambda: self._schedule()["State"] == "DISABLED" or None)
        self._narrator.did(f"holds the schedule of {PURGE}, because the job has hold_in_deploys")
        run = self._fires(PUBLISH)
        self._decided(run, Signal.MARKER, WindowState.OPEN)
        self._manage(2, "migrate", "--no-input")
        self._stage.account.pipeline.mark("migrated", family=FAMILY, release="2b")
        self._narrator.happens("the pipeline sends the marker migrated")
        self._rerun(2)
        return run, "re-runs it", self._with_next_page(self._healed)

    def _migrated(self) -> ActResult:
        self._remove_column(COLUMN_MISSING)
        go = self._stage.account.state / "go"
        migration = MIGRATION.format(go=shlex.quote(str(go)))
        self._stage.account.pipeline.run_task(self._revisions[2], "sh", "-c", migration)
        self._deploy_is_recorded(FAMILY, Phase.STARTED, Signal.MIGRATION_TASK)
        self._narrator.happens("the migration runs as a task in ECS; the pipeline sends no marker")
        run = self._fires(PUBLISH)
        self._decided(run, Signal.MIGRATION_TASK, WindowState.OPEN)
        go.touch()
        self._deploy_is_recorded(FAMILY, Phase.FINISHED, Signal.MIGRATION_TASK)
        self._narrator.happens("the migration has ended with exit code 0")
        self._rerun(2)
        return run, "re-runs it", self._healed()

    def _schedule_released(self) -> ActResult:
        self._misses_slot()
        earlier = self._stage.job_state(PURGE).incident
        self._stage.account.pipeline.mark("finished", family=FAMILY, release="2b")
        self._narrator.happens("the pipeline sends the marker finished")
        self._stage.until("the schedule is enabled again", lambda: self._schedule()["State"] == "ENABLED" or None)
        then, now = (
            {name: value for name, value in each.items() if name not in CHANGED_MEANWHILE}
            for each in (self._before_hold, self._schedule())
        )
        self._expect(now == then, f"the schedule is as it was before: {then}, but it is {now}")
        self._stage.until(
            "Cronmend runs the job for the missed slot",
            lambda: self._stage.job_state(PURGE).incident != earlier or None,
        )
        run = self._rerun(2, PURGE)
        return run, "one run for the slot", self._healed(PURGE)

    def _misses_slot(self) -> None:
        """Give the held schedule a slot that is over: near a slot, Cronmend waits for the run that it may start."""
        group, name = PURGE.split("/")
        slot = datetime.now(UTC) - timedelta(minutes=2)
        start = slot - timedelta(minutes=2)
        self._stage.date_hold_back(PURGE, HELD)
        self._stage.account.pipeline.reschedule(group, name, f"cron({slot.minute} {slot.hour} * * ? *)", start)
        self._narrator.happens(
            f"{HELD.seconds // 60} minutes pass (the demo dates the hold back instead of waiting), and the schedule "
            "misses its slot"
        )

    def _decided(self, run: RunRecord, signal: Signal, state: WindowState) -> None:
        self._is(run, Category.DEPLOY_RACE)
        seen = (run.window.signal, run.window.state)
        self._expect(
            seen == (signal, state), f"{signal.value} shows that the deploy is {state.value}, but it is {seen}"
        )

    def _deploy_is_recorded(self, family: str, phase: Phase, signal: Signal = Signal.MARKER) -> None:
        def recorded() -> bool | None:
            notes = self._stage.deploy_notes()
            return any((each.family, each.phase, each.signal) == (family, phase, signal) for each in notes) or None

        self._stage.until(f"Cronmend has recorded that the deploy of {family} is {phase.value}", recorded)

    def _is_rolled_back(self) -> bool:
        history = self._stage.account.fargate.rollouts.history(SERVICE_ARN)
        return any(each["status"] == "ROLLBACK_SUCCESSFUL" for each in history)

    def _schedule(self) -> dict[str, Any]:
        group, name = PURGE.split("/")
        return dict(self._stage.account.clients.scheduler.get_schedule(GroupName=group, Name=name))
