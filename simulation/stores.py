"""The ledger's items in a history, which DynamoDB deletes some time after they expire.

Items expire as adapters/ledger/ writes them, with the least ``RecordDays`` that the template allows. What never expires
within a history, such as conversations, isn't here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cronmend.adapters.ledger.deploy_notes import KEPT
from cronmend.alerting.conversations import Conversation, Delivery
from cronmend.alerting.members import Member
from cronmend.deploys import DeployNote
from cronmend.deploys.following import Following
from cronmend.model import Category
from cronmend.model.alert_wakeups import AlertTimer, EscalateTimer
from cronmend.model.findings import KnownFinding
from cronmend.model.incident import Change, Commit
from cronmend.model.mutes import Mute
from cronmend.model.report import Message
from local.memory.alerting import (
    MemoryAlertPromises,
    MemoryConversations,
    MemoryHealth,
    MemoryMutes,
    MemoryOutbox,
    MemoryRateLimit,
)
from local.memory.deploys import MemoryCircuit, MemoryDeployNotes, MemoryFollowings, MemoryHolds
from local.memory.findings import MemoryFindings
from local.memory.ledger import MemoryLedger
from local.memory.promises import MemoryPromises
from local.memory.timetables import MemoryChecks, MemoryTimetables
from simulation.account import CLUSTER
from simulation.chance import Chance
from simulation.kernel import Kernel
from simulation.witness import Witness

LIFE = timedelta(days=7)
LATEST = 48 * 3600.0
"""Seconds after its expiry within which DynamoDB deletes an item.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html"""


@dataclass
class Expiry:
    kernel: Kernel
    chance: Chance
    _due: dict[str, float] = field(default_factory=dict)

    def at(self, name: str, time: datetime, delete: Callable[[], object]) -> None:
        """Delete the item some time after it expires, unless it is written again before that."""
        due = self._due[name] = time.timestamp() + self.chance.between(0, LATEST, f"expiry/{name}")
        self.kernel.at(due, lambda: self._delete(name, due, delete))

    def _delete(self, name: str, due: float, delete: Callable[[], object]) -> None:
        if self._due.get(name) == due:
            del self._due[name]
            delete()


@dataclass
class WatchedLedger(MemoryLedger):
    """Lets the checker know of each run and each slot without one. ``written`` is what its stream delivers."""

    expiry: Expiry = field(kw_only=True)
    witness: Witness = field(kw_only=True)
    written: list[Message] = field(default_factory=list)

    def commit(self, change: Change, now: datetime) -> Commit:
        known = self.read(change.job_state.job).incident
        answer = super().commit(change, now)
        slot = change.job_state.incident.missed_until if change.job_state.incident else None
        if answer is Commit.DONE and slot and (known is None or known.missed_until != slot):
            self.witness.saw("noted", job=change.job_state.job, slot=slot.timestamp())
        if answer is Commit.DONE and (run := change.run):
            facts = {"ok": run.category is Category.SUCCESS, "blind": self.witness.is_blind(run.task_id, run.job)}
            self.witness.saw("recorded", task=run.task_id, job=run.job, **facts)
            self.expiry.at(f"run/{run.task_id}", now + LIFE, lambda: self.runs.pop(run.task_id, None))
        if answer is Commit.DONE and (claim := change.claim):
            self.expiry.at(f"attempt/{claim.key}", now + LIFE, lambda: self.attempts.pop(claim.key, None))
        return answer

    def put(self, message: Message, now: datetime) -> None:
        super().put(message, now)
        self.written.append(message)
        self.keeps(message, now + LIFE)

    def keeps(self, message: Message, until: datetime) -> None:
        name = message.job, message.incident, message.change
        self.expiry.at(f"message/{'/'.join(name)}", until, lambda: self._forget(name))

    def _forget(self, name: tuple[str, str, str]) -> None:
        self.messages[:] = [each for each in self.messages if (each.job, each.incident, each.change) != name]
        self.unoffered.pop(name, None)


@dataclass
class Outbox(MemoryOutbox):
    def note(self, message: Message, deliveries: Mapping[str, Delivery], *, offered: bool = False) -> None:
        """Nothing is written if the message has expired."""
        if self.message(message.job, message.incident, message.change):
            super().note(message, deliveries, offered=offered)

    def deliveries(self, message: Message) -> Mapping[str, Delivery]:
        known = self.message(message.job, message.incident, message.change)
        return super().deliveries(message) if known else {}


@dataclass
class Conversations(MemoryConversations):
    expiry: Expiry = field(kw_only=True)

    def join(self, conversation: Conversation, member: Member, now: datetime) -> None:
        super().join(conversation, member, now)
        if member.healed:
            joined, incident = self.joined[conversation.id], member.incident
            self.expiry.at(f"member/{conversation.id}/{incident}", now + LIFE, lambda: joined.pop(incident, None))


@dataclass
class Mutes(MemoryMutes):
    expiry: Expiry = field(kw_only=True)

    def set(self, mute: Mute) -> None:
        super().set(mute)
        self.expiry.at(f"mute/{mute.jobs}", mute.until + timedelta(days=1), lambda: self.lift(mute.jobs))


@dataclass
class Notes(MemoryDeployNotes):
    expiry: Expiry = field(kw_only=True)

    def write(self, note: DeployNote, now: datetime) -> bool:
        written = super().write(note, now)
        if written:
            row, until = (note.cluster_arn, note.row), max(now, note.until) + KEPT
            self.expiry.at(f"note/{note.row}", until, lambda: self.notes.pop(row, None))
        return written


@dataclass
class AlertPromises(MemoryAlertPromises):
    ledger: WatchedLedger = field(kw_only=True)

    def keep(self, timer: AlertTimer) -> None:
        """The message of an escalation doesn't expire before it."""
        super().keep(timer)
        expiry = self.ledger.expiry
        expiry.at(f"timer/{timer.name}", timer.at + LIFE, lambda: self.timers.pop(timer.name, None))
        if isinstance(timer, EscalateTimer) and (message := self._message_of(timer)):
            self.ledger.keeps(message, timer.at + LIFE)

    def _message_of(self, timer: EscalateTimer) -> Message | None:
        return MemoryOutbox(self.ledger.messages).message(timer.job, timer.incident, timer.change)


@dataclass
class Followings(MemoryFollowings):
    """Records which moves people are told of."""

    ledger: WatchedLedger = field(kw_only=True)

    def tell(self, rows: Sequence[Following], message: Message, now: datetime) -> bool:
        done = super().tell(rows, message, now)
        if done:
            self.ledger.witness.saw("told", jobs=[each.job for each in rows])
            self.ledger.put(message, now)
        return done


@dataclass
class Notices:
    ledger: WatchedLedger

    def add(self, message: Message, now: datetime) -> bool:
        is_new = MemoryOutbox(self.ledger.messages).message(message.job, message.incident, message.change) is None
        if is_new:
            self.ledger.put(message, now)
        return is_new


@dataclass
class Findings(MemoryFindings):
    ledger: WatchedLedger = field(kw_only=True)

    def tell(self, known: Sequence[KnownFinding], message: Message, now: datetime) -> None:
        before = len(self.messages)
        super().tell(known, message, now)
        if len(self.messages) > before:
            self.ledger.put(message, now)


@dataclass
class Stores:
    """Everything in DynamoDB."""

    kernel: Kernel
    chance: Chance
    witness: Witness
    holds: MemoryHolds = field(default_factory=MemoryHolds)
    rate_limit: MemoryRateLimit = field(default_factory=MemoryRateLimit)
    health: MemoryHealth = field(default_factory=MemoryHealth)
    timetables: MemoryTimetables = field(default_factory=MemoryTimetables)
    checks: MemoryChecks = field(default_factory=MemoryChecks)
    ledger: WatchedLedger = field(init=False)
    followings: Followings = field(init=False)
    findings: Findings = field(init=False)
    notices: Notices = field(init=False)
    notes: Notes = field(init=False)
    conversations: Conversations = field(init=False)
    mutes: Mutes = field(init=False)
    circuit: MemoryCircuit = field(init=False)
    outbox: Outbox = field(init=False)
    alerts: AlertPromises = field(init=False)
    promises: MemoryPromises = field(init=False)

    def __post_init__(self) -> None:
        expiry = Expiry(self.kernel, self.chance)
        self.ledger = WatchedLedger(expiry=expiry, witness=self.witness)
        self.followings, self.findings = Followings(ledger=self.ledger), Findings(ledger=self.ledger)
        self.notices = Notices(self.ledger)
        self.notes, self.mutes = Notes(expiry=expiry), Mutes(expiry=expiry)
        self.conversations = Conversations(expiry=expiry)
        self.alerts = AlertPromises(ledger=self.ledger)
        self.conversations.keep, self.conversations.rate_limit = self.alerts.keep, self.rate_limit
        self.promises = MemoryPromises(self.ledger, self.alerts, self.holds, CLUSTER)
        self.circuit = MemoryCircuit(self.ledger)
        self.outbox = Outbox(self.ledger.messages, unoffered=self.ledger.unoffered)

    @property
    def streamed(self) -> Sequence[Message]:
        return self.ledger.written
