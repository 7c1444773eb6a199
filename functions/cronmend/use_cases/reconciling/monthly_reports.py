"""Tell the routes that ask for it what happened in the month before, once."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from cronmend.alerting.routes import Route, Routes
from cronmend.board import activity, monthly
from cronmend.board.activity import Activity
from cronmend.board.period import Past, Period
from cronmend.ports.alerting import StoredMessages
from cronmend.ports.notices import Notices


class PastActivity(Protocol):
    """A port; with the others, it would be below the room that it is about."""

    def read(self, period: Period, now: datetime) -> Past: ...


class MonthlyReports(Struct, frozen=True):
    past: PastActivity
    messages: StoredMessages
    notices: Notices
    routes: Routes

    def check(self, now: datetime) -> tuple[str, ...]:
        """The names of the routes whose message was written.

        Raises:
            Retryable, Permanent: the ledger can't be read or written.
        """
        found, told = dict[Period, Activity](), []
        for route, period in self._due(now):
            known = found.get(period) or activity.of(self.past.read(period, now))
            found[period] = known
            told += [route.name] if self.notices.add(monthly.message(known, route), now) else []
        return tuple(told)

    def _due(self, now: datetime) -> Iterator[tuple[Route, Period]]:
        for route in self.routes.routes.values():
            period = monthly.due(route, now)
            if period and self.messages.message(*monthly.key_of(route, period)) is None:
                yield route, period
