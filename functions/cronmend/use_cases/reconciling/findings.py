"""Find what will need a person although no run has failed, and tell people of each finding once."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from copy import replace
from datetime import datetime, timedelta
from itertools import batched
from typing import Final

from msgspec import Struct, field

from cronmend.alerting import findings
from cronmend.alerting.routes import Routes
from cronmend.errors import CronmendError
from cronmend.jobs.policies import JobPolicy
from cronmend.model import Category
from cronmend.model.findings import Finding, FindingKind, KnownFinding, KnownFindings, OnFinding
from cronmend.ports.findings import FindingSource, FindingStore
from cronmend.use_cases.reconciling.timetables import IsTimeUp

EVERY: Final = timedelta(minutes=57)
"""An hour, less what a check every five minutes may come too early."""
MOST_TOGETHER: Final = 90
"""Findings in one message: the ledger writes them in one transaction of at most 100 items."""
MOST_REASONS: Final = 20
"""Reasons that the ledger keeps: each has hundreds of bytes, and an item at most 400 KB."""


class FoundFindings(Struct):
    is_due: bool = True
    """Whether the sources were examined by this check."""
    new: list[Finding] = field(default_factory=list)
    told: list[Finding] = field(default_factory=list)
    """Those that a message was written about."""
    ended: list[Finding] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    """Sources that couldn't be examined, or not as a whole, each with the reason."""


class Findings(Struct, frozen=True):
    store: FindingStore
    sources: tuple[FindingSource, ...]
    routes: Routes
    policy: Callable[[str], JobPolicy]

    def check(self, now: datetime, is_time_up: IsTimeUp = lambda: False) -> FoundFindings:
        """Examine all sources once an hour; one that fails stops no other, and what it has found before stays.

        They are examined sooner if a run will fail before the next hour because of something that is new, and again
        when others that were new then may be told.

        Raises:
            Retryable, Permanent: the ledger can't be read or written.
        """
        before, found = self.store.read(), FoundFindings()
        if not _is_due(before, now):
            return replace(found, is_due=False)
        for source in self.sources:
            if is_time_up():
                return found
            self._examine(source, before.known, now, found)
        self.store.looked(now, list(dict.fromkeys(reason for _, reason in found.failed))[:MOST_REASONS])
        return found

    def _examine(
        self, source: FindingSource, known: Sequence[KnownFinding], now: datetime, found: FoundFindings
    ) -> None:
        name = type(source).__name__
        try:
            looked = source.look(now)
        except CronmendError as error:
            found.failed.append((name, str(error)))
            return
        found.failed += [(name, reason) for reason in looked.unanswered]
        changes = findings.changes(known, looked, source.kinds, now)
        for each in (*changes.new, *(each for each in changes.ended if each.finding not in changes.forgotten)):
            self.store.put(each)
        for finding in changes.forgotten:
            self.store.remove(finding)
        found.new += [each.finding for each in changes.new]
        found.ended += [each.finding for each in changes.ended]
        found.told += self._tell(changes.current, now)

    def _tell(self, current: Sequence[KnownFinding], now: datetime) -> Iterator[Finding]:
        """One message for all findings of a kind that take the same route."""
        groups: dict[tuple[FindingKind, str, OnFinding, str], list[KnownFinding]] = defaultdict(list)
        for each in current:
            policy = self.policy(each.finding.job)
            if findings.is_to_be_told(each, now) and policy.on_finding is not OnFinding.NONE:
                severity = policy.severity if policy.on_finding is OnFinding.ALERT else findings.SEVERITY
                route = self.routes.of(each.finding.job, severity, Category.SUCCESS, policy.alert)
                groups[each.finding.kind, route.name, policy.on_finding, severity].append(each)
        for (_, route_name, wanted, severity), group in groups.items():
            for some in batched(sorted(group, key=lambda each: each.finding.key), MOST_TOGETHER, strict=False):
                told = [replace(each, notified_at=now) for each in some]
                self.store.tell(told, findings.message(told, route_name, wanted, severity), now)
                yield from (each.finding for each in told)


def _is_due(before: KnownFindings, now: datetime) -> bool:
    looked_at = before.looked_at
    if looked_at is None or now - looked_at >= EVERY:
        return True
    return any(findings.is_awaited(each, looked_at, now) for each in before.known)
