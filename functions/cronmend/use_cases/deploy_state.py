"""Handle deploy events: store each one, and bring forward the re-runs waiting for it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from cronmend.deploys import ANY_FAMILY, Bounds, DeployNote, Phase, merged, repository
from cronmend.deploys.holds import WHOLE, Part
from cronmend.deploys.migrations import is_migration
from cronmend.errors import Retryable
from cronmend.healing import after_run, transitions
from cronmend.incoming.deploy_events import DeployEvent, Marker, OneOffTask, PipelineChange, ServiceDeployment
from cronmend.model import Missing, Signal, TaskDefinitionRef
from cronmend.model.incident import LEAD, Change, Incident, JobState
from cronmend.model.wakeups import RerunTimer
from cronmend.ports.healing import DeployNotes, JobStates, Records, ServiceFamilies, TaskDefinitions, Timers
from cronmend.use_cases.commit import TRIES, commit
from cronmend.use_cases.healing.held_schedules import ENDED, Holder, IsTimeUp, never

_CHANGES_WINDOW = frozenset({Phase.MIGRATED, Phase.FINISHED, Phase.FAILED, Phase.CANCELLED})
"""Phases that change the deploy window, so that waiting re-runs are rechecked now."""


class Watch(Struct, frozen=True):
    """What counts as a deploy in the watched clusters."""

    clusters: tuple[str, ...]
    """Their ARNs."""
    bounds: Bounds
    pipelines: Mapping[str, str]
    """CodePipeline pipelines and CodeDeploy applications by name → the family that each deploys."""
    migrations: tuple[str, ...] = ()
    """Phrases of migration commands beyond the known ones."""


class DeployResult(Struct, frozen=True):
    """The result of an event; ``done`` is a sentence for the log."""

    done: str
    notes: tuple[DeployNote, ...] = ()
    brought_forward: tuple[RerunTimer, ...] = ()
    switched: tuple[str, ...] = ()
    """The jobs whose schedules were held, or are about to be released."""
    may_end: bool = False
    """Whether a deploy may have ended or was taken back, so that schedules that follow a service may have to move."""


class HandleDeployEvent(Struct, frozen=True):
    """Bringing forward one re-run too many does no harm: its guards are checked when it is due."""

    job_states: JobStates
    records: Records
    notes: DeployNotes
    families: ServiceFamilies
    definitions: TaskDefinitions
    timers: Timers
    watch: Watch
    holder: Holder

    def handle(
        self, event: DeployEvent, now: datetime, is_time_up: IsTimeUp = never, part: Part = WHOLE
    ) -> DeployResult:
        """Handle an event; a second delivery of it changes nothing.

        Args:
            part: which schedules this invocation holds or releases.

        Raises:
            Unfinished: it holds or releases more schedules than there was time for. A second delivery does the rest.
        """
        if isinstance(event, ServiceDeployment):
            return self._service(event, now)
        reported = self._notes_of(event)
        if isinstance(reported, Missing):
            return DeployResult(reported.reason)
        known = tuple(self._keep(each, now) for each in reported)
        current = [
            note for note, new in zip(known, reported, strict=True) if (note.phase, note.at) == (new.phase, new.at)
        ]
        moved = tuple(job for note in current for job in self._switch(note, now, is_time_up, part))
        brought_forward = tuple(
            timer for note in current for each in self._waiting(note) for timer in self._bring_forward(each, now)
        )
        return DeployResult(
            "; ".join(f"{each.words}: {each.phase.value}" for each in known),
            known,
            brought_forward,
            moved,
            may_end=any(note.phase in _CHANGES_WINDOW for note in current),
        )

    def _switch(self, note: DeployNote, now: datetime, is_time_up: IsTimeUp, part: Part) -> tuple[str, ...]:
        """Only the pipeline's own markers hold schedules: no other signal is sure to report the deploy's end."""
        if note.signal is not Signal.MARKER:
            return ()
        if note.phase is Phase.STARTED:
            return self.holder.hold(note, now, is_time_up, part)
        return self.holder.release(note, now, is_time_up, part) if note.phase in ENDED else ()

    def _service(self, event: ServiceDeployment, now: datetime) -> DeployResult:
        """Stores nothing: a service's revision is read when needed, and the event only shows when to recheck it."""
        if event.in_progress:
            return DeployResult(f"the deployment of {event.service} is in progress")
        used = self.families.of_service(event.cluster_arn, event.service)
        brought_forward = tuple(
            timer for incident in self._waiting_for_code(used) for timer in self._bring_forward(incident, now)
        )
        done = f"the deployment of {event.service}: {event.name}"
        return DeployResult(done, brought_forward=brought_forward, may_end=True)

    def _waiting_for_code(self, used: Sequence[TaskDefinitionRef]) -> Iterable[Incident]:
        """The incidents of jobs that run a family or an image of these task definitions, in any watched cluster."""
        waiting = [each for cluster in self.watch.clusters for each in self.records.waiting(cluster)]
        if not waiting:
            return ()
        families, images = {each.family for each in used}, self._repositories(used)
        return [each for each in waiting if each.family in families or repository(each.image) in images]

    def _repositories(self, used: Sequence[TaskDefinitionRef]) -> set[str]:
        found = (self.definitions.get(str(each)) for each in used)
        images = (image for each in found if not isinstance(each, Missing) for image in each.images.values())
        return {repository(image) for image in images if image}

    def _notes_of(self, event: Marker | PipelineChange | OneOffTask) -> Sequence[DeployNote] | Missing:
        match event:
            case Marker():
                return self._marked(event)
            case PipelineChange():
                return self._piped(event)
            case OneOffTask():
                return self._migrated(event)

    def _marked(self, event: Marker) -> Sequence[DeployNote] | Missing:
        scopes: Sequence[str] = (event.family or ANY_FAMILY,)
        if event.service and not (scopes := self._families_of(event.service)):
            where = " or ".join(self.watch.clusters)
            return Missing(f"no service {event.service} in {where}: name it as ECS does, or name the family")
        until = event.at + (event.limit or self.watch.bounds.deploy_limit)
        clusters = [each for each in self.watch.clusters if event.cluster in {"", each.rpartition("/")[2]}]
        if not clusters:
            return Missing(f"the cluster {event.cluster} isn't watched")
        return [
            DeployNote(cluster, scope, Signal.MARKER, event.phase, event.at, event.at, until, key=event.release)
            for cluster in clusters
            for scope in scopes
        ]

    def _families_of(self, service: str) -> Sequence[str]:
        """The families of the service in the first watched cluster that has it."""
        found = (self.families.of_service(cluster, service) for cluster in self.watch.clusters)
        return [each.family for each in next(filter(None, found), ())]

    def _piped(self, event: PipelineChange) -> Sequence[DeployNote] | Missing:
        family = self.watch.pipelines.get(event.name)
        if family is None:
            return Missing(f"{event.name} is not one of the configured pipelines")
        if event.phase is None:
            return Missing(f"{event.name} is in progress")
        until = event.since + self.watch.bounds.deploy_limit
        return [
            DeployNote(
                cluster,
                family,
                Signal.PIPELINE,
                event.phase,
                event.at,
                event.since,
                until,
                source=event.name,
                key=event.execution,
            )
            for cluster in self.watch.clusters
        ]

    def _migrated(self, event: OneOffTask) -> Sequence[DeployNote] | Missing:
        container = next((n for n, c in self._commands(event).items() if is_migration(c, self.watch.migrations)), None)
        if container is None:
            return Missing(f"the task {event.task_id} is not a migration")
        ran = next((each for each in event.containers if each.name == container), None)
        phase = Phase.STARTED
        if event.stopped:
            phase = Phase.FINISHED if ran and ran.exit_code == 0 else Phase.FAILED
        return [
            DeployNote(
                event.cluster_arn,
                event.task_definition.family,
                Signal.MIGRATION_TASK,
                phase,
                event.at,
                event.since,
                event.since + self.watch.bounds.deploy_limit,
                key=event.task_id,
                image=repository(ran.image) if ran else "",
                revision=event.task_definition.revision,
            )
        ]

    def _commands(self, event: OneOffTask) -> Mapping[str, Sequence[str]]:
        """The commands of the run's overrides; if it has none, those of the task definition."""
        if event.commands:
            return event.commands
        definition = self.definitions.get(event.task_definition_arn)
        return {} if isinstance(definition, Missing) else definition.commands

    def _keep(self, new: DeployNote, now: datetime) -> DeployNote:
        """Read, merge, write; repeated if another invocation wrote in between. Returns the note as stored."""
        for _ in range(TRIES):
            old = next((each for each in self.notes.of(new.cluster_arn) if each.row == new.row), None)
            note = merged(old, new)
            if note is old or self.notes.write(note, now):
                return note
        raise Retryable(f"the note about {new.words} changed {TRIES} times while it was being updated")

    def _waiting(self, note: DeployNote) -> Sequence[Incident]:
        """The incidents waiting for this deploy; none if the phase doesn't change the deploy window."""
        if note.phase not in _CHANGES_WINDOW:
            return ()
        migration = note.signal is Signal.MIGRATION_TASK
        clusters = self.watch.clusters if migration else (note.cluster_arn,)
        waiting = (each for cluster in clusters for each in self.records.waiting(cluster))
        return [each for each in waiting if note.concerns(each.family, each.image)]

    def _bring_forward(self, incident: Incident, now: datetime) -> Iterable[RerunTimer]:
        """Write the job's state before the timer: after a crash in between, the timer still fires at its old time."""
        at = now + LEAD

        def decide(job_state: JobState) -> Change | None:
            current = job_state.incident
            if current is None or current.id != incident.id or current.planned is None or current.planned.at <= at:
                return None
            return transitions.brought_forward(job_state, at)

        change, _ = commit(self.job_states, incident.job, now, decide)
        if change.job_state.incident is None:
            return
        for timer in after_run.timers_of(change.job_state.incident):
            if isinstance(timer, RerunTimer):
                self.timers.bring_forward(timer)
                yield timer
