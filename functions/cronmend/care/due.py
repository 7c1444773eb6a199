"""A timer has come: release a held alert, or check every guard again *now* and run the job."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cronmend import backoff, identity, incidents, reports, steps
from cronmend.care.gather import Deploys, scheduled_revision
from cronmend.care.guards import YIELDS, Guards, Objection
from cronmend.care.slots import next_slot
from cronmend.care.start import Starter
from cronmend.care.write import write
from cronmend.deploys import Run
from cronmend.errors import Permanent, Retryable
from cronmend.model import LiveSchedule, Missing, Mode, TaskDefinitionRef, WindowState
from cronmend.ports import LEAD, Books, Commit, Records, Schedules, Timers
from cronmend.records import (
    Attempt,
    Change,
    Incident,
    IncidentState,
    JobBook,
    Message,
    MessageKind,
    Timer,
    TimerKind,
)
from cronmend.refusal import Refusal
from cronmend.words import clock

TOKEN_LIFE = timedelta(minutes=50)
"""ECS knows a ``clientToken`` for an hour after its task has stopped at the least; past that a second call would run
the job a second time. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html"""


@dataclass(frozen=True, slots=True)
class DueCare:
    """Handles a timer. Each answer is a sentence that says what was done, for the log."""

    books: Books
    records: Records
    schedules: Schedules
    deploys: Deploys
    timers: Timers
    guards: Guards
    starter: Starter

    def handle(self, timer: Timer, now: datetime) -> str:
        if timer.kind is TimerKind.RELEASE:
            return self._release(timer, now)
        if claimed := self.records.attempt(incidents.attempt_key(timer.incident, timer.attempt)):
            return self._resume(claimed, timer, now)
        return self._rerun(timer, now)

    def _release(self, timer: Timer, now: datetime) -> str:
        def decide(book: JobBook) -> Change | None:
            held = book.incident if _is_current(book, timer.incident) else None
            return steps.released(book) if held and held.state is IncidentState.HEALING else None

        change, _ = write(self.books, timer.job, now, decide)
        return "the held alert is released" if change.messages else "nothing was held any more"

    def _rerun(self, timer: Timer, now: datetime) -> str:
        """Decides from the book as it is now: the timer only says that it is time to look."""
        verdicts: list[str] = []

        def decide(book: JobBook) -> Change | None:
            incident = book.incident
            if incident is None or not _is_current(book, timer.incident) or incident.planned is None:
                verdicts.append("no re-run is planned any more")
                return None
            if incident.planned.attempt != timer.attempt or incident.planned.looks != timer.look:
                verdicts.append("this timer has been replaced by a later one")
                return None
            change, verdict = self._decision(book, incident, now)
            verdicts.append(verdict)
            return change

        change, commit = write(self.books, timer.job, now, decide)
        if commit is Commit.OVER_BUDGET and change.book.incident:
            return self._open_circuit(change.book.incident, now)
        if change.claim and commit is Commit.DONE:
            return self._start(change.claim, timer, now)
        self._set_rerun(change.book)
        return verdicts[-1]

    def _decision(self, book: JobBook, incident: Incident, now: datetime) -> tuple[Change, str]:
        """The guards in order; the first that objects decides."""
        schedule = self.schedules.get(book.job)
        if isinstance(schedule, Missing):
            return _gives_up(book, schedule.reason)
        if objection := next(self.guards.objections(book, schedule, now), None):
            return _answer(book, objection)
        if incident.follows_deploy:
            return self._after_deploy(book, incident, schedule, now)
        return self._go(book, incident, schedule, now)

    def _after_deploy(
        self, book: JobBook, incident: Incident, schedule: LiveSchedule, now: datetime
    ) -> tuple[Change, str]:
        """A run that died in a deploy is repeated once what the schedule would run now fits the schema."""
        target = _target(incident, schedule)
        window = self.deploys.window(target, incident.cluster_arn, schedule, now, _met(incident, target))
        match window.state:
            case WindowState.OPEN:
                at = now + self.guards.limits.look_after
                return steps.looked(book, at), f"the deploy is still open ({window.reason}): looking again"
            case WindowState.STUCK:
                reason = f"healing has stopped: {window.reason}"
                return steps.given_up(book, reason, MessageKind.HALF_DONE), reason
            case WindowState.OLDER_CODE:
                return _gives_up(book, window.reason)
            case _:
                return self._go(book, incident, schedule, now)

    def _go(self, book: JobBook, incident: Incident, schedule: LiveSchedule, now: datetime) -> tuple[Change, str]:
        """All guards are clear: take the attempt, or in shadow mode only say so."""
        if self.guards.modes.now() is not Mode.SHADOW:
            return steps.claimed(book, now), "the guards are clear"
        would = f"Cronmend would have run {_target(incident, schedule)} again now, as run {incident.reruns + 2}"
        return steps.shadowed(book, would), would

    def _resume(self, attempt: Attempt, timer: Timer, now: datetime) -> str:
        """The attempt was claimed before; an earlier call ended before it was noted what became of it."""
        if attempt.task_arn:
            return f"attempt {attempt.number} has run"
        book = self.books.read(attempt.job)
        incident = book.incident
        if incident is None or not _is_current(book, attempt.incident) or incident.starting != attempt.key:
            self._set_rerun(book)
            return f"attempt {attempt.number} is not to be started any more"
        own = f"{identity.OWN}{attempt.key}"
        alive = self.guards.tasks.alive(incident.cluster_arn, incident.family)
        if task := next((each for each in alive if each.started_by == own), None):
            return self._started(attempt, task.task_arn)
        if now - attempt.claimed_at > TOKEN_LIFE:
            reason = f"it is not known whether run {attempt.number} has started: AWS did not answer in time"
            return self._give_up(attempt, reason, now)
        schedule = self.schedules.get(attempt.job)
        if not isinstance(schedule, Missing) and (objection := next(self.guards.of_claimed(book, schedule, now), None)):
            return self._drop(attempt, objection, now)
        return self._start(attempt, timer, now)

    def _start(self, attempt: Attempt, timer: Timer, now: datetime) -> str:
        """Runs a claimed attempt. Called again after a crash, RunTask knows the same ``clientToken``."""
        try:
            answer = self.starter.run(attempt)
        except Retryable as error:
            again = replace(timer, at=now + self.guards.limits.look_after, look=timer.look + 1)
            self.timers.set(again)
            return f"it is not known whether attempt {attempt.number} has started, so it is asked again: {error}"
        except Permanent as error:
            return self._give_up(attempt, f"the re-run could not be started: {error}", now)
        if isinstance(answer, Refusal):
            return self._refused(attempt, answer, now)
        return self._started(attempt, answer)

    def _started(self, attempt: Attempt, task_arn: str) -> str:
        self.books.started(attempt, task_arn)
        return f"attempt {attempt.number} runs as {task_arn}"

    def _refused(self, attempt: Attempt, refusal: Refusal, now: datetime) -> str:
        """AWS started nothing, for certain. What passes is tried again as the next attempt, with a token of its own."""
        schedule = self.schedules.get(attempt.job)

        def decide(book: JobBook) -> Change | None:
            if not _is_starting(book, attempt):
                return None
            if not refusal.passes:
                return steps.given_up(book, f"ECS started no task: {refusal.reason}")
            return self._later(book, attempt, refusal, schedule, now)

        change, _ = write(self.books, attempt.job, now, decide)
        self._set_rerun(change.book)
        return f"ECS started no task: {refusal.reason}"

    def _later(
        self, book: JobBook, attempt: Attempt, refusal: Refusal, schedule: LiveSchedule | Missing, now: datetime
    ) -> Change:
        limits, made = self.guards.limits, book.incident.infra_reruns if book.incident else 0
        wait = backoff.wait(limits.look_after, made, incidents.attempt_key(attempt.incident, attempt.number + 1))
        at, avoid = now + wait, attempt.avoid
        if refusal.instead_of:
            at, avoid = now + LEAD, (*attempt.avoid, refusal.instead_of)
        change = steps.refused(book, at, avoid)
        after = change.book.incident
        if after and after.infra_reruns >= limits.max_infra_attempts:
            return steps.given_up(change.book, f"AWS has had no room for it again: {refusal.reason}")
        slot = next_slot(schedule, now)
        return steps.yielded(change.book) if slot and slot <= at else change

    def _open_circuit(self, incident: Incident, now: datetime) -> str:
        """The re-runs of this hour are used up: healing stops for all jobs, and one message says so."""
        budget = self.guards.budget
        until = now + budget.circuit
        report = reports.of_circuit(incident, budget.per_hour, clock(until))
        self.guards.circuit.open(
            until, Message(f"circuit-{now:%Y%m%dT%H%M%S}", report.job, report.kind.value, report), now
        )

        def decide(book: JobBook) -> Change | None:
            return steps.yielded(book) if _is_current(book, incident.id) else None

        write(self.books, incident.job, now, decide)
        return report.headline

    def _drop(self, attempt: Attempt, objection: Objection, now: datetime) -> str:
        def decide(book: JobBook) -> Change | None:
            return _answer(book, objection)[0] if _is_starting(book, attempt) else None

        write(self.books, attempt.job, now, decide)
        return objection.reason

    def _give_up(self, attempt: Attempt, reason: str, now: datetime) -> str:
        def decide(book: JobBook) -> Change | None:
            return steps.given_up(book, reason) if _is_starting(book, attempt) else None

        write(self.books, attempt.job, now, decide)
        return reason

    def _set_rerun(self, book: JobBook) -> None:
        if book.incident and book.incident.is_open and book.incident.planned:
            for due in incidents.timers_of(book.incident):
                self.timers.set(due)


def _is_current(book: JobBook, incident: str) -> bool:
    return book.incident is not None and book.incident.id == incident and book.incident.is_open


def _is_starting(book: JobBook, attempt: Attempt) -> bool:
    return _is_current(book, attempt.incident) and book.incident is not None and book.incident.starting == attempt.key


def _answer(book: JobBook, objection: Objection) -> tuple[Change, str]:
    if objection.guard in YIELDS:
        return steps.yielded(book), f"no re-run: {objection.reason}"
    return _gives_up(book, objection.reason)


def _gives_up(book: JobBook, reason: str) -> tuple[Change, str]:
    return steps.given_up(book, f"no re-run: {reason}"), reason


def _met(incident: Incident, target: TaskDefinitionRef) -> Run:
    """The image that failed: of the same revision, a run would meet it again unless its tag has moved."""
    if str(target) != incident.task_definition:
        return Run(image=incident.image)
    return Run(incident.began_at, None, incident.image, incident.image_digest, incident.container)


def _target(incident: Incident, schedule: LiveSchedule) -> TaskDefinitionRef:
    """What the schedule would run now: the deploy may have gone on since the failure."""
    target = scheduled_revision(schedule)
    return TaskDefinitionRef(incident.family) if isinstance(target, Missing) else target
