"""The evidence on a stopped run, its diagnosis, and the plan that follows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct, field

from cronmend.model.categories import Category, Proof, Signal, WindowState
from cronmend.model.runs import Creation, Log, LogPlace, Missing, Size, StoppedTask


class DeployWindow(Struct, frozen=True):
    """The state of the deploy around a run, the signal that decided it, and why in one sentence."""

    state: WindowState
    signal: Signal = Signal.NONE
    reason: str = ""
    since: datetime | None = None
    """When the window opened; None if no signal dates it."""
    during: str = ""
    """A clause saying that a deploy started while the job was running; ``""`` if none did."""
    proof: Proof | None = None
    """How sure the deploy's end is; None if no end is known."""
    ended_at: datetime | None = None
    """When the deploy ended; None if it hasn't, or no signal dates the end."""
    unread: tuple[str, ...] = ()
    """Why each part of the deploy's state is missing that couldn't be read, such as a call that AWS denied."""


class History(Struct, frozen=True):
    """A job's successful runs, as the ledger stores them."""

    last_success_at: datetime | None = None
    """When the run that succeeded last ended."""
    last_success_revision: int | None = None
    last_success_digest: str = ""
    durations: tuple[int, ...] = ()
    """How long the latest successful runs took, in seconds, oldest first."""
    last_success: Creation | None = None
    """The creation of the run that succeeded last; None if an earlier version of Cronmend didn't keep it."""


class Evidence(Struct, frozen=True):
    """Everything collected about a stopped run. A part that could not be collected is :class:`Missing`."""

    task: StoppedTask
    log: Log | Missing
    window: DeployWindow
    history: History | Missing = field(default_factory=lambda: Missing("the history was not collected"))
    place: LogPlace | None = None
    """Where the log is stored; None if that isn't known."""


class FatalError(Struct, frozen=True):
    """The error that ended the process, taken from the log."""

    type: str
    """The exception's or error's name as the runtime prints it, such as ``django.db.utils.ProgrammingError``."""
    message: str
    line: int
    """Index into the log of the line that reports it."""
    causes: tuple["FatalError", ...] = ()
    """The errors that caused it, nearest first; the last is the root cause."""

    @property
    def text(self) -> str:
        """As most runtimes print it; an error without a type is only its message."""
        return f"{self.type}: {self.message}" if self.type else self.message


MAY_EXPLAIN: Final[Mapping[WindowState, str]] = {
    WindowState.OPEN: "a deploy is in progress and may explain it",
    WindowState.RECENT: "a deploy just ended and may explain it",
    WindowState.STUCK: "a deploy is half done and may explain it",
    WindowState.OLDER_CODE: "the schedule runs older code than the service, which may explain it",
}
"""Clauses about a failure that a deploy may explain, for each state in which one may."""


def full_sentence(category: Category, sentence: str, window: DeployWindow, may_explain: bool = False) -> str:
    """A diagnosis's sentence and, if the deploy explains the failure or may explain it, the state of the deploy."""
    explains = "The deploy explains it" if category is Category.DEPLOY_RACE else ""
    if may_explain:
        explains = MAY_EXPLAIN.get(window.state, "")
    if not explains:
        return sentence
    why = window.reason or f"the deploy window is {window.state.value}"
    return f"{sentence.removesuffix('.')}. {explains[:1].upper()}{explains[1:]}: {why}"


class Diagnosis(Struct, frozen=True):
    """What ended the run, what decided that, and one sentence for the person on call.

    ``line`` and ``excerpt`` are redacted and bounded: they may be stored and sent.
    """

    category: Category
    rule: str
    sentence: str
    """What ended the run. Leaves the deploy out, even if it explains the failure."""
    line: str = ""
    excerpt: tuple[str, ...] = ()
    advice: str = ""
    """What to do if no deploy is in progress; ``JOB`` in it stands for the job's ID."""
    cause: str = ""
    """What ended the run, for headlines; ``""`` if the sentence says it best."""
    lasts: bool = False
    """A person has to act, although other failures of this category may pass."""
    deploy_explains: bool = False
    """A deploy in progress would explain the failure."""
    deploy_may_explain: bool = False
    """A deploy in progress may explain the failure: only a run after it can show that."""
    fatal_error: FatalError | None = None
    window: DeployWindow = field(default_factory=lambda: DeployWindow(WindowState.UNKNOWN))

    @property
    def asks_for_deploy(self) -> bool:
        """Whether the state of the deploy decided about it."""
        return self.deploy_explains or self.deploy_may_explain or self.category.traits.shows_deploy

    @property
    def is_unsure(self) -> bool:
        """Nothing shows whether a later run would succeed: no cause was found, or no deploy could be checked."""
        explained = self.deploy_explains or self.deploy_may_explain
        unchecked = explained and self.window.state is WindowState.UNKNOWN
        return self.category.traits.unsure or (unchecked and not self.category.traits.heals)

    @property
    def may_end_with_deploy(self) -> bool:
        """Whether one more run after the deploy is to show if the deploy explains the failure.

        A cause that may pass by itself needs no such run once the deploy has ended: it is re-run anyway.
        """
        just_ended = self.window.state is WindowState.RECENT and not self.category.traits.heals
        return self.deploy_may_explain and (just_ended or self.window.state is WindowState.OPEN)

    @property
    def only_a_try_helps(self) -> bool:
        """Whether a re-run is made only because the deploy may explain the failure, not because the cause passes."""
        return self.may_end_with_deploy and not self.category.traits.heals

    @property
    def waits_for_deploy(self) -> bool:
        """Whether a re-run waits until the deploy ends."""
        return self.category.traits.waits_for_deploy or self.may_end_with_deploy

    @property
    def full_sentence(self) -> str:
        return full_sentence(self.category, self.sentence, self.window, self.deploy_may_explain)


class Rerun(Struct, frozen=True):
    """Run the job again at ``at``; if the deploy window is still open then, recheck later."""

    at: datetime
    reason: str
    size: Size | None = None
    """The size of the re-run; None for the target's own."""


class Alert(Struct, frozen=True):
    """Alert people now: no re-run follows."""

    no_rerun: str
    """Why none follows, as a clause."""

    @property
    def reason(self) -> str:
        return f"no re-run: {self.no_rerun}"


class HoldAlert(Struct, frozen=True):
    """Alert people at ``until`` unless the job has healed by then."""

    until: datetime
    reason: str
    no_rerun: str = ""
    """Why no re-run follows, as a clause; ``""`` if one is planned."""


class Nothing(Struct, frozen=True):
    reason: str


type Action = Rerun | Alert | HoldAlert | Nothing


class Plan(Struct, frozen=True):
    """The actions that follow from a diagnosis, each with its reason."""

    actions: tuple[Action, ...]

    def first[T: (Rerun, Alert, HoldAlert, Nothing)](self, kind: type[T]) -> T | None:
        return next((action for action in self.actions if isinstance(action, kind)), None)

    @property
    def word(self) -> str:
        """The plan as one word: ``rerun``, ``alert`` or ``none``."""
        if self.first(Rerun):
            return "rerun"
        return "alert" if self.first(Alert) or self.first(HoldAlert) else "none"
