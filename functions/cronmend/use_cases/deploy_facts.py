"""Collect what shows the state of the deploy around a revision."""

from copy import replace
from datetime import datetime

from msgspec import Struct

from cronmend import deploys
from cronmend.model import DeployWindow, History, LiveSchedule, Missing, Signal, TaskDefinitionRef
from cronmend.model.runs import TaskDefinition
from cronmend.ports.healing import DeployNotes, Registry, Services, TaskDefinitions
from cronmend.use_cases.reads import PATIENT, Reads

_NO_RUN = deploys.Run()
NO_HISTORY = History()


class Deploys(Struct, frozen=True):
    """The state of the deploy around a revision."""

    definitions: TaskDefinitions
    services: Services
    notes: DeployNotes
    bounds: deploys.Bounds
    clusters: tuple[str, ...] = ()
    """The ARNs of the watched clusters. A migration in one of them may be that of a job in another."""
    registry: Registry | None = None
    """None if the stack may not ask it."""

    def window(
        self,
        used: TaskDefinitionRef,
        cluster_arn: str,
        schedule: LiveSchedule | Missing,
        now: datetime,
        run: deploys.Run = _NO_RUN,
        history: History = NO_HISTORY,
        reads: Reads = PATIENT,
    ) -> DeployWindow:
        """The window around ``used``; a family alone means its newest revision.

        Args:
            run: the run that used it; by default a run that would start now.
            history: the job's history.
        """
        definition = reads(lambda: self.definitions.get(str(used)))
        registered_at: datetime | Missing
        if isinstance(definition, Missing):
            registered_at = definition
        else:
            used, registered_at = definition.ref, definition.registered_at
            run = replace(run, image=_image(definition, run))
        facts = deploys.DeployFacts(
            services=reads(lambda: self.services.running(cluster_arn, used.family, run.image, run.stopped_at)),
            registered_at=registered_at,
            scheduled=schedule if isinstance(schedule, Missing) else scheduled_revision(schedule),
            notes=self._notes(cluster_arn, used.family, run),
            run=run,
            history=history,
        )
        facts = self._with_previous(used, facts, definition, reads)
        facts = with_pushes(self._with_images(used, facts, reads), self.registry, reads)
        return deploys.window(used, facts, now, self.bounds)

    def _with_images(self, used: TaskDefinitionRef, facts: deploys.DeployFacts, reads: Reads) -> deploys.DeployFacts:
        """Images are read only if revisions can't show which code is newer."""
        newest = facts.newest
        if newest is None:
            return facts
        serving = newest.primary.task_definition
        if serving.family != used.family or (facts.run.digest and serving == used):
            facts = replace(facts, serving=reads(lambda: self.services.images(newest)))
        if serving.family == used.family or not facts.needs_registration:
            return facts
        definition = reads(lambda: self.definitions.get(str(serving)))
        at = definition if isinstance(definition, Missing) else definition.registered_at
        return replace(facts, serving_registered_at=at)

    def _with_previous(
        self,
        used: TaskDefinitionRef,
        facts: deploys.DeployFacts,
        definition: TaskDefinition | Missing,
        reads: Reads = PATIENT,
    ) -> deploys.DeployFacts:
        """The revision before is read only if a pipeline migrated before it registered, or another deploy did."""
        if isinstance(definition, Missing) or not used.revision or used.revision == 1 or not facts.needs_previous:
            return facts
        previous = reads(lambda: self.definitions.get(f"{used.family}:{(used.revision or 0) - 1}"))
        if isinstance(previous, Missing):
            return replace(facts, previous_at=previous)
        is_same = bool(definition.images) and definition.images == previous.images
        return facts if is_same else replace(facts, previous_at=previous.registered_at)

    def around(self, service: deploys.Service, cluster_arn: str, image: str, now: datetime) -> DeployWindow:
        """The window around the code that a service runs, for a schedule that follows it.

        Args:
            image: that of the schedule's job.
        """
        used = service.primary.task_definition
        definition = self.definitions.get(str(used))
        facts = deploys.DeployFacts(
            services=(service,),
            registered_at=definition if isinstance(definition, Missing) else definition.registered_at,
            scheduled=used,
            notes=self._notes(cluster_arn, used.family, deploys.Run(image=image)),
        )
        return deploys.window(used, self._with_previous(used, facts, definition), now, self.bounds)

    def during(self, family: str, cluster_arn: str, run: deploys.Run) -> str:
        """A clause about a deploy that started during the run, from stored notes only; ``""`` if none did."""
        return deploys.started_during(run, self._notes(cluster_arn, family, run))

    def _notes(self, cluster_arn: str, family: str, run: deploys.Run) -> tuple[deploys.DeployNote, ...]:
        own = (note for note in self.notes.of(cluster_arn) if note.concerns(family, run.image))
        others = (note for cluster in self.clusters if cluster != cluster_arn for note in self.notes.of(cluster))
        migrations = (note for note in others if note.signal is Signal.MIGRATION_TASK)
        return (*own, *(note for note in migrations if note.concerns(family, run.image)))


def _image(definition: TaskDefinition, run: deploys.Run) -> str:
    """The image of the job's container, or of the only one; ``""`` if it isn't known."""
    only = next(iter(definition.images.values()), "") if len(definition.images) == 1 else ""
    return definition.images.get(run.container) or run.image or only


def with_pushes(facts: deploys.DeployFacts, registry: Registry | None, reads: Reads) -> deploys.DeployFacts:
    """With the times at which the images were pushed, if they differ and each is in a registry that can be asked."""
    other = facts.other_image
    if registry is None or other is None:
        return facts
    run: datetime | Missing | None = reads(lambda: registry.pushed_at(facts.run.own_image))
    service: datetime | Missing | None = reads(lambda: registry.pushed_at(other))
    return facts if run is None or service is None else replace(facts, pushes=deploys.Pushes(run, service))


def scheduled_revision(schedule: LiveSchedule) -> TaskDefinitionRef | Missing:
    """The task definition of the schedule's target; a family alone means the newest revision when a run starts."""
    reference = schedule.parameters.get("TaskDefinitionArn", "")
    return TaskDefinitionRef.parse(reference) if reference else Missing(f"{schedule.job} names no task definition")
