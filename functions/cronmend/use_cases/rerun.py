"""Handle a timer: release a held alert, or check every guard again now and run the job."""

from datetime import datetime
from functools import cache, partial

from msgspec import Struct

from cronmend.alerting import reports
from cronmend.alerting.news import with_progress
from cronmend.deploys import Run
from cronmend.errors import NewerForm, Retryable
from cronmend.healing import transitions
from cronmend.healing.guards import Guard, blockers, is_awaited
from cronmend.healing.plan import half_done
from cronmend.healing.situation import no_window
from cronmend.model import DeployWindow, LiveSchedule, Missing, Mode, ScheduleState, TaskDefinitionRef, WindowState
from cronmend.model.incident import Change, Commit, Found, Incident, JobState
from cronmend.model.keys import stable_key
from cronmend.model.report import Message
from cronmend.model.wakeups import ReleaseTimer, RerunTimer
from cronmend.ports.healing import JobStates, RecordLookups, Schedules, Timers
from cronmend.ports.queues import OnError
from cronmend.use_cases import unforeseen
from cronmend.use_cases.commit import commit, commit_and_answer
from cronmend.use_cases.deploy_facts import Deploys, scheduled_revision
from cronmend.use_cases.healing.attempts import Attempts, blocked, is_current, set_rerun
from cronmend.use_cases.healing.collector import SituationCollector
from cronmend.wording import moment, nth_run


class HandleTimer(Struct, frozen=True):
    """Each method returns a sentence for the log."""

    job_states: JobStates
    records: RecordLookups
    schedules: Schedules
    deploys: Deploys
    timers: Timers
    situations: SituationCollector
    attempts: Attempts
    on_error: OnError

    def handle(self, timer: RerunTimer | ReleaseTimer, now: datetime) -> str:
        """An error that no code expected ends the healing with an alert. Otherwise no one would know about the job."""
        try:
            return self._handled(timer, now)
        except (Retryable, NewerForm):
            raise
        except Exception as error:  # noqa: BLE001 # whatever it is, people hear of the job
            self.on_error(error, timer.job)
            return self._alerted(timer, error, now)

    def _handled(self, timer: RerunTimer | ReleaseTimer, now: datetime) -> str:
        match timer:
            case ReleaseTimer():
                return self._release(timer, now)
            case RerunTimer():
                key = stable_key(timer.incident, timer.attempt)
                found = self.records.look_up(timer.job, attempt=key, circuit=True)
                if found.attempt:
                    return self.attempts.resume(found.attempt, timer, now)
                return self._rerun(timer, found, now)

    def _alerted(self, timer: RerunTimer | ReleaseTimer, error: Exception, now: datetime) -> str:
        """If the job's incident can't take the alert, it is written without it."""
        reason = f"Cronmend failed to {self._failed_to(timer)}: {unforeseen.place_of(error)}"

        def decide(job_state: JobState) -> Change | None:
            return transitions.given_up(job_state, reason) if is_current(job_state, timer.incident) else None

        try:
            commit(self.job_states, timer.job, now, decide)
        except Retryable:
            raise
        except Exception as second:  # noqa: BLE001 # as above
            self.on_error(second, timer.job)
            self._alerted_apart(timer, reason, now)
        return reason

    def _alerted_apart(self, timer: RerunTimer | ReleaseTimer, reason: str, now: datetime) -> None:
        """Once: a state of its own for the incident shows that the alert is written."""
        alert = unforeseen.alert_of(timer.job, timer.incident, reason)

        def decide(apart: JobState) -> Change | None:
            return None if apart.version else Change(apart, messages=(alert,))

        commit(self.job_states, unforeseen.apart_from(timer.incident), now, decide)

    def _failed_to(self, timer: RerunTimer | ReleaseTimer) -> str:
        if isinstance(timer, ReleaseTimer):
            return "send the alert that it held"
        claimed = self.records.attempt(stable_key(timer.incident, timer.attempt))
        return f"tell whether run {timer.attempt} started" if claimed else f"start run {timer.attempt}"

    def _release(self, timer: ReleaseTimer, now: datetime) -> str:
        def decide(job_state: JobState) -> Change | None:
            held = job_state.incident if is_current(job_state, timer.incident) else None
            is_due = held is not None and held.held_until is not None and held.held_until <= timer.at
            return transitions.released(job_state) if is_due else None

        change, _ = commit(self.job_states, timer.job, now, decide)
        return "the held alert is released" if change.messages else "the alert is no longer held"

    def _rerun(self, timer: RerunTimer, found: Found, now: datetime) -> str:
        """Decide from the job's current state: the timer only shows that the re-run is due."""
        schedule = cache(partial(self.schedules.get, timer.job))

        def decide(job_state: JobState) -> tuple[Change | None, str]:
            incident = job_state.incident
            if incident is None or not is_current(job_state, timer.incident) or incident.planned is None:
                return None, "no re-run is planned"
            if incident.planned.attempt != timer.attempt or incident.planned.rechecks != timer.rechecks:
                return None, "this timer has been replaced by a later one"
            return self._decision(job_state, incident, schedule(), found, now)

        change, written, verdict = commit_and_answer(self.job_states, timer.job, now, decide, found.job_state)
        if written is Commit.OVER_BUDGET and change.job_state.incident:
            return self._open_circuit(change.job_state.incident, now)
        claim = change.job_state.claim
        if change.claim and claim and written is Commit.DONE:
            return self.attempts.start(change.claim, claim, now, schedule())
        set_rerun(self.timers, change.job_state)
        return verdict

    def _decision(
        self, job_state: JobState, incident: Incident, schedule: LiveSchedule | Missing, found: Found, now: datetime
    ) -> tuple[Change, str]:
        """The first guard that blocks the re-run decides."""
        waits = incident.diagnosis.waits_for_deploy
        window = cache(partial(self._window, incident, schedule, now)) if waits else no_window
        situation = self.situations.situation(job_state, schedule, now, window, found=found)
        blocker = next(blockers(situation, now), None)
        if blocker is None:
            return self._go(job_state, incident, schedule, window() if waits else None, now)
        if is_awaited(blocker, situation):
            at = now + self.situations.limits.recheck_after
            return transitions.rechecked(job_state, at), f"{blocker.reason}: checking again"
        if blocker.guard is Guard.DEPLOY:
            return self._wait_for_deploy(job_state, incident, window(), now)
        return blocked(job_state, blocker, now, _state_of(schedule))

    def _window(self, incident: Incident, schedule: LiveSchedule | Missing, now: datetime) -> DeployWindow:
        """The deploy window around the code that the schedule would run now."""
        target = _target(incident, schedule)
        return self.deploys.window(target, incident.cluster_arn, schedule, now, _next_run(incident, target))

    def _wait_for_deploy(
        self, job_state: JobState, incident: Incident, window: DeployWindow, now: datetime
    ) -> tuple[Change, str]:
        if window.state is WindowState.OPEN:
            at = now + self.situations.limits.recheck_after
            return transitions.rechecked(job_state, at), f"the deploy is in progress ({window.reason}): checking again"
        no_rerun = half_done(incident.diagnosis) if window.state is WindowState.STUCK else window.reason
        gave_up = transitions.given_up(job_state, no_rerun, window)
        return with_progress(job_state, gave_up, now), f"no re-run: {no_rerun} ({window.reason})"

    def _go(
        self,
        job_state: JobState,
        incident: Incident,
        schedule: LiveSchedule | Missing,
        window: DeployWindow | None,
        now: datetime,
    ) -> tuple[Change, str]:
        """No guard blocks it: claim the attempt or, in shadow mode, only alert people to it."""
        if self.situations.modes.now() is not Mode.SHADOW:
            return with_progress(job_state, transitions.claimed(job_state, now, window), now), "no guard blocks it"
        run = nth_run(incident.reruns + 2, incident.most_runs)
        would = f"Cronmend would have run {_target(incident, schedule)} now, as {run}"
        return transitions.shadowed(job_state, would), would

    def _open_circuit(self, incident: Incident, now: datetime) -> str:
        """The hour's budget of re-runs is used: stop healing for all jobs, and send one message."""
        budget = self.situations.budget
        until = now + budget.circuit
        report = reports.of_circuit(incident, budget.per_hour, moment(until, now))
        self.situations.circuit.open(
            until, Message(f"circuit-{now:%Y%m%dT%H%M%S}", report.job, report.kind.value, report), now
        )

        no_rerun = f"healing has stopped for all jobs until {moment(until, now)}"

        def decide(job_state: JobState) -> Change | None:
            if not is_current(job_state, incident.id):
                return None
            return with_progress(job_state, transitions.deferred(job_state, no_rerun), now)

        commit(self.job_states, incident.job, now, decide)
        return report.headline


def _state_of(schedule: LiveSchedule | Missing) -> ScheduleState:
    """The state of a schedule that existed when the run failed."""
    return ScheduleState.DELETED if isinstance(schedule, Missing) else schedule.state


def _next_run(incident: Incident, target: TaskDefinitionRef) -> Run:
    """The image that failed. With the same revision, a run would use it again unless its tag has moved."""
    if incident.failed is None or not incident.has_task:
        return Run()
    container = incident.failed.container
    if target != incident.failed.task_definition:
        return Run(image=container.image, container=container.name)
    return Run(incident.began_at, None, container.image, container.image_digest, container.name)


def _target(incident: Incident, schedule: LiveSchedule | Missing) -> TaskDefinitionRef:
    """The revision that the schedule would run now; a deploy may have changed it since the failure."""
    target = schedule if isinstance(schedule, Missing) else scheduled_revision(schedule)
    return TaskDefinitionRef(incident.family) if isinstance(target, Missing) else target
