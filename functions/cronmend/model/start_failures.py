"""Starts that failed: given up by EventBridge, or answered by ECS without a task."""

from datetime import datetime

from msgspec import Struct

from cronmend.model.runs import ContainerOverride, TaskDefinitionRef


class StartFailure(Struct, frozen=True):
    schedule: str
    """``<group>/<name>``, whole; the name alone in an older form of its ARN; ``""`` for a rule."""
    rule: str
    """``""`` for a schedule."""
    slot: datetime
    code: str
    """The error's code without its service, such as ``ClientException``."""
    message: str
    attempts: int
    """How often EventBridge tried again."""
    cluster: str = ""
    """Name or ARN; ``""`` if the request isn't known."""
    task_definition: TaskDefinitionRef | None = None
    """None if the request isn't known."""
    answered: bool = False
    """Whether ECS answered without an error, but started no task: the message holds its reasons."""


class RefusedStart(Struct, frozen=True):
    """A call of EventBridge that ECS refused, or answered without a task, as CloudTrail shows it."""

    started_by: str
    cluster: str
    """Name or ARN."""
    task_definition: TaskDefinitionRef
    overrides: tuple[ContainerOverride, ...]
    at: datetime
    reasons: tuple[str, ...]
    code: str = ""
    """The error's code; ``""`` if ECS answered without an error."""
