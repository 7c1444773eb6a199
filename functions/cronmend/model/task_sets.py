"""The tasks that one call started: a target's ``TaskCount`` starts several for one scheduled time."""

from dataclasses import dataclass

from cronmend.model.runs import Creation


@dataclass(frozen=True, slots=True)
class TaskSet:
    """Some tasks of one call: those that failed and no re-run has repeated yet, or those that succeeded."""

    creation: Creation
    """That of the first of them that is known."""
    tasks: int = 1
