"""A timer has come: release a held alert, or check every guard again *now* and run the job."""

from dataclasses import dataclass
from datetime import datetime

from cronmend.alerting import reports
from cronmend.alerting.news import with_progress
from cronmend.deploys import Run
from cronmend.healing import transitions
from cronmend.model import LiveSchedule, Missing, Mode, TaskDefinitionRef, WindowState
from cronmend.model.incident import Change, Commit, Incident, IncidentState, JobState
from cronmend.model.keys import stable_key
from cronmend.model.report import Message, MessageKind
from cronmend.model.wakeups import Timer, TimerKind
from cronmend.ports.healing import JobStates, Records, Schedules, Timers
from cronmend.use_cases.commit import commit
from cronmend.use_cases.evidence import Deploys, scheduled_revision
from cronmend.use_cases.healing.attempts import Attempts, answered, gives_up, is_current, set_rerun
from cronmend.use_cases.healing.guards import Guards
from cronmend.use_cases.healing.run_task import TaskStarter
from cronmend.wording import clock


@dataclass(frozen=True, slots=True)
class HandleTimer:
    """Handles a timer. Each answer is a sentence that says what was done, for the log."""

    job_states: JobStates
    records: Records
    schedules: Schedules
    deploys: Deploys
    timers: Timers
    guards: Guards
    starter: TaskStarter

    @property
    def attempts(self) -> Attempts:
        return Attempts(self.job_states, self.schedules, self.timers, self.guards, self.starter)

    def handle(self, timer: Timer, now: datetime) -> str:
        if timer.kind is TimerKind.RELEASE:
            return self._release(timer, now)
        if claimed := self.records.attempt(stable_key(timer.incident, timer.attempt)):
            return self.attempts.resume(claimed, timer, now)
        return self._rerun(timer, now)

    def _release(self, timer: Timer, now: datetime) -> str:
        def decide(job_state: JobState) -> Change | None:
            held = job_state.incident if is_current(job_state, timer.incident) else None
            return transitions.released(job_state) if held and held.state is IncidentState.HEALING else None

        change, _ = commit(self.job_states, timer.job, now, decide)
        return "the held alert is released" if change.messages else "nothing was held any more"

    def _rerun(self, timer: Timer, now: datetime) -> str:
        """Decides from the book as it is now: the timer only says that it is time to look."""
        verdicts: list[str] = []

        def decide(job_state: JobState) -> Change | None:
            incident = job_state.incident
            if incident is None or not is_current(job_state, timer.incident) or incident.planned is None:
                verdicts.append("no re-run is planned any more")
                return None
            if incident.planned.attempt != timer.attempt or incident.planned.looks != timer.look:
                verdicts.append("this timer has been replaced by a later one")
                return None
            change, verdict = self._decision(job_state, incident, now)
            verdicts.append(verdict)
            return change

        change, written = commit(self.job_states, timer.job, now, decide)
        if written is Commit.OVER_BUDGET and change.job_state.incident:
            return self._open_circuit(change.job_state.incident, now)
        if change.claim and written is Commit.DONE:
            return self.attempts.start(change.claim, timer, now)
        set_rerun(self.timers, change.job_state)
        return verdicts[-1]

    def _decision(self, job_state: JobState, incident: Incident, now: datetime) -> tuple[Change, str]:
        """The guards in order; the first that objects decides."""
        schedule = self.schedules.get(job_state.job)
        if isinstance(schedule, Missing):
            return gives_up(job_state, schedule.reason)
        if objection := next(self.guards.objections(job_state, schedule, now), None):
            return answered(job_state, objection)
        if incident.category.traits.waits_for_deploy:
            return self._after_deploy(job_state, incident, schedule, now)
        return self._go(job_state, incident, schedule, now)

    def _after_deploy(
        self, job_state: JobState, incident: Incident, schedule: LiveSchedule, now: datetime
    ) -> tuple[Change, str]:
        """A run that died in a deploy is repeated once what the schedule would run now fits the schema."""
        target = _target(incident, schedule)
        window = self.deploys.window(target, incident.cluster_arn, schedule, now, _met(incident, target))
        match window.state:
            case WindowState.OPEN:
                at = now + self.guards.limits.recheck_after
                return transitions.looked(job_state, at), f"the deploy is still open ({window.reason}): looking again"
            case WindowState.STUCK:
                reason = f"healing has stopped: {window.reason}"
                return transitions.given_up(job_state, reason, MessageKind.HALF_DONE), reason
            case WindowState.OLDER_CODE:
                return gives_up(job_state, window.reason)
            case _:
                return self._go(job_state, incident, schedule, now)

    def _go(self, job_state: JobState, incident: Incident, schedule: LiveSchedule, now: datetime) -> tuple[Change, str]:
        """All guards are clear: take the attempt, or in shadow mode only say so."""
        if self.guards.modes.now() is not Mode.SHADOW:
            return with_progress(job_state, transitions.claimed(job_state, now), now), "the guards are clear"
        would = f"Cronmend would have run {_target(incident, schedule)} again now, as run {incident.reruns + 2}"
        return transitions.shadowed(job_state, would), would

    def _open_circuit(self, incident: Incident, now: datetime) -> str:
        """The re-runs of an hour are used up: healing stops for all jobs, and one message says so."""
        budget = self.guards.budget
        until = now + budget.circuit
        report = reports.of_circuit(incident, budget.per_hour, clock(until))
        self.guards.circuit.open(
            until, Message(f"circuit-{now:%Y%m%dT%H%M%S}", report.job, report.kind.value, report), now
        )

        def decide(job_state: JobState) -> Change | None:
            return transitions.yielded(job_state) if is_current(job_state, incident.id) else None

        commit(self.job_states, incident.job, now, decide)
        return report.headline


def _met(incident: Incident, target: TaskDefinitionRef) -> Run:
    """The image that failed: of the same revision, a run would meet it again unless its tag has moved."""
    if incident.failed is None:
        return Run()
    container = incident.failed.container
    if target != incident.failed.task_definition:
        return Run(image=container.image)
    return Run(incident.began_at, None, container.image, container.image_digest, container.name)


def _target(incident: Incident, schedule: LiveSchedule) -> TaskDefinitionRef:
    """What the schedule would run now: the deploy may have gone on since the failure."""
    target = scheduled_revision(schedule)
    return TaskDefinitionRef(incident.family) if isinstance(target, Missing) else target
