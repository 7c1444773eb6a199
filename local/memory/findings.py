"""The findings of the ledger, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cronmend.model.findings import Finding, KnownFinding, KnownFindings
from cronmend.model.report import Message


@dataclass
class MemoryFindings:
    rows: dict[str, KnownFinding] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)
    looked_at: datetime | None = None
    unanswered: tuple[str, ...] = ()

    def read(self) -> KnownFindings:
        return KnownFindings(tuple(self.rows.values()), self.looked_at, self.unanswered)

    def put(self, known: KnownFinding) -> None:
        self.rows[known.finding.key] = known

    def tell(self, known: Sequence[KnownFinding], message: Message, now: datetime) -> None:
        places = {(each.job, each.incident, each.change) for each in self.messages}
        if (message.job, message.incident, message.change) not in places:
            self.messages.append(message)
            self.rows |= {each.finding.key: each for each in known}

    def remove(self, finding: Finding) -> None:
        self.rows.pop(finding.key, None)

    def looked(self, now: datetime, unanswered: Sequence[str] = ()) -> None:
        self.looked_at, self.unanswered = now, tuple(unanswered)
