"""Read what the board shows from the stack's ledger, and from ECS which jobs are running."""

from dataclasses import dataclass
from datetime import datetime

from cli.on_call.stack import Stack
from cronmend.adapters.ledger.activity import DynamoActivity
from cronmend.adapters.ledger.board import DynamoBoard
from cronmend.adapters.ledger.job_records import DynamoJobRecords
from cronmend.adapters.live_tasks import EcsLiveTasks
from cronmend.board.facts import Facts
from cronmend.board.period import Past, Period
from cronmend.board.story import Records
from cronmend.use_cases.job_board import JobBoard


@dataclass(frozen=True)
class BoardReader:
    stack: Stack

    def facts(self, now: datetime) -> Facts:
        return self._board().facts(now)

    def past(self, period: Period, now: datetime) -> Past:
        """What the ledger has about some days."""
        stack = self.stack
        return DynamoActivity(stack.table, self._place, stack.cluster_arns, stack.dynamodb).read(period, now)

    def records(self, job: str) -> Records:
        return self._board().records(job)

    @property
    def _place(self) -> str:
        return f"{self.stack.name}, {self.stack.region_name}"

    def _board(self) -> JobBoard:
        stack = self.stack
        return JobBoard(
            ledger=DynamoBoard(stack.table, stack.dynamodb),
            records_of_jobs=DynamoJobRecords(stack.table, stack.dynamodb),
            tasks=EcsLiveTasks(stack.client("ecs")),
            place=self._place,
            clusters=tuple(stack.cluster_arns),
            policies=stack.policies(),
        )
