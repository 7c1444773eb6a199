"""When the run's image and the service's were pushed, if the two differ and the stack may ask the registry."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from cronmend.deploys import DeployFacts, Pushes
from cronmend.model import Missing
from cronmend.ports.healing import Registry


class Read(Protocol):
    def __call__[T](self, read: Callable[[], T]) -> T | Missing: ...


def with_pushes(facts: DeployFacts, registry: Registry | None, reads: Read) -> DeployFacts:
    """The same facts if the images are equal, or if one of them isn't in a registry that can be asked."""
    other = facts.other_image
    if registry is None or other is None:
        return facts
    run: datetime | Missing | None = reads(lambda: registry.pushed_at(facts.run.own_image))
    service: datetime | Missing | None = reads(lambda: registry.pushed_at(other))
    return facts if run is None or service is None else replace(facts, pushes=Pushes(run, service))
