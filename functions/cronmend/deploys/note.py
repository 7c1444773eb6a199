"""Notes about deploys from events, and how a new one updates a stored one. Pure.

Events are delivered more than once, out of order, or never: a pipeline that is killed sends nothing more. Each note
therefore has its own expiry.
"""

from copy import replace
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from cronmend.deploys.image import repository
from cronmend.model import Signal

ANY_FAMILY = "*"
"""The scope of a deploy that names neither family nor service: all jobs of the cluster."""


class Phase(StrEnum):
    """How far a deploy is, in order; if two phases have the same time, the later phase counts."""

    STARTED = "started"
    MIGRATED = "migrated"
    """The schema is new; the code may not be everywhere yet."""
    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"
    """It ended, and no event shows how far it was: weaker signals decide."""


_ORDER = tuple(Phase)


EARLIER = 10
"""How many deploys before the latest one a note keeps, for the board."""


class EarlierDeploy(Struct, frozen=True):
    """A deploy that another one of the same source followed. ``ended_at`` is None if its end was never reported."""

    since: datetime
    phase: Phase
    key: str = ""
    ended_at: datetime | None = None


class DeployNote(Struct, frozen=True):
    """The latest state that one source reported for the deploys of a scope."""

    cluster_arn: str
    family: str
    signal: Signal
    phase: Phase
    at: datetime
    """When the phase started."""
    since: datetime
    """When the deploy started, or the earliest time known."""
    until: datetime
    """When the note expires, if the deploy has only started."""
    source: str = ""
    """The source's name, such as a pipeline's: each source has a note of its own."""
    key: str = ""
    """Distinguishes deploys: a release, an execution ID or a task ID."""
    image: str = ""
    """The image's name without its tag, if the source is a task."""
    migrated_at: datetime | None = None
    """When the migration succeeded of a pipeline that has reported something else since; None if it reported none."""
    revision: int | None = None
    """Of the task definition, if the source is a task."""
    version: int = 0
    earlier: tuple[EarlierDeploy, ...] = ()
    """Oldest first."""

    @property
    def is_over(self) -> bool:
        return self.phase in {Phase.FINISHED, Phase.FAILED, Phase.CANCELLED}

    @property
    def proved_at(self) -> datetime | None:
        """When the migration succeeded; None if nothing reports that."""
        is_migration = self.signal is Signal.MIGRATION_TASK and self.phase is Phase.FINISHED
        return self.at if is_migration or self.phase is Phase.MIGRATED else self.migrated_at

    @property
    def row(self) -> str:
        """The note's key among those of its cluster."""
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
        """Whether the deploy changes this family's code: it names the family, or a migration task runs its image."""
        return self.family in {family, ANY_FAMILY} or bool(self.image and self.image == repository(image))


def merged(old: DeployNote | None, new: DeployNote) -> DeployNote:
    """The note after ``new``; ``old`` itself if ``new`` adds nothing.

    A deploy that starts replaces the one before it, ended or not. The end of a replaced deploy changes nothing.
    """
    if old is None:
        return new
    if new.phase is Phase.STARTED:
        return _after(old, new) if _is_new_start(old, new) else old
    if old.key and new.key and old.key != new.key:
        return old if _is_replaced(old, new) else _after(old, new)
    if (new.at, _ORDER.index(new.phase)) <= (old.at, _ORDER.index(old.phase)):
        return replace(old, migrated_at=new.at) if _is_late_proof(old, new) else old
    if old.phase not in {Phase.STARTED, Phase.MIGRATED}:
        return replace(new, key=new.key or old.key, version=old.version, earlier=old.earlier)
    new = replace(new, since=old.since, key=new.key or old.key, migrated_at=old.proved_at, version=old.version)
    return replace(new, earlier=old.earlier)


def _after(old: DeployNote, new: DeployNote) -> DeployNote:
    """The note of a deploy that follows another one."""
    before = EarlierDeploy(old.since, old.phase, old.key, old.at if old.is_over else None)
    return replace(new, version=old.version, earlier=(*old.earlier, before)[-EARLIER:])


def _is_replaced(old: DeployNote, new: DeployNote) -> bool:
    """Whether ``new``, which starts nothing, is of a deploy that the note's own one has followed.

    One that hasn't ended reports each further phase within its limit. Whatever else has its key is another deploy of
    the same release.
    """
    if old.phase is Phase.STARTED or new.at <= old.at:
        return True
    if old.phase is Phase.CANCELLED:
        return False
    limit = new.until - new.since
    unended = (each for each in old.earlier if each.key == new.key and each.ended_at is None)
    return new.since < old.since or any(
        each.phase is not new.phase and new.at <= each.since + limit for each in unended
    )


def _is_late_proof(old: DeployNote, new: DeployNote) -> bool:
    """Whether the deploy's ``migrated`` arrives after its ``finished``."""
    of_it = old.phase is Phase.FINISHED and old.since <= new.at
    return of_it and new.phase is Phase.MIGRATED and old.migrated_at is None


def _is_new_start(old: DeployNote, new: DeployNote) -> bool:
    """Whether the start is that of another deploy, not a repeated or late event of the same one."""
    if old.key and new.key:
        return old.key != new.key and new.at >= old.since
    return new.at > old.at
