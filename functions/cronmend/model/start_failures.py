"""A start that EventBridge gave up: the content of a schedule's dead letter."""

from dataclasses import dataclass
from datetime import datetime

from cronmend.model.runs import TaskDefinitionRef


@dataclass(frozen=True, slots=True)
class StartFailure:
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
