"""Deploy notes, held schedules and the circuit in memory. They reject the same writes as the table's conditions."""

from collections.abc import Sequence
from copy import replace
from dataclasses import dataclass, field
from datetime import datetime

from cronmend.deploys import DeployNote
from cronmend.deploys.following import Following, told
from cronmend.deploys.holds import Hold
from cronmend.model.report import Message
from local.memory.ledger import MemoryLedger


@dataclass
class MemoryDeployNotes:
    notes: dict[tuple[str, str], DeployNote] = field(default_factory=dict)

    def of(self, cluster_arn: str) -> Sequence[DeployNote]:
        return [note for (cluster, _), note in self.notes.items() if cluster == cluster_arn]

    def write(self, note: DeployNote, now: datetime) -> bool:
        known = self.notes.get((note.cluster_arn, note.row))
        if known and known.version != note.version:
            return False
        self.notes[note.cluster_arn, note.row] = replace(note, version=note.version + 1)
        return True


@dataclass
class MemoryHolds:
    holds: dict[tuple[str, str], Hold] = field(default_factory=dict)

    def get(self, cluster_arn: str, job: str) -> Hold | None:
        return self.holds.get((cluster_arn, job))

    def of(self, cluster_arn: str) -> Sequence[Hold]:
        return [hold for (cluster, _), hold in self.holds.items() if cluster == cluster_arn]

    def put(self, hold: Hold) -> Hold | None:
        known = self.holds.get((hold.cluster_arn, hold.job))
        if (known.version if known else 0) != hold.version or (known and known.id != hold.id):
            return None
        written = replace(hold, version=hold.version + 1)
        self.holds[hold.cluster_arn, hold.job] = written
        return written

    def remove(self, hold: Hold) -> None:
        known = self.holds.get((hold.cluster_arn, hold.job))
        if known and (known.version, known.id) == (hold.version, hold.id):
            del self.holds[hold.cluster_arn, hold.job]


@dataclass
class MemoryFollowings:
    rows: dict[str, Following] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    """Those about moves."""

    def all(self) -> Sequence[Following]:
        return tuple(self.rows.values())

    def put(self, row: Following) -> Following | None:
        known = self.rows.get(row.job)
        if (known.version if known else 0) != row.version:
            return None
        self.rows[row.job] = replace(row, version=row.version + 1)
        return self.rows[row.job]

    def remove(self, row: Following) -> None:
        known = self.rows.get(row.job)
        if known and known.version == row.version:
            del self.rows[row.job]

    def tell(self, rows: Sequence[Following], message: Message, now: datetime) -> bool:
        stale = any(each.job not in self.rows or self.rows[each.job].version != each.version for each in rows)
        if stale or any(each.incident == message.incident for each in self.messages):
            return False
        self.messages.append(message)
        self.rows |= {each.job: replace(told(each), version=each.version + 1) for each in rows}
        return True

    def leased_until(self, job: str, now: datetime) -> datetime | None:
        row = self.rows.get(job)
        return row.leased_until if row and row.is_leased(now) else None


@dataclass
class MemoryCircuit:
    ledger: MemoryLedger

    def open_until(self, now: datetime) -> datetime | None:
        until = self.ledger.circuit_until
        return until if until and until > now else None

    def open(self, until: datetime, message: Message, now: datetime) -> bool:
        if self.open_until(now):
            return False
        self.ledger.circuit_until = until
        self.ledger.put(message, now)
        return True

    def close(self, now: datetime) -> bool:
        was_open, self.ledger.circuit_until = self.open_until(now) is not None, None
        self.ledger.claimed.clear()
        return was_open
