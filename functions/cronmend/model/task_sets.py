"""The tasks that one call started: a target's ``TaskCount`` starts several for one scheduled time."""

from msgspec import Struct

from cronmend.model.runs import Creation


class TaskSet(Struct, frozen=True):
    """Some tasks of one call: those that failed and no re-run has repeated yet, or those that succeeded."""

    creation: Creation
    """That of the first of them that is known."""
    tasks: int = 1
