"""The acts in which something else than a revision tells of a deploy, or the deploy is not the job's own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.demo.acts_main import MainActs
from cli.demo.stage import PUBLISH, PURGE
from cli.demo.story import Told
from cronmend.deploys import Phase
from cronmend.model import Category, Signal, WindowState
from cronmend.model.incident import RunRecord
from cronmend.model.report import MessageKind
from local.aws import CLUSTER
from local.pipeline import FAMILY, SERVICE

SLOW_MIGRATION = "sleep 6; python manage.py migrate --no-input"
SERVICE_ARN = f"arn:aws:ecs:eu-west-2:111122223333:service/{CLUSTER}/{SERVICE}"
CHANGES_ANYWAY = ("State", "LastModificationDate", "ResponseMetadata")
UNTIL_THE_SLOT = timedelta(seconds=20)
"""It is missed while its schedule stands still."""
LACKING = "the database does not have the column that the code expects"


class DeployActs(MainActs):
    """They begin and end with release 2 deployed and migrated."""

    _missed: datetime

    def _foreign(self) -> Told:
        pipeline = self._stage.account.pipeline
        pipeline.create_service(pipeline.register_release(1, "api"), "api")
        pipeline.mark("started", family="api", release="api-7")
        self._tell.happens("another team's pipeline has begun to deploy its service api in the same cluster")
        self._take_the_column_back(LACKING)
        self._heard("api", Phase.STARTED)
        run = self._is(self._strikes(PUBLISH), Category.SCHEMA_MISMATCH)
        with self._meanwhile(lambda: self._manage(2, "migrate", "--no-input")):
            told = self._is_told(MessageKind.ALERT)
        self._put_right("a person brings the column back")
        return run, "nothing: no run can help", told

    def _rolled_back(self) -> Told:
        self._release(3)
        self._move_schedules(3)
        self._stage.account.fargate.rollouts.fail_next(SERVICE_ARN)
        self._stage.account.pipeline.update_service(self._revisions[3])
        self._tell.happens("release 3 does not start in the service; ECS's circuit breaker rolls it back to release 2")
        self._editor_schedules_a_page(2)
        self._stage.until("the rollback is done", lambda: self._is_rolled_back() or None)
        run = self._strikes(PUBLISH)
        self._decided(run, Signal.SERVICE_DEPLOYMENT, WindowState.STUCK)
        told = self._is_told(MessageKind.HALF_DONE)
        self._nothing_was_run(PUBLISH)
        self._stage.account.pipeline.update_service(self._revisions[2])
        self._move_schedules(2)
        self._put_right("a person deploys release 2 once more")
        return run, "nothing: half done", told

    def _marked(self) -> Told:
        """It leaves the deploy unfinished: other acts play in it."""
        slot = datetime.now(UTC) + UNTIL_THE_SLOT
        self._missed = self._slot_of(PURGE, "rate(1 hour)", timedelta(hours=1), slot)
        self._stage.account.pipeline.mark("started", family=FAMILY, release="2b", minutes=5)
        self._tell.happens("the pipeline says that a deploy of release 2b has begun")
        self._take_the_column_back(LACKING)
        self._heard(FAMILY, Phase.STARTED)
        self._stage.until("the schedule is held", lambda: self._schedule()["State"] == "DISABLED" or None)
        self._expect(datetime.now(UTC) < self._missed, "the schedule is held before its slot")
        self._tell.did(f"lets {PURGE} stand still, as its owner wishes")
        run = self._strikes(PUBLISH)
        self._decided(run, Signal.MARKER, WindowState.OPEN)
        self._manage(2, "migrate", "--no-input")
        self._stage.account.pipeline.mark("migrated", family=FAMILY, release="2b")
        self._tell.happens("the pipeline says that it has migrated the database")
        self._rerun(2)
        return run, "runs it again", self._before_the_next_hour(self._healed)

    def _migrated(self) -> Told:
        self._take_the_column_back(LACKING)
        self._stage.account.pipeline.run_task(self._revisions[2], "sh", "-c", SLOW_MIGRATION)
        self._heard(FAMILY, Phase.STARTED, Signal.MIGRATION_TASK)
        self._tell.happens("the migration runs as a task in ECS; the pipeline says nothing of it")
        run = self._strikes(PUBLISH)
        self._decided(run, Signal.MIGRATION_TASK, WindowState.OPEN)
        self._heard(FAMILY, Phase.FINISHED, Signal.MIGRATION_TASK)
        self._tell.happens("it has ended with exit code 0")
        self._rerun(2)
        return run, "runs it again", self._healed()

    def _released(self, meanwhile: Callable[[], None] = lambda: None) -> Told:
        over = "the slot of the schedule that stands still is over"
        self._stage.until(over, lambda: datetime.now(UTC) > self._missed or None)
        before, earlier = self._schedule(), self._stage.job_state(PURGE).incident
        self._stage.account.pipeline.mark("finished", family=FAMILY, release="2b")
        self._tell.happens("the pipeline says that the deploy is finished; a schedule has missed its slot meanwhile")
        meanwhile()
        self._stage.until("the schedule goes on", lambda: self._schedule()["State"] == "ENABLED" or None)
        then, now = ({k: v for k, v in s.items() if k not in CHANGES_ANYWAY} for s in (before, self._schedule()))
        self._expect(now == then, "nothing of the schedule has changed but its state")
        self._stage.until(
            "what was missed is made up for", lambda: self._stage.job_state(PURGE).incident != earlier or None
        )
        run = self._rerun(2, PURGE)
        return run, "one run for the slot", self._healed(PURGE)

    def _decided(self, run: RunRecord, signal: Signal, state: WindowState) -> None:
        self._is(run, Category.DEPLOY_RACE)
        seen = (run.window.signal, run.window.state)
        self._expect(seen == (signal, state), f"{signal.value} decides: {state.value}, but it was {seen}")

    def _heard(self, family: str, phase: Phase, signal: Signal = Signal.MARKER) -> None:
        def heard() -> bool | None:
            notes = self._stage.deploy_notes()
            return any((each.family, each.phase, each.signal) == (family, phase, signal) for each in notes) or None

        self._stage.until(f"Cronmend has heard that the deploy of {family} is {phase.value}", heard)

    def _is_rolled_back(self) -> bool:
        history = self._stage.account.fargate.rollouts.history(SERVICE_ARN)
        return any(each["status"] == "ROLLBACK_SUCCESSFUL" for each in history)

    def _schedule(self) -> dict[str, Any]:
        group, name = PURGE.split("/")
        return dict(self._stage.account.clients.scheduler.get_schedule(GroupName=group, Name=name))
