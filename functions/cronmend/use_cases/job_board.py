"""Read the board, and show it or one job's page in a widget of a CloudWatch dashboard. Changes nothing."""

from collections.abc import Mapping
from copy import replace
from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.board.build import Query, build
from cronmend.board.facts import Facts
from cronmend.board.html.job_page import job_fragment
from cronmend.board.html.page import Theme, fragment
from cronmend.board.html.widget import DashboardLinks, answer, widget
from cronmend.board.running import running
from cronmend.board.sources import AliveTasks, FactsSource, RecordsSource
from cronmend.board.story import Records
from cronmend.errors import CronmendError
from cronmend.incoming.dashboard_events import BoardRequest
from cronmend.jobs.policies import Policies

LONGEST = timedelta(days=7)
"""The ledger keeps eleven deploys of each source."""
SHORTEST = timedelta(hours=1)


class JobBoard(Struct, frozen=True):
    ledger: FactsSource
    records_of_jobs: RecordsSource
    tasks: AliveTasks
    place: str
    """Stack and Region, for the reader."""
    clusters: tuple[str, ...]
    """The ARNs of the watched clusters."""
    policies: Policies
    action_function: str = ""
    """The ARN of the function that the buttons call."""

    def facts(self, now: datetime) -> Facts:
        """Raises Retryable if the ledger doesn't answer."""
        found = self.ledger.facts(self.place, self.clusters, self.policies, now)
        return replace(found, running=self._running(found))

    def records(self, job: str) -> Records:
        """Raises Retryable if the ledger doesn't answer."""
        return self.records_of_jobs.read(job, self.policies.of(job))

    def show(self, asked: BoardRequest, own_function: str, now: datetime) -> str:
        """The board, or the page of one job.

        Args:
            own_function: the ARN of the function that shows it.

        Raises:
            Retryable: the ledger doesn't answer.
        """
        facts, theme, links = self.facts(now), Theme(asked.theme), DashboardLinks(own_function, self.action_function)
        query = Query(asked.text, state=asked.state, page=asked.page, job=asked.job)
        board = build(facts, query, _shown(asked.span, now))
        if not asked.job:
            return widget(fragment(board, links, query, theme))
        if len(board.rows) != 1:
            return answer(f"No job named {asked.job} is on the board any more.", theme)
        return widget(job_fragment(board, self.records(board.rows[0].job), links, theme))

    def _running(self, facts: Facts) -> Mapping[str, datetime]:
        """Nothing if the reader may not list tasks: the rest of the board is as useful."""
        try:
            found = [task for cluster in self.clusters for task in self.tasks.alive(cluster).tasks]
        except CronmendError:
            return {}
        return running(found, facts.timetables)


def _shown(span: tuple[datetime, datetime] | None, now: datetime) -> tuple[datetime, datetime] | None:
    """The dashboard's range of time, at most until now, for at least an hour and at most a week."""
    if span is None:
        return None
    end = min(span[1], now)
    return min(max(span[0], end - LONGEST), end - SHORTEST), end
