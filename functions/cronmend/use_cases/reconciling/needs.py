"""Find the roles, secrets and certificates that make the next runs fail because they are gone or expire."""

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import datetime
from typing import Final

from msgspec import Struct

from cronmend.jobs import needs
from cronmend.jobs.needs import Needed
from cronmend.model import Missing
from cronmend.model.findings import Finding, FindingKind, Looked
from cronmend.model.needs import Described, Need, NeedKind
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import Timetable
from cronmend.ports.findings import Needs
from cronmend.use_cases.reconciling.in_use import InUse, InUseReader

MOST_ASKED: Final = 100
"""Of all kinds together, those of the next slots first. Each costs a call of at most 50 ms."""

type Users = Mapping[str, tuple[Timetable, Sequence[Needed]]]
"""By job: what its runs need."""


class NeedsOfRuns(Struct, frozen=True):
    in_use: InUseReader
    account: Needs
    of: Set[NeedKind]
    repositories: tuple[str, ...] = ()
    """Names or patterns of those whose images may be looked for."""

    @property
    def kinds(self) -> frozenset[FindingKind]:
        return needs.KINDS

    def look(self, now: datetime) -> Looked:
        """
        Raises:
            Retryable, Permanent: the ledger, ECS or one of the services can't be read.
        """
        if not self.of:
            return Looked()
        in_use = self.in_use.read(now)
        users = self._users(in_use)
        wanted = list(dict.fromkeys(each.need for _, needed in users.values() for each in needed))
        described = self.account.described(wanted[:MOST_ASKED])
        unknown = {job for job, (_, needed) in users.items() if any(_is_unknown(each, described) for each in needed)}
        unread = frozenset({each.job for each in in_use.active} - users.keys() | unknown)
        reasons = dict.fromkeys(each.reason for each in described.values() if isinstance(each, Missing))
        return Looked(tuple(_found(users, described, now)), unread, tuple(reasons))

    def _users(self, in_use: InUse) -> Users:
        read = ((each, in_use.definition(each)) for each in in_use.active)
        return {
            each.job: (each, needs.needed(each, definition, self.of, self.repositories))
            for each, definition in read
            if isinstance(definition, TaskDefinition)
        }


def _is_unknown(needed: Needed, described: Mapping[Need, Described | Missing]) -> bool:
    return not isinstance(described.get(needed.need), Described)


def _found(users: Users, described: Mapping[Need, Described | Missing], now: datetime) -> Iterator[Finding]:
    for timetable, needed in users.values():
        for each in needed:
            answer = described.get(each.need)
            if isinstance(answer, Described) and (found := needs.problem(timetable, each, answer, now)):
                yield found
