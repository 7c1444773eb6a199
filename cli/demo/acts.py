"""The steps that acts consist of: change something in the account, and check what Cronmend does.

The first check that fails ends the demo, so the narration reports only what was observed.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from cli.demo import rates
from cli.demo.mailbox import Arrived
from cli.demo.narrator import Narrator, SummaryRow
from cli.demo.stage import JOBS, PUBLISH, DemoFailed, Stage
from cronmend.adapters.mode import SECONDS
from cronmend.model import Category, Mode, Signal
from cronmend.model.incident import IncidentState, RunRecord
from cronmend.model.report import ALERTS, ENDINGS, MessageKind
from cronmend.model.wakeups import ReleaseTimer, RerunTimer

type ActResult = tuple[RunRecord, str, str]
"""The act's run, what Cronmend did, and the kind of message it sent."""
type Act = tuple[str, Callable[[], ActResult]]
LATER = {*ENDINGS, MessageKind.PROGRESS, MessageKind.REMINDER}
"""Kinds of message that a run's failure doesn't send by itself."""
LAST_LINES = 3
MARKERS = " ~^\t"
"""Characters that Python underlines with; a line of nothing else is left out."""
PULL_TRIES = 2
"""How often the local Fargate asks the registry."""


class Acts:
    """Acts on one stage; each one starts from the state that the one before left."""

    def __init__(self, stage: Stage, narrator: Narrator) -> None:
        self._stage = stage
        self._narrator = narrator
        self._revisions: dict[int, str] = {}
        self._mode_set_at = float("-inf")
        self._pages = 0

    def acts(self) -> tuple[Act, ...]:
        raise NotImplementedError

    def play(self) -> None:
        """
        Raises:
            DemoFailed: a check failed.
        """
        self._deploy_site()
        for number, (title, act) in enumerate(self.acts(), 1):
            started = time.monotonic()
            rates.start_minute(self._stage.account.clients.dynamodb, self._stage.table)
            self._narrator.act(number, title)
            run, did, message = act()
            signal = run.window.signal.value if run.category is not Category.SUCCESS else "none"
            decided = f"{run.rule}\n{signal}" if signal != Signal.NONE.value else run.rule
            seconds = time.monotonic() - started
            self._narrator.rows.append(SummaryRow(number, title, run.category.value, decided, did, message, seconds))

    def _deploy_site(self) -> None:
        with self._narrator.step("Deploy release 1 of the site"):
            self._release(1)
            self._stage.account.pipeline.create_service(self._revisions[1])
            self._move_schedules(1)

    def _fires(self, job: str, when: str = "the schedule fires") -> RunRecord:
        arn = self._stage.fire(job)
        self._narrator.happens(f"{when}: {job} starts as task {arn.rsplit('/', 1)[-1][:8]}")
        run = self._stage.record(arn)
        if run.category is not Category.SUCCESS:
            self._narrator.log(
                [line for line in self._stage.account.task_log(arn) if line.strip(MARKERS)][-LAST_LINES:]
            )
        self._narrator.diagnosed(run)
        return run

    def _never_starts(self, job: str) -> RunRecord:
        self._stage.account.registry.hang(requests=PULL_TRIES)
        self._narrator.happens("the image registry doesn't answer")
        return self._is(self._fires(job), Category.INFRASTRUCTURE)

    def _rerun(self, attempt: int, job: str = PUBLISH, *, soon: bool = False) -> RunRecord:
        """Wait for the re-run, which must succeed; ``soon`` lets it be due at once."""
        wait = partial(self._stage.until_due, job) if soon else self._stage.until
        run = wait(f"run {attempt} of {job} has ended", lambda: self._stage.run_of(job, attempt))
        self._narrator.did(f"run {attempt} on {run.task_definition} ended: {run.category.value}")
        return self._is(run, Category.SUCCESS)

    def _fix(self, what: str, when: str = "the next slot", job: str = PUBLISH) -> None:
        """A person fixes the cause, and the next scheduled run closes the incident."""
        self._narrator.happens(what)
        self._is(self._fires(job, when), Category.SUCCESS)
        self._ends(IncidentState.RECOVERED, job)
        if job == PUBLISH:
            self._with_next_page(lambda: self._is_sent(MessageKind.RECOVERED))
        elif self._stage.incident(job).id in self._alerted():
            self._is_sent(MessageKind.RECOVERED, job)

    def _healed(self, job: str = PUBLISH) -> str:
        self._ends(IncidentState.HEALED, job)
        return self._is_sent(MessageKind.HEALED, job)

    def _with_next_page[T](self, wait: Callable[[], T]) -> T:
        """Create the next act's page while the demo waits for a message, which is where most of its time goes."""
        with self._meanwhile(lambda: self._manage(2, "seed")):
            seen = wait()
        self._pages += 1
        return seen

    def _is(self, run: RunRecord, category: Category) -> RunRecord:
        self._expect(run.category is category, f"the category is {category.value}, but it is {run.category.value}")
        return run

    def _plans_rerun_and_holds_alert(self, run: RunRecord) -> None:
        kinds = sorted(timer.kind for timer in run.timers)
        self._expect(
            kinds == [ReleaseTimer.kind, RerunTimer.kind],
            f"a re-run is planned and the alert is held, but the timers are {kinds}",
        )

    def _ends(self, state: IncidentState, job: str = PUBLISH) -> None:
        seen = self._stage.incident(job).state
        self._expect(seen is state, f"the incident is {state.value}, but it is {seen.value}")

    def _is_sent(self, kind: MessageKind, job: str = PUBLISH) -> str:
        messages = self._stage.message(self._stage.incident(job), kind)
        latest = _latest(messages)
        self._narrator.sent([f"{each.channel}: {each.text}" for each in latest])
        self._expect({each.channel for each in latest} == {"slack", "sns"}, "both channels have the message")
        return kind.value

    def _reaches_both_channels(self, kind: MessageKind, job: str = "") -> str:
        """Wait for a message that is about no incident, and the only one of its kind, or of its kind about the job."""

        def received() -> list[str] | None:
            found = [each for each in self._stage.arrived() if each.kind == kind.value and job in {"", each.job}]
            arrived = [f"{each.channel}: {each.text}" for each in found]
            return arrived if len(arrived) == 2 else None

        self._narrator.sent(self._stage.until(f"both channels have a message '{kind.value}'", received))
        return kind.value

    def _nothing_is_sent(self, job: str = PUBLISH) -> None:
        """A message is written together with the run's record: if there is none now, none will follow.

        Those about the job's earlier failures have arrived: each act waits for its own.
        """
        latest = self._stage.job_state(job).incident
        written = [each for each in self._stage.messages() if each.job == job and each.report.kind not in LATER]
        about = [each.report.headline for each in written if latest and each.incident == latest.id]
        arrived = [
            each.text
            for each in self._stage.arrived()
            if (each.channel, each.job) == ("slack", job) and each.kind not in LATER
        ]
        self._expect(not about and len(arrived) == len(written), f"no message is sent, but it is {about or arrived}")
        self._narrator.sent(())

    def _alerted(self) -> set[str]:
        """The incidents that people were alerted to: of the others, no recovery is sent."""
        return {each.incident for each in self._stage.messages() if each.report.kind in ALERTS}

    def _nothing_was_run(self, job: str) -> None:
        self._expect(self._stage.incident(job).reruns == 0, "nothing was re-run")

    def _newest_text(self, job: str) -> str:
        """What happens now and what to do, of the newest message about the job's incident."""
        incident = self._stage.incident(job)
        messages = [each for each in self._stage.messages() if each.incident == incident.id]
        newest = max(messages, key=lambda message: incident.notified.index(message.change)).report
        return f"{newest.what_happens} {newest.advice}".strip()

    def _message_contains(self, words: str, job: str) -> None:
        text = self._newest_text(job)
        self._narrator.did(text)
        self._expect(words in text, f"the message contains '{words}', but it is: {text}")

    def _set_mode(self, mode: Mode) -> None:
        """Do what `cronmend mode` does."""
        self._stage.set_mode(mode)
        self._mode_set_at = time.monotonic()
        self._narrator.happens(f"cronmend mode {mode.value}")

    def _wait_for_mode(self) -> None:
        """Every function has read the mode ``SECONDS`` after it is set."""
        time.sleep(max(0.0, self._mode_set_at + SECONDS - time.monotonic()))

    def _editor_schedules_a_page(self, release: int) -> None:
        if self._pages:
            self._pages -= 1
        else:
            self._manage(release, "seed")
        self._narrator.happens("an editor has scheduled a page for this slot")

    def _release(self, release: int) -> None:
        self._revisions[release] = self._stage.account.pipeline.register_release(release)

    def _move_schedules(self, release: int, jobs: tuple[str, ...] = JOBS) -> None:
        for job in jobs:
            group, name = job.split("/")
            self._stage.account.pipeline.move_schedule(group, name, self._revisions[release])

    def _manage(self, release: int, *command: str) -> None:
        done = self._stage.account.site.manage(release, *command)
        if done.code:
            raise DemoFailed(f"manage.py {' '.join(command)} of release {release} failed:\n{done.output}")

    @contextmanager
    def _meanwhile(self, work: Callable[[], object]) -> Iterator[None]:
        """Do some work while the demo waits for something else."""
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(work)
            yield
            done.result()

    def _expect(self, holds: bool, what: str) -> None:
        if not holds:
            raise DemoFailed(f"Expected: {what}.")


def _latest(messages: list[Arrived]) -> list[Arrived]:
    """The newest of each channel."""
    return list({each.channel: each for each in messages}.values())
