"""Schedules that follow a service: which revision one should start, and how far its move is. Pure.

A row is written before the schedule is moved, and again after it, so that whoever dies in between leaves a trace of
what was intended.
"""

from collections.abc import Sequence
from copy import replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from msgspec import Struct

from cronmend.deploys.holds import LEASE
from cronmend.deploys.image import Image, of_same_repository
from cronmend.model import DeployWindow, Follow, Missing, Proof, TaskDefinitionRef, WindowState

KEPT: Final = 10
"""Moves that a row keeps, the latest ones."""
_OVER: Final = frozenset({WindowState.RECENT, WindowState.CLOSED})
_NOT_OVER: Final = {
    WindowState.OPEN: "is in progress",
    WindowState.STUCK: "is half done",
    WindowState.UNKNOWN: "couldn't be checked",
}


class FollowState(StrEnum):
    SETTLED = "settled"
    MOVING = "moving"
    """The lease's holder is about to move the schedule."""
    MOVED = "moved"
    """The schedule was moved, and people haven't been told yet."""


class Moved(Struct, frozen=True):
    """A move that Cronmend made. ``before`` and ``after`` are the target's ``TaskDefinitionArn``."""

    before: str
    after: str
    at: datetime
    reason: str
    service: str = ""
    back: bool = False
    """Whether it followed a rollback."""

    @property
    def to(self) -> TaskDefinitionRef:
        return TaskDefinitionRef.parse(self.after)


class Following(Struct, frozen=True):
    """What Cronmend knows of a schedule that follows a service."""

    job: str
    cluster_arn: str
    target: str
    """The ``TaskDefinitionArn`` that Cronmend wrote last or, if it wrote none, found: another one is someone else's."""
    state: FollowState = FollowState.SETTLED
    moves: tuple[Moved, ...] = ()
    """Oldest first. While the state is MOVING, the last one is about to be made."""
    waits: str = ""
    """Why the schedule isn't moved, as a clause; ``""`` if it is where it should be."""
    theirs: str = ""
    """The ``TaskDefinitionArn`` that someone else wrote, and that is left as it is; ``""`` if there is none."""
    theirs_while: str = ""
    """The service's revision when that was noticed: a later deploy takes the schedule up again."""
    told: str = ""
    """The ``tell`` of what people were told last; ``""`` if nothing."""
    leased_until: datetime | None = None
    """Until when only the invocation that wrote the row may move the schedule; None if none is about to."""
    version: int = 0

    def is_leased(self, now: datetime) -> bool:
        return self.leased_until is not None and now < self.leased_until

    @property
    def latest(self) -> Moved | None:
        return self.moves[-1] if self.moves else None


class Followed(Struct, frozen=True):
    """The service that a schedule follows, the revision that the schedule should start, and how far the deploy is."""

    service: str
    revision: TaskDefinitionRef
    """The service's."""
    wanted: TaskDefinitionRef | Missing
    window: DeployWindow
    """The deploy window around the service's revision."""
    is_rolling_out: bool = False
    is_stranded: bool = False
    """Whether the schedule's own revision was deregistered, so that it starts no run, and no proof is expected."""


class Move(Struct, frozen=True):
    to: str
    reason: str
    back: bool = False


class Accept(Struct, frozen=True):
    """The schedule is where it should be, whoever wrote it."""


class Wait(Struct, frozen=True):
    reason: str
    """A clause that stays the same while nothing changes."""
    tell: str = ""
    """Equal as long as it is the same for people, who are told once; ``""`` if it will change without them."""
    theirs: bool = False
    """Whether someone else wrote the target, and it is left as it is."""


type Step = Move | Accept | Wait


def decide(row: Following, live: str, followed: Followed, follow: Follow) -> Step:
    """What to do about a schedule whose target names ``live``."""
    current, wanted = TaskDefinitionRef.parse(live), followed.wanted
    if followed.is_rolling_out:
        return Wait(f"service {followed.service} is being deployed")
    if isinstance(wanted, Missing):
        return Wait(wanted.reason, tell=_if_closed(f"no revision for {followed.revision}", followed))
    if current == wanted:
        return Accept()
    if live != row.target and (theirs := _theirs(row, live, current, followed)):
        return theirs
    if _is_older(wanted, current):
        return _back(row, live, wanted, followed)
    return _forward(live, current, wanted, followed, follow)


def _theirs(row: Following, live: str, current: TaskDefinitionRef, followed: Followed) -> Wait | None:
    """None if the service was deployed since, so that the schedule follows again."""
    serves = f"service {followed.service} runs {followed.revision}"
    if row.theirs != live:
        reason = f"something other than Cronmend set it to {current} while {serves}"
        return Wait(f"{reason}; it follows again with the service's next deploy", tell=f"set to {current}", theirs=True)
    if row.theirs_while == str(followed.revision):
        return Wait(row.waits, theirs=True)
    return None


def _back(row: Following, live: str, wanted: TaskDefinitionRef, followed: Followed) -> Step:
    """Only where Cronmend moved it: a deploy may have moved a schedule before its service."""
    if row.latest is None or row.latest.after != live or live != row.target:
        return Wait(f"it is ahead of service {followed.service}, which runs {followed.revision}")
    reason = f"service {followed.service} runs {followed.revision} again"
    return Move(_renamed(live, wanted), reason, back=True)


def _forward(
    live: str, current: TaskDefinitionRef, wanted: TaskDefinitionRef, followed: Followed, follow: Follow
) -> Step:
    """A target without a revision runs the newest one: fixing it at the service's is never ahead of the deploy. One
    whose revision was deregistered runs none: waiting would keep the job not only from new code, but from running."""
    window = followed.window
    if window.state not in _OVER or window.proof is None:
        return Wait(f"the deploy of {followed.revision} {_NOT_OVER.get(window.state, 'has no known end')}")
    if window.proof is Proof.PROVED or follow is Follow.ASSUMED or current.revision is None:
        return Move(_renamed(live, wanted), window.reason)
    reason = f"nothing proves that the migration of {followed.revision} succeeded"
    if followed.is_stranded:
        return Move(_renamed(live, wanted), f"no run could start on {current}, which was deregistered, and {reason}")
    return Wait(reason, tell=_if_closed(f"unproved {followed.revision}", followed))


def _if_closed(about: str, followed: Followed) -> str:
    """``""`` while the deploy has only just ended: the proof may follow."""
    return about if followed.window.state is WindowState.CLOSED else ""


def _is_older(wanted: TaskDefinitionRef, current: TaskDefinitionRef) -> bool:
    return current.revision is not None and (wanted.revision or 0) < current.revision


def _renamed(live: str, to: TaskDefinitionRef) -> str:
    """``live`` with another revision, in the form in which it names its own."""
    return f"{live.removesuffix(str(TaskDefinitionRef.parse(live)))}{to}"


def runs_image(images: Sequence[str], serving: Sequence[Image]) -> bool:
    """Whether a task definition with these images runs the same version of one as the service."""
    served = ((reference, of_same_repository(serving, reference)) for reference in images)
    return any(image is not None and _is_version(reference, image) for reference, image in served)


def _is_version(reference: str, image: Image) -> bool:
    return reference == image.reference or (bool(image.digest) and reference.endswith(f"@{image.digest}"))


def moving(row: Following, move: Move, live: str, service: str, now: datetime) -> Following:
    """The row for an invocation that is about to move the schedule."""
    made = Moved(live, move.to, now, move.reason, service, move.back)
    moves = (*row.moves, made)[-KEPT:]
    return replace(row, target=live, state=FollowState.MOVING, moves=moves, leased_until=now + LEASE)


def given_up(row: Following, reason: str) -> Following:
    """The row after a move that wasn't made."""
    return replace(row, state=FollowState.SETTLED, moves=row.moves[:-1], waits=reason, leased_until=None)


def moved(row: Following) -> Following:
    """The row after the schedule was moved."""
    after = row.moves[-1].after
    return replace(
        row, state=FollowState.MOVED, target=after, waits="", theirs="", theirs_while="", told="", leased_until=None
    )


def told(row: Following) -> Following:
    """The row after people were told of the move."""
    return replace(row, state=FollowState.SETTLED)


def settled(row: Following, live: str) -> Following:
    """The row of a schedule that is where it should be."""
    return replace(row, target=live, waits="", theirs="", theirs_while="", told="")


def waiting(row: Following, wait: Wait, live: str, revision: str) -> Following:
    """The row of a schedule that isn't moved."""
    told = wait.tell or row.told
    if wait.theirs and row.theirs != live:
        return replace(row, waits=wait.reason, theirs=live, theirs_while=revision, told=told)
    return replace(row, waits=wait.reason, told=told)
