"""What events tell of a deploy, and what two of them together mean. Pure.

Events come more than once, out of order, and some never: a pipeline that is killed says nothing more. Each note
therefore carries its own end.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from cronmend.model import Signal

ANY_FAMILY = "*"
"""The scope of a deploy that names neither family nor service: all of the cluster's jobs."""


class Phase(StrEnum):
    """How far a deploy is. The order is that of a deploy; of two at the same second the later one counts."""

    STARTED = "started"
    MIGRATED = "migrated"
    """The schema is new; the code may not be everywhere yet."""
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """It ended and nobody says how far it had come: weaker signals have to tell."""


_ORDER = tuple(Phase)


@dataclass(frozen=True, slots=True)
class DeployNote:
    """The latest that one source said of the deploys of a scope."""

    cluster_arn: str
    family: str
    signal: Signal
    phase: Phase
    at: datetime
    """When the phase began."""
    since: datetime
    """When the deploy began, as far as anybody said."""
    until: datetime
    """A deploy that has only started is not believed for longer than this."""
    source: str = ""
    """Which of several, e.g. the pipeline's name: their notes are kept apart."""
    key: str = ""
    """Tells one deploy from the next: a release, an execution, a task."""
    image: str = ""
    """The image's name without its tag, where the source is a task."""
    version: int = 0

    @property
    def row(self) -> str:
        """Names the note among those of its cluster."""
        return "#".join(filter(None, (self.family, self.signal.value, self.source)))

    @property
    def words(self) -> str:
        """The deploy in words: ``the migration task 1a2b``, ``the pipeline's deploy of v42``."""
        match self.signal:
            case Signal.MIGRATION_TASK:
                return f"the migration task {self.key[:8]}"
            case Signal.PIPELINE:
                return f"the pipeline {self.source}"
            case _:
                return f"the deploy of {self.key}" if self.key else "the deploy"

    def concerns(self, family: str, image: str) -> bool:
        """Whether the deploy is one of this family's code: by name, or because a migration task runs its image."""
        return self.family in {family, ANY_FAMILY} or bool(self.image and self.image == repository(image))


def merged(old: DeployNote | None, new: DeployNote) -> DeployNote:
    """What is known after ``new``; ``old`` itself where the news is none.

    A deploy that starts replaces the one before it, ended or not; the end of one that was replaced changes nothing.
    """
    if old is None:
        return new
    if new.phase is Phase.STARTED:
        return replace(new, version=old.version) if _begins(old, new) else old
    if old.key and new.key and old.key != new.key:
        started = old.phase is Phase.STARTED
        return old if started or new.at <= old.at else replace(new, version=old.version)
    if (new.at, _ORDER.index(new.phase)) <= (old.at, _ORDER.index(old.phase)):
        return old
    goes_on = old.phase in {Phase.STARTED, Phase.MIGRATED}
    return replace(new, since=old.since if goes_on else new.since, key=new.key or old.key, version=old.version)


def _begins(old: DeployNote, new: DeployNote) -> bool:
    """Whether the start is another deploy's, not the same one's a second time or too late."""
    if old.key and new.key:
        return old.key != new.key and new.at >= old.since
    return new.at > old.at


def repository(image: str) -> str:
    """An image's name without tag and digest: what a migration task and a job of one site have in common."""
    name = image.split("@", 1)[0]
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.split(':', 1)[0]}"
