"""A timer has come: release a held alert, or check every guard again *now* and run the job."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cronmend import identity, incidents
from cronmend.care.gather import Deploys, next_slot, scheduled_revision
from cronmend.care.write import write
from cronmend.errors import Permanent
from cronmend.model import Category, LiveSchedule, Missing, Mode, Policy, TaskDefinitionRef, WindowState
from cronmend.policies import JobPolicy
from cronmend.ports import Books, Commit, Records, Schedules, Tasks, Timers
from cronmend.records import Attempt, Change, Incident, IncidentState, JobBook, MessageKind, Timer, TimerKind
from cronmend.target import marked, run_request
from cronmend.treat import Limits
from cronmend.words import clock, span


@dataclass(frozen=True, slots=True)
class Budget:
    per_day: int = 6
    """Re-runs of one job in 24 hours."""
    slot_life: timedelta = timedelta(hours=24)
    """A slot older than this is not made up for any more."""


@dataclass(frozen=True, slots=True)
class DueCare:
    """Handles a timer. Each answer is a sentence that says what was done, for the log."""

    books: Books
    records: Records
    schedules: Schedules
    deploys: Deploys
    tasks: Tasks
    timers: Timers
    policy: Callable[[str], JobPolicy]
    mode: Mode
    limits: Limits
    budget: Budget

    def handle(self, timer: Timer, now: datetime) -> str:
        if timer.kind is TimerKind.RELEASE:
            return self._release(timer, now)
        if claimed := self.records.attempt(incidents.attempt_key(timer.incident, timer.attempt)):
            return self._start(claimed, now) if not claimed.task_arn else f"attempt {claimed.number} has run"
        return self._rerun(timer, now)

    def _release(self, timer: Timer, now: datetime) -> str:
        def decide(book: JobBook) -> Change | None:
            held = book.incident if _is_current(book, timer.incident) else None
            return incidents.released(book) if held and held.state is IncidentState.HEALING else None

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
        if commit is Commit.OVER_BUDGET:
            spent = "healing has stopped: the re-runs of this hour over all jobs are used up"
            return self._give_up(timer.job, timer.incident, now, spent)
        if change.claim and commit is Commit.DONE:
            return self._start(change.claim, now)
        if change.book.incident and change.book.incident.planned:
            for due in incidents.timers_of(change.book.incident):
                self.timers.set(due)
        return verdicts[-1]

    def _decision(self, book: JobBook, incident: Incident, now: datetime) -> tuple[Change, str]:
        """The guards in order; the first that objects decides."""
        schedule = self.schedules.get(book.job)
        if isinstance(schedule, Missing):
            return _gives_up(book, schedule.reason)
        if forbidden := self._forbidden(book, incident, schedule, now):
            return _gives_up(book, forbidden)
        if covered := self._covered(incident, schedule, now):
            return incidents.yielded(book), covered
        if incident.category is Category.DEPLOY_RACE:
            return self._after_deploy(book, incident, schedule, now)
        return incidents.claimed(book, now), "the guards are clear"

    def _after_deploy(
        self, book: JobBook, incident: Incident, schedule: LiveSchedule, now: datetime
    ) -> tuple[Change, str]:
        """A run that died in a deploy is repeated once what the schedule would run now fits the schema."""
        window = self.deploys.window(_target(incident, schedule), incident.cluster_arn, schedule, now)
        match window.state:
            case WindowState.OPEN:
                at = now + self.limits.look_after
                return incidents.looked(book, at), f"the deploy is still open ({window.reason}): looking again"
            case WindowState.STUCK:
                reason = f"healing has stopped: {window.reason}"
                return incidents.given_up(book, reason, MessageKind.HALF_DONE), reason
            case WindowState.OLDER_CODE:
                return _gives_up(book, window.reason)
            case _:
                return incidents.claimed(book, now), "the guards are clear"

    def _forbidden(self, book: JobBook, incident: Incident, schedule: LiveSchedule, now: datetime) -> str:
        """Why a person has to decide, or an empty string."""
        if self.mode is not Mode.HEAL:
            return f"healing is switched to {self.mode.value}"
        if self.policy(book.job).rerun is Policy.NEVER:
            return "the job's policy is never to re-run it"
        if not schedule.enabled:
            return f"the schedule {schedule.job} is disabled"
        if now - incident.began_at > self.budget.slot_life:
            return f"the slot is older than {span(self.budget.slot_life)}"
        if sum(now - at < incidents.DAY for at in book.rerun_times) >= self.budget.per_day:
            return f"{self.budget.per_day} re-runs in 24 hours are the job's bound"
        return ""

    def _covered(self, incident: Incident, schedule: LiveSchedule, now: datetime) -> str:
        """Why another run does the work, or an empty string."""
        if (slot := next_slot(schedule, now)) and slot - now <= self.limits.look_after:
            return f"no re-run: the next slot at {clock(slot)} is near"
        alive = self.tasks.alive(incident.cluster_arn, incident.family)
        running = next((task for task in alive if identity.runs_job(task, schedule)), None)
        return f"no re-run: the job is running already ({running.task_arn})" if running else ""

    def _give_up(self, job: str, incident: str, now: datetime, reason: str) -> str:
        def decide(book: JobBook) -> Change | None:
            return incidents.given_up(book, reason) if _is_current(book, incident) else None

        write(self.books, job, now, decide)
        return reason

    def _start(self, attempt: Attempt, now: datetime) -> str:
        """Runs a claimed attempt. Called again after a crash, RunTask knows the same ``clientToken``."""
        schedule = self.schedules.get(attempt.job)
        try:
            if isinstance(schedule, Missing):
                raise Permanent(schedule.reason)
            arn = self.tasks.run(self._request(attempt, schedule))
        except Permanent as error:
            return self._give_up(attempt.job, attempt.incident, now, f"the re-run could not be started: {error}")
        self.books.started(attempt, arn)
        return f"attempt {attempt.number} runs as {arn}"

    def _request(self, attempt: Attempt, schedule: LiveSchedule) -> Mapping[str, Any]:
        context = {
            "schedule-arn": schedule.arn,
            "scheduled-time": attempt.slot,
            "execution-id": attempt.key,
            "attempt-number": str(attempt.number),
        }
        request = run_request(schedule.cluster_arn, schedule.parameters, schedule.target_input, context)
        marks = {
            identity.JOB_VARIABLE: attempt.job,
            "CRONMEND_INCIDENT": attempt.incident,
            "CRONMEND_ATTEMPT": str(attempt.number),
        }
        container = self.policy(attempt.job).container or _only_container(request)
        request = marked(request, container, marks) if container else request
        return {**request, "startedBy": f"{identity.OWN}{attempt.key}", "clientToken": attempt.key}


def _is_current(book: JobBook, incident: str) -> bool:
    return book.incident is not None and book.incident.id == incident and book.incident.is_open


def _gives_up(book: JobBook, reason: str) -> tuple[Change, str]:
    return incidents.given_up(book, f"no re-run: {reason}"), reason


def _target(incident: Incident, schedule: LiveSchedule) -> TaskDefinitionRef:
    """What the schedule would run now: the deploy may have gone on since the failure."""
    target = scheduled_revision(schedule)
    return TaskDefinitionRef(incident.family) if isinstance(target, Missing) else target


def _only_container(request: Mapping[str, Any]) -> str:
    names = [entry.get("name", "") for entry in request["overrides"].get("containerOverrides", [])]
    return names[0] if len(names) == 1 else ""
