"""What is known about a stopped run, what is concluded from it and what is intended."""

from dataclasses import dataclass, field
from datetime import datetime

from cronmend.model.categories import Category, Signal, WindowState
from cronmend.model.runs import Log, LogPlace, Missing, Size, StoppedTask


@dataclass(frozen=True, slots=True)
class DeployWindow:
    """The state of the deploy around a run, the signal that decided it, and why in one sentence."""

    state: WindowState
    signal: Signal = Signal.NONE
    reason: str = ""
    since: datetime | None = None
    """When the window opened; None where no signal dates it."""
    during: str = ""
    """Says that a deploy began while the job ran; empty where none did."""


@dataclass(frozen=True, slots=True)
class History:
    """What the ledger remembers of a job."""

    last_success_at: datetime | None = None
    last_success_revision: int | None = None
    last_success_digest: str = ""
    durations: tuple[int, ...] = ()
    """Seconds that the latest successes took, oldest first."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a stopped run. A part that could not be had is :class:`Missing`."""

    task: StoppedTask
    log: Log | Missing
    window: DeployWindow
    history: History | Missing = field(default_factory=lambda: Missing("no history was asked for"))
    place: LogPlace | None = None
    """Where the log lies; None where it is nowhere that is known."""


@dataclass(frozen=True, slots=True)
class FatalError:
    """The error that ended the process, taken from the log."""

    type: str
    """The exception's or error's name as the runtime prints it, e.g. ``django.db.utils.ProgrammingError``."""
    message: str
    line: int
    """Index into the log of the line that states it."""
    causes: tuple["FatalError", ...] = ()
    """The chain behind it, nearest first; the last is the leaf."""


def full_sentence(category: Category, sentence: str, window: DeployWindow) -> str:
    """A diagnosis's sentence and, if the deploy explains the failure, how the deploy does."""
    if category is not Category.DEPLOY_RACE:
        return sentence
    why = window.reason or f"the deploy window is {window.state.value}"
    return f"{sentence.removesuffix('.')}. The deploy explains it: {why}"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What ended the run, what decided that, and one sentence that a person on call understands.

    ``line`` and ``excerpt`` are redacted and bounded: they may be stored and sent.
    """

    category: Category
    rule: str
    sentence: str
    """What ended the run, without the deploy, even if that explains it."""
    line: str = ""
    excerpt: tuple[str, ...] = ()
    advice: str = ""
    """What to do if no deploy is in progress; ``JOB`` in it stands for the job's id."""
    cause: str = ""
    """What ended the run, for headlines; ``""`` if the sentence says it best."""
    deploy_explains: bool = False
    """A deploy in progress would explain the failure."""
    fatal_error: FatalError | None = None
    window: DeployWindow = field(default_factory=lambda: DeployWindow(WindowState.UNKNOWN))

    @property
    def is_unsure(self) -> bool:
        """Nothing shows whether a later run would succeed: no cause was found, or no deploy could be looked for."""
        unchecked = self.deploy_explains and self.window.state is WindowState.UNKNOWN
        return self.category is Category.UNKNOWN or (unchecked and not self.category.traits.heals)

    @property
    def full_sentence(self) -> str:
        return full_sentence(self.category, self.sentence, self.window)


@dataclass(frozen=True, slots=True)
class Rerun:
    """Run the job again at ``at``, or look again then where the deploy window is still open."""

    at: datetime
    reason: str
    size: Size | None = None
    """What the re-run is given instead of the target's; None for the target's own."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Alert people now: no re-run follows."""

    no_rerun: str
    """Why none follows, as a clause."""

    @property
    def reason(self) -> str:
        return f"no re-run: {self.no_rerun}"


@dataclass(frozen=True, slots=True)
class HoldAlert:
    """Tell a person at ``until`` unless the job has healed by then."""

    until: datetime
    reason: str
    no_rerun: str = ""
    """Why no re-run follows, as a clause; ``""`` if one is planned."""


@dataclass(frozen=True, slots=True)
class Nothing:
    reason: str


type Action = Rerun | Alert | HoldAlert | Nothing


@dataclass(frozen=True, slots=True)
class Plan:
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
