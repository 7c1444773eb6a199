"""Read what the board shows from the stack's ledger, and from ECS which jobs are running."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cli.on_call.stack import Stack
from cronmend.adapters.ledger.activity import DynamoActivity
from cronmend.adapters.ledger.board import DynamoBoard
from cronmend.adapters.ledger.job_records import DynamoJobRecords
from cronmend.adapters.live_tasks import EcsLiveTasks
from cronmend.board.facts import Facts
from cronmend.board.period import Past, Period
from cronmend.board.running import running
from cronmend.board.story import Records
from cronmend.errors import CronmendError
from cronmend.jobs import policies
from cronmend.jobs.policies import Policies


@dataclass(frozen=True)
class BoardReader:
    stack: Stack

    def facts(self, now: datetime) -> Facts:
        board = DynamoBoard(self.stack.table, self.stack.dynamodb)
        found = board.facts(self._place, self.stack.cluster_arns, policies_of_jobs(), now)
        return replace(found, running=self._running(found))

    def past(self, period: Period, now: datetime) -> Past:
        """What the ledger has about some days."""
        board = DynamoBoard(self.stack.table, self.stack.dynamodb)
        facts = board.facts(self._place, self.stack.cluster_arns, policies_of_jobs(), now)
        return DynamoActivity(self.stack.table, self.stack.dynamodb).read(facts, period)

    def records(self, job: str) -> Records:
        return DynamoJobRecords(self.stack.table, self.stack.dynamodb).read(job, policies_of_jobs().of(job))

    @property
    def _place(self) -> str:
        return f"{self.stack.name}, {self.stack.region_name}"

    def _running(self, facts: Facts) -> Mapping[str, datetime]:
        """Nothing if the reader may not list tasks: the rest of the board is as useful."""
        tasks = EcsLiveTasks(self.stack.client("ecs"))
        try:
            found = [task for cluster in self.stack.cluster_arns for task in tasks.alive(cluster).tasks]
        except CronmendError:
            return {}
        return running(found, facts.timetables)


def policies_of_jobs() -> Policies:
    return policies.read(policies.PATH.read_text(encoding="utf-8"))
