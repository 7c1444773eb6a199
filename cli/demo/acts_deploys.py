"""The acts in which something else than a revision tells of a deploy, or the deploy is not the job's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cli.demo.acts_healing import HealingStory
from cli.demo.stage import PUBLISH, PURGE
from cli.demo.story import Act
from cronmend.deploys import Phase
from cronmend.model import Category, Signal, WindowState
from cronmend.records import IncidentState, MessageKind, RunRecord
from local.aws import CLUSTER
from local.pipeline import FAMILY, SERVICE

SLOW_MIGRATION = "sleep 6; python manage.py migrate --no-input"
SERVICE_ARN = f"arn:aws:ecs:eu-west-2:111122223333:service/{CLUSTER}/{SERVICE}"
CHANGES_ANYWAY = ("State", "LastModificationDate", "ResponseMetadata")


class DeployStory(HealingStory):
    """They begin and end with release 2 deployed and migrated."""

    def acts(self) -> tuple[Act, ...]:
        return (
            *super().acts(),
            ("Another team deploys", self._foreign),
            ("A rollback", self._rolled_back),
            ("The pipeline says so", self._marked),
            ("A migration in ECS", self._migrated),
            ("A schedule stood still", self._released),
        )

    def _foreign(self) -> tuple[RunRecord, str, str]:
        pipeline = self._stage.account.pipeline
        pipeline.create_service(pipeline.register_release(1, "api"), "api")
        pipeline.mark("started", family="api", release="api-7")
        self._heard("api", Phase.STARTED)
        self._tell.happens("another team's pipeline has begun to deploy its service api in the same cluster")
        self._take_the_column_back()
        run = self._hour_strikes(PUBLISH)
        self._expect(run.category is Category.SCHEMA_MISMATCH, f"no race, but it is {run.category.value}")
        told = self._is_told(MessageKind.ALERT)
        self._put_right(2, "a person brings the column back, and the next hour succeeds")
        return run, "nothing: no run can help", told

    def _rolled_back(self) -> tuple[RunRecord, str, str]:
        self._editor_schedules_a_page(2)
        self._release(3)
        self._move_schedules(3)
        self._stage.account.fargate.rollouts.fail_next(SERVICE_ARN)
        self._stage.account.pipeline.update_service(self._revisions[3])
        self._tell.happens("release 3 does not start in the service; ECS's circuit breaker rolls it back to release 2")
        self._stage.until("the rollback is done", lambda: self._is_rolled_back() or None)
        run = self._hour_strikes(PUBLISH)
        self._decided(run, Signal.SERVICE_DEPLOYMENT, WindowState.STUCK)
        told = self._is_told(MessageKind.HALF_DONE)
        self._expect(self._stage.incident(PUBLISH).reruns == 0, "nothing was run")
        self._stage.account.pipeline.update_service(self._revisions[2])
        self._move_schedules(2)
        self._put_right(2, "a person deploys release 2 once more, and the next hour succeeds")
        return run, "nothing: half done", told

    def _marked(self) -> tuple[RunRecord, str, str]:
        """It leaves the deploy unfinished: the next two acts play in it."""
        soon = datetime.now(UTC) + timedelta(minutes=1)
        group, name = PURGE.split("/")
        self._stage.account.pipeline.reschedule(group, name, f"cron({soon.minute} {soon.hour} * * ? *)")
        self._stage.account.pipeline.mark("started", family=FAMILY, release="2b", minutes=5)
        self._heard(FAMILY, Phase.STARTED)
        self._tell.happens("the pipeline says that a deploy of release 2b has begun")
        self._stage.until("the schedule is held", lambda: self._schedule()["State"] == "DISABLED" or None)
        self._tell.did(f"lets {PURGE} stand still, as its owner wishes")
        self._take_the_column_back()
        run = self._hour_strikes(PUBLISH)
        self._decided(run, Signal.MARKER, WindowState.OPEN)
        self._manage(2, "migrate", "--no-input")
        self._stage.account.pipeline.mark("migrated", family=FAMILY, release="2b")
        self._tell.happens("the pipeline says that it has migrated the database")
        self._heals()
        return run, "runs it again", self._is_told(MessageKind.HEALED)

    def _migrated(self) -> tuple[RunRecord, str, str]:
        self._take_the_column_back()
        self._stage.account.pipeline.run_task(self._revisions[2], "sh", "-c", SLOW_MIGRATION)
        self._heard(FAMILY, Phase.STARTED, Signal.MIGRATION_TASK)
        self._tell.happens("the migration runs as a task in ECS; the pipeline says nothing of it")
        run = self._hour_strikes(PUBLISH)
        self._decided(run, Signal.MIGRATION_TASK, WindowState.OPEN)
        self._heard(FAMILY, Phase.FINISHED, Signal.MIGRATION_TASK)
        self._tell.happens("it has ended with exit code 0")
        self._heals()
        return run, "runs it again", self._is_told(MessageKind.HEALED)

    def _released(self) -> tuple[RunRecord, str, str]:
        slot = int(self._schedule()["ScheduleExpression"].removeprefix("cron(").split()[0])
        over = "the slot of the schedule that stands still is over"
        self._stage.until(over, lambda: (datetime.now(UTC).minute - slot) % 60 < 30 or None, 90)
        before = self._schedule()
        self._stage.account.pipeline.mark("finished", family=FAMILY, release="2b")
        self._tell.happens("the pipeline says that the deploy is finished; a schedule has missed its slot meanwhile")
        self._stage.until("the schedule goes on", lambda: self._schedule()["State"] == "ENABLED" or None)
        then, now = ({k: v for k, v in s.items() if k not in CHANGES_ANYWAY} for s in (before, self._schedule()))
        self._expect(now == then, "nothing of the schedule has changed but its state")
        self._stage.until("what was missed is made up for", lambda: self._stage.book(PURGE).incident)
        run = self._rerun(2, PURGE)
        self._expect(run.category is Category.SUCCESS, f"the run succeeds, but it is {run.category.value}")
        self._ends(IncidentState.HEALED, PURGE)
        return run, "one run for the slot", self._is_told(MessageKind.HEALED, PURGE)

    def _take_the_column_back(self) -> None:
        self._editor_schedules_a_page(2)
        self._manage(2, "migrate", "home", "0001")
        self._tell.happens("the database does not have the column that the code expects")

    def _heals(self) -> None:
        run = self._rerun(2)
        self._expect(run.category is Category.SUCCESS, f"the re-run succeeds, but it is {run.category.value}")
        self._ends(IncidentState.HEALED)

    def _decided(self, run: RunRecord, signal: Signal, state: WindowState) -> None:
        self._expect(run.category is Category.DEPLOY_RACE, f"a deploy race, but it is {run.category.value}")
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
