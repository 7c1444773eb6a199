"""The acts. Each does something to the account, sees what Cronmend makes of it, and says what should have followed."""

import time
from collections.abc import Callable

from cli.demo.narrator import Line, Narrator
from cli.demo.stage import DEPLOY_LIMIT, PUBLISH, PURGE, REPORT, Arrived, Stage, StoryWentOtherwise
from cronmend.model import Category, Signal, WindowState
from cronmend.records import IncidentState, MessageKind, RunRecord

type Act = tuple[str, Callable[[], tuple[RunRecord, str, str]]]
LAST_LINES = 3
MARKERS = " ~^\t"
"""What Python underlines with; a line of nothing else is left out."""
PULL_TRIES = 2
"""As often as the local Fargate asks the registry."""


class Story:
    """Eight acts on one stage; what one leaves behind is where the next begins."""

    def __init__(self, stage: Stage, narrator: Narrator) -> None:
        self._stage = stage
        self._tell = narrator
        self._revisions: dict[int, str] = {}
        self._last_race = ""

    def play(self) -> None:
        """Raises StoryWentOtherwise at the first thing that does not follow as it should."""
        self._open_the_site()
        for number, (title, act) in enumerate(self.acts(), 1):
            began = time.monotonic()
            self._tell.act(number, title)
            run, did, told = act()
            signal = run.window.signal.value if run.category is not Category.SUCCESS else "none"
            decided = f"{run.rule}\n{signal}" if signal != Signal.NONE.value else run.rule
            seconds = time.monotonic() - began
            self._tell.lines.append(Line(number, title, run.category.value, decided, did, told, seconds))

    def acts(self) -> tuple[Act, ...]:
        return (
            ("A healthy hour", self._healthy),
            ("A deploy, half way", self._race),
            ("The deploy is finished", self._heal),
            ("A week later, no deploy", self._real_bug),
            ("A migration that fails", self._half_done),
            ("A plain bug", self._plain_bug),
            ("A task that never starts", self._never_started),
            ("The same events again", self._twice),
        )

    def _open_the_site(self) -> None:
        with self._tell.step("release 1 of the site is deployed and its database migrated"):
            self._manage(1, "migrate", "--no-input")
            self._release(1)
            self._stage.account.pipeline.create_service(self._revisions[1])
            self._move_schedules(1)

    def _healthy(self) -> tuple[RunRecord, str, str]:
        self._editor_schedules_a_page(1)
        run = self._hour_strikes(PUBLISH)
        self._expect(run.category is Category.SUCCESS, f"the run succeeds, but it is {run.category.value}")
        self._nobody_is_told()
        return run, "nothing", "nobody"

    def _race(self) -> tuple[RunRecord, str, str]:
        self._editor_schedules_a_page(1)
        self._release(2)
        self._move_schedules(2)
        self._tell.happens(
            "the pipeline registers release 2 and moves the schedules to it; the migration has not run yet"
        )
        run = self._hour_strikes(PUBLISH)
        self._last_race = run.task_id
        self._expect(run.category is Category.DEPLOY_RACE, f"a deploy race, but it is {run.category.value}")
        self._expect(
            run.window.signal is Signal.REVISION, f"the revisions decide, but it was {run.window.signal.value}"
        )
        self._expect(run.window.state is WindowState.OPEN, f"the window is open, but it is {run.window.state.value}")
        incident = self._stage.incident(PUBLISH)
        self._expect(incident.held_until is not None and incident.planned is not None, "alert held, re-run planned")
        self._nobody_is_told()
        return run, "holds the alert, waits", "nobody"

    def _heal(self) -> tuple[RunRecord, str, str]:
        planned = self._stage.incident(PUBLISH).planned
        self._manage(2, "migrate", "--no-input")
        self._tell.happens("the migration has run")
        self._stage.account.pipeline.update_service(self._revisions[2])
        self._tell.happens("the service is updated to release 2; ECS says: SERVICE_DEPLOYMENT_COMPLETED")
        run = self._rerun(2)
        self._expect(run.category is Category.SUCCESS, f"the re-run succeeds, but it is {run.category.value}")
        self._expect(run.task_definition == "webapp:2", f"it runs the schedule's target, not {run.task_definition}")
        self._expect(planned is not None and planned.attempt == run.attempt, "the re-run is the one that waited")
        self._ends(IncidentState.HEALED)
        told = self._is_told(MessageKind.HEALED)
        return run, "runs it again", told

    def _real_bug(self) -> tuple[RunRecord, str, str]:
        self._editor_schedules_a_page(2)
        self._manage(2, "migrate", "home", "0001")
        self._tell.happens("somebody has taken the column back; the service has run release 2 all along")
        run = self._hour_strikes(PUBLISH)
        self._expect(run.category is Category.SCHEMA_MISMATCH, f"a schema mismatch, but it is {run.category.value}")
        self._expect(run.action == "alert", f"an alert at once, but the plan is {run.action}")
        told = self._is_told(MessageKind.ALERT)
        self._expect(self._stage.incident(PUBLISH).reruns == 0, "no re-run")
        self._put_right(2, "a person brings the column back, and the next hour succeeds")
        return run, "nothing: no run can help", told

    def _half_done(self) -> tuple[RunRecord, str, str]:
        self._editor_schedules_a_page(2)
        self._release(3)
        self._move_schedules(3)
        failed = self._stage.account.site.manage(3, "migrate", "--no-input")
        self._expect(failed.code != 0, "the migration of release 3 fails")
        self._tell.happens("release 3 is in the schedules, but its migration fails:")
        self._tell.log(failed.output.strip().splitlines()[-1:])
        run = self._hour_strikes(PUBLISH)
        self._expect(run.category is Category.DEPLOY_RACE, f"a deploy race, but it is {run.category.value}")
        self._nobody_is_told()
        self._tell.did(f"looks again and again; after {DEPLOY_LIMIT} seconds a deploy is taken for half done")
        told = self._is_told(MessageKind.HALF_DONE, seconds=DEPLOY_LIMIT + 60)
        incident = self._stage.incident(PUBLISH)
        self._expect(incident.planned is None and incident.reruns == 0, "healing has stopped and nothing was run")
        self._move_schedules(2)
        self._put_right(2, "a person takes the schedules back to release 2, and the next hour succeeds")
        return run, "looks, then stops healing", told

    def _plain_bug(self) -> tuple[RunRecord, str, str]:
        run = self._hour_strikes(REPORT)
        self._expect(run.category is Category.APPLICATION_ERROR, f"a bug, but it is {run.category.value}")
        excerpt = self._stage.incident(REPORT).excerpt
        self._tell.happens("the alert's excerpt is cut around the fatal error, not at the log's end:")
        fatal = next(number for number, line in enumerate(excerpt) if run.line.strip() in line)
        self._tell.log([line for line in excerpt[: fatal + 1] if line.strip(MARKERS)][-LAST_LINES:])
        told = self._is_told(MessageKind.ALERT, REPORT)
        self._expect(any("Error" in line for line in excerpt), "the excerpt shows the fatal error")
        self._expect(not any(line.strip().endswith("bye") for line in excerpt), "and not the log's tail")
        return run, "nothing: no run can help", told

    def _never_started(self) -> tuple[RunRecord, str, str]:
        self._editor_schedules_a_page(2)
        self._stage.account.registry.hang(requests=PULL_TRIES)
        self._tell.happens("the image registry does not answer")
        first = self._hour_strikes(PUBLISH)
        self._expect(first.category is Category.INFRASTRUCTURE, f"infrastructure, but it is {first.category.value}")
        self._nobody_is_told()
        run = self._rerun(2)
        self._expect(run.category is Category.SUCCESS, f"the re-run succeeds, but it is {run.category.value}")
        self._ends(IncidentState.HEALED)
        return first, "runs it again", self._is_told(MessageKind.HEALED)

    def _twice(self) -> tuple[RunRecord, str, str]:
        race = next(run for run in self._stage.runs() if run.task_id == self._last_race)
        before = self._picture()
        arn = f"arn:aws:ecs:eu-west-2:111122223333:task/app-prod/{race.task_id}"
        sent = self._stage.account.fargate.redeliver(arn, "STOPPED", "RUNNING", "STOPPED", "DEPROVISIONING")
        self._tell.happens(f"{sent} events of the run that died in act 2 arrive once more: stopped, running, stopped …")
        self._expect(self._stage.account.bus.idle(30), "the bus has delivered them")
        self._settles()
        self._expect(self._picture() == before, "nothing happens twice")
        return race, "nothing twice", "nobody"

    def _hour_strikes(self, job: str) -> RunRecord:
        arn = self._stage.strike(job)
        self._tell.happens(f"the hour strikes: {job} starts as task {arn.rsplit('/', 1)[-1][:8]}")
        run = self._stage.record(arn)
        if run.category is not Category.SUCCESS:
            self._tell.log([line for line in self._stage.account.task_log(arn) if line.strip(MARKERS)][-LAST_LINES:])
        self._tell.concluded(run)
        return run

    def _rerun(self, attempt: int, job: str = PUBLISH) -> RunRecord:
        run = self._stage.rerun(job, attempt)
        self._tell.did(f"run {attempt} of the incident, {run.task_definition}, ended: {run.category.value}")
        return run

    def _put_right(self, release: int, what: str) -> None:
        self._manage(release, "migrate", "--no-input")
        self._tell.happens(what)
        run = self._hour_strikes(PUBLISH)
        self._expect(run.category is Category.SUCCESS, f"the next hour succeeds, but it is {run.category.value}")
        self._ends(IncidentState.RECOVERED)
        self._is_told(MessageKind.RECOVERED)

    def _ends(self, state: IncidentState, job: str = PUBLISH) -> None:
        seen = self._stage.incident(job).state
        self._expect(seen is state, f"the incident is {state.value}, but it is {seen.value}")

    def _is_told(self, kind: MessageKind, job: str = PUBLISH, seconds: float = 60) -> str:
        messages = self._stage.message(self._stage.incident(job), kind, seconds)
        told = _latest(messages)
        self._tell.told([f"{each.channel}: {each.text}" for each in told])
        self._expect({each.channel for each in told} == {"slack", "sns"}, "both channels have it")
        return kind.value

    def _nobody_is_told(self) -> None:
        before = len(self._stage.messages())
        self._settles()
        self._expect(len(self._stage.messages()) == before == len(self._told_so_far()), "nobody is told")
        self._tell.told(())

    def _told_so_far(self) -> list[Arrived]:
        return [each for each in self._stage.arrived() if each.channel == "slack"]

    def _settles(self) -> None:
        """A moment for anything that should not happen."""
        time.sleep(2)

    def _picture(self) -> tuple[object, ...]:
        stage = self._stage
        return (
            stage.runs(),
            stage.incidents(),
            stage.messages(),
            stage.arrived(),
            stage.book(PUBLISH),
            stage.book(REPORT),
        )

    def _editor_schedules_a_page(self, release: int) -> None:
        self._manage(release, "seed")
        self._tell.happens("an editor has scheduled a page for this hour")

    def _release(self, release: int) -> None:
        self._revisions[release] = self._stage.account.pipeline.register_release(release)

    def _move_schedules(self, release: int) -> None:
        for job in (PUBLISH, REPORT, PURGE):
            group, name = job.split("/")
            self._stage.account.pipeline.move_schedule(group, name, self._revisions[release])

    def _manage(self, release: int, *command: str) -> None:
        done = self._stage.account.site.manage(release, *command)
        if done.code:
            raise StoryWentOtherwise(f"manage.py {' '.join(command)} of release {release} failed:\n{done.output}")

    def _expect(self, holds: bool, what: str) -> None:
        if not holds:
            raise StoryWentOtherwise(f"expected: {what}")


def _latest(messages: list[Arrived]) -> list[Arrived]:
    """The newest of each channel."""
    return list({each.channel: each for each in messages}.values())
