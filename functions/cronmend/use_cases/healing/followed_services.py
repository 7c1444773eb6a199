"""The service that a schedule follows: which revision the schedule should start, and how far its deploy is."""

from datetime import datetime

from msgspec import Struct

from cronmend.deploys import Service
from cronmend.deploys.following import Followed, runs_image
from cronmend.model import DeployWindow, Missing, Proof, TaskDefinitionRef, WindowState
from cronmend.model.runs import TaskDefinition
from cronmend.ports.following import Revisions
from cronmend.ports.healing import TaskDefinitions
from cronmend.use_cases.deploy_facts import Deploys


class FollowedServices(Struct, frozen=True):
    deploys: Deploys
    revisions: Revisions
    definitions: TaskDefinitions
    """Reads a revision again each time: it may have been deregistered."""

    def of(self, cluster_arn: str, target: str, container: str, now: datetime) -> Followed | Missing:
        """
        Args:
            target: the task definition in the schedule's target.
            container: the job's; ``""`` if it isn't known.
        """
        family, image = TaskDefinitionRef.parse(target).family, self._image(target, container)
        found = self.deploys.services.running(cluster_arn, family, image)
        if isinstance(found, Missing):
            return found
        if not found:
            return Missing(f"no ECS service runs {family} or its image")
        service = max(found, key=lambda each: each.primary.created_at)
        wanted, window = self._wanted(family, service), self.deploys.around(service, cluster_arn, image, now)
        return Followed(
            service.name,
            service.primary.task_definition,
            wanted,
            window,
            service.is_rolling_out,
            wanted != TaskDefinitionRef.parse(target) and self._is_stranded(target, window),
        )

    def _is_stranded(self, target: str, window: DeployWindow) -> bool:
        """Read only if nothing else will move the schedule: a proof may follow while the deploy has just ended."""
        if window.state is not WindowState.CLOSED or window.proof is not Proof.ASSUMED:
            return False
        definition = self.definitions.get(target)
        return isinstance(definition, TaskDefinition) and definition.deregistered_at is not None

    def _wanted(self, family: str, service: Service) -> TaskDefinitionRef | Missing:
        """The service's revision; of another family, the newest one with the service's image."""
        serving = service.primary.task_definition
        if serving.family == family:
            return serving
        images = self.deploys.services.images(service)
        if isinstance(images, Missing):
            return images
        for ref in self.revisions.active(family):
            definition = self.deploys.definitions.get(str(ref))
            if isinstance(definition, TaskDefinition) and runs_image(tuple(definition.images.values()), images):
                return ref
        return Missing(f"no active revision of {family} has the image that service {service.name} runs")

    def _image(self, target: str, container: str) -> str:
        """The image of the job's container, or of the only one; ``""`` if it isn't known."""
        definition = self.deploys.definitions.get(target)
        if isinstance(definition, Missing):
            return ""
        only = next(iter(definition.images.values()), "") if len(definition.images) == 1 else ""
        return definition.images.get(container, only)
