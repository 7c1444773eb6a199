"""Read what the board shows from the stack's ledger, and from ECS which jobs are running."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cli.on_call.stack import Stack
from cronmend.adapters.ledger.board import DynamoBoard
from cronmend.adapters.ledger.job_records import DynamoJobRecords
from cronmend.adapters.live_tasks import EcsLiveTasks
from cronmend.board.facts import Facts
from cronmend.board.running import running
from cronmend.board.story import Records
from cronmend.errors import CronmendError


@dataclass(frozen=True)
class BoardReader:
    stack: Stack

    def facts(self, now: datetime) -> Facts:
        board = DynamoBoard(self.stack.table, self.stack.dynamodb)
        found = board.facts(self._place, self.stack.cluster_arns, self.stack.policies(), now)
        return replace(found, running=self._running(found))

    def records(self, job: str) -> Records:
        policy = self.stack.policies().of(job)
        return DynamoJobRecords(self.stack.table, self.stack.dynamodb).read(job, policy)

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
