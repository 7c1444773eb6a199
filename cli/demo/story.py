"""What every act is made of: things that happen to the account, looks at what came of them, and what must follow.

Whatever does not follow ends the story: nothing is told that was not seen.
"""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta

from cli.demo.narrator import Line, Narrator
from cli.demo.stage import JOBS, PUBLISH, Arrived, Stage, StoryWentOtherwise
from cronmend.adapters.mode import SECONDS
from cronmend.model import Category, Mode, Signal
from cronmend.model.incident import LEAD, IncidentState, RunRecord
from cronmend.model.report import MessageKind

type Told = tuple[RunRecord, str, str]
"""The run that the act is about, what Cronmend did, and what it told."""
type Act = tuple[str, Callable[[], Told]]
IN_PASSING = frozenset({"progress", "reminder"})
"""What is only counted, or stands in the thread of what people know already."""
LAST_LINES = 3
MARKERS = " ~^\t"
"""What Python underlines with; a line of nothing else is left out."""
PULL_TRIES = 2
"""As often as the local Fargate asks the registry."""


class Story:
    """Acts on one stage; what one leaves behind is where the next begins."""

    def __init__(self, stage: Stage, narrator: Narrator) -> None:
        self._stage = stage
        self._tell = narrator
        self._revisions: dict[int, str] = {}
        self._switched = float("-inf")
        self._pages = 0

    def acts(self) -> tuple[Act, ...]:
        raise NotImplementedError

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

    def _open_the_site(self) -> None:
        with self._tell.step("release 1 of the site is deployed"):
            self._release(1)
            self._stage.account.pipeline.create_service(self._revisions[1])
            self._move_schedules(1)

    def _strikes(self, job: str, when: str = "the hour strikes") -> RunRecord:
        arn = self._stage.fire(job)
        self._tell.happens(f"{when}: {job} starts as task {arn.rsplit('/', 1)[-1][:8]}")
        run = self._stage.record(arn)
        if run.category is not Category.SUCCESS:
            self._tell.log([line for line in self._stage.account.task_log(arn) if line.strip(MARKERS)][-LAST_LINES:])
        self._tell.concluded(run)
        return run

    def _never_starts(self, job: str) -> RunRecord:
        self._stage.account.registry.hang(requests=PULL_TRIES)
        self._tell.happens("the image registry does not answer")
        return self._is(self._strikes(job), Category.INFRASTRUCTURE)

    def _rerun(self, attempt: int, job: str = PUBLISH, seconds: float = 60) -> RunRecord:
        """The re-run once it has ended: well."""
        run = self._stage.rerun(job, attempt, seconds)
        self._tell.did(f"run {attempt} of the incident, {run.task_definition}, ended: {run.category.value}")
        return self._is(run, Category.SUCCESS)

    def _put_right(self, what: str, when: str = "the next hour strikes", job: str = PUBLISH) -> None:
        """The end of an incident that a person has seen to."""
        self._tell.happens(what)
        self._is(self._strikes(job, when), Category.SUCCESS)
        self._ends(IncidentState.RECOVERED, job)
        if job == PUBLISH:
            self._before_the_next_hour(lambda: self._is_told(MessageKind.RECOVERED))
        else:
            self._is_told(MessageKind.RECOVERED, job)

    def _healed(self, job: str = PUBLISH) -> str:
        self._ends(IncidentState.HEALED, job)
        return self._is_told(MessageKind.HEALED, job)

    def _before_the_next_hour[T](self, look: Callable[[], T]) -> T:
        """An editor is at work while the story waits for a message: most of the minutes go by in such waits."""
        with self._meanwhile(lambda: self._manage(2, "seed")):
            seen = look()
        self._pages += 1
        return seen

    def _is(self, run: RunRecord, category: Category) -> RunRecord:
        self._expect(run.category is category, f"{category.value}, but it is {run.category.value}")
        return run

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
        """A message is written with the record that it follows from: where none is now, none will come of that run."""
        before = [each for each in self._stage.messages() if each.report.kind.value not in IN_PASSING]
        told = [each for each in self._stage.arrived() if each.channel == "slack" and each.kind not in IN_PASSING]
        self._expect(len(told) == len(before), "nobody is told")
        self._tell.told(())

    def _nothing_was_run(self, job: str) -> None:
        self._expect(self._stage.incident(job).reruns == 0, "nothing was run")

    def _what_happens(self, job: str) -> str:
        """What the newest message about the job's incident says of it."""
        incident = self._stage.incident(job)
        messages = [each for each in self._stage.messages() if each.incident == incident.id]
        return max(messages, key=lambda message: incident.notified.index(message.change)).report.what_happens

    def _switch(self, mode: Mode) -> None:
        """As `cronmend mode` does."""
        self._stage.set_mode(mode)
        self._switched = time.monotonic()
        self._tell.happens(f"cronmend mode {mode.value}")

    def _mode_holds_when_due(self) -> None:
        """Every function has read the switch ``SECONDS`` after it was moved; no re-run is due before ``LEAD``."""
        time.sleep(max(0.0, self._switched + SECONDS - LEAD.total_seconds() - time.monotonic()))

    def _slot_of(
        self, job: str, rate: str, every: timedelta, slot: datetime, flexible: timedelta = timedelta(0)
    ) -> datetime:
        """Let the job come at even intervals, and once at this second."""
        group, name = job.split("/")
        slot = slot.replace(microsecond=0)
        self._stage.account.pipeline.reschedule(group, name, rate, slot - every, flexible)
        return slot

    def _editor_schedules_a_page(self, release: int) -> None:
        if self._pages:
            self._pages -= 1
        else:
            self._manage(release, "seed")
        self._tell.happens("an editor has scheduled a page for this hour")

    def _release(self, release: int) -> None:
        self._revisions[release] = self._stage.account.pipeline.register_release(release)

    def _move_schedules(self, release: int, jobs: tuple[str, ...] = JOBS) -> None:
        for job in jobs:
            group, name = job.split("/")
            self._stage.account.pipeline.move_schedule(group, name, self._revisions[release])

    def _manage(self, release: int, *command: str) -> None:
        done = self._stage.account.site.manage(release, *command)
        if done.code:
            raise StoryWentOtherwise(f"manage.py {' '.join(command)} of release {release} failed:\n{done.output}")

    @contextmanager
    def _meanwhile(self, work: Callable[[], object]) -> Iterator[None]:
        """Let something be done while the story waits for something else."""
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(work)
            yield
            done.result()

    def _expect(self, holds: bool, what: str) -> None:
        if not holds:
            raise StoryWentOtherwise(f"expected: {what}")


def _latest(messages: list[Arrived]) -> list[Arrived]:
    """The newest of each channel."""
    return list({each.channel: each for each in messages}.values())
