"""What a report is about: two queries of each job with a failure in its days, beside what the board reads."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.board import DynamoBoard
from cronmend.adapters.ledger.items import from_item
from cronmend.adapters.ledger.outbox import DynamoOutbox
from cronmend.adapters.ledger.table import Table
from cronmend.board.period import Past, Period, Sent
from cronmend.jobs.policies import Policies
from cronmend.model.incident import Incident, JobState

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class DynamoActivity(Table):
    permissions = DynamoBoard.permissions

    def __init__(self, table: str, place: str, clusters: Sequence[str], client: "DynamoDBClient | None" = None) -> None:
        """``place`` and ``clusters`` are those of :meth:`DynamoBoard.facts`."""
        super().__init__(table, client)
        self._place = place
        self._clusters = clusters

    def read(self, period: Period, now: datetime) -> Past:
        """
        Raises:
            Retryable: the ledger doesn't answer.
        """
        facts = DynamoBoard(self._table, self._client).facts(self._place, self._clusters, Policies(), now)
        incidents: list[Incident] = []
        messages: dict[str, Sent] = {}
        for state in facts.states.values():
            if _failed(state, period):
                incidents += [*self._over(state.job, period.since), *_open(state)]
                messages |= DynamoOutbox(self._table, self._client).of_job(state.job)
        return Past(facts, period, incidents, messages)

    def _over(self, job: str, since: datetime) -> Sequence[Incident]:
        """``~`` sorts after every time."""
        with our_errors(f"list the incidents of {job} in the ledger"):
            pages = self._client.get_paginator("query").paginate(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND sk BETWEEN :since AND :end",
                ExpressionAttributeValues={
                    ":pk": {"S": f"JOB#{job}"},
                    ":since": {"S": f"INCIDENT#{since.isoformat()}"},
                    ":end": {"S": "INCIDENT#~"},
                },
            )
            items = [stored_form.read(item) for page in pages for item in page["Items"]]
        return [from_item(Incident, item["incident"]) for item in items]


def _open(state: JobState) -> Sequence[Incident]:
    return [state.open_incident] if state.open_incident else []


def _failed(state: JobState, period: Period) -> bool:
    counts = state.past.between(period.first, period.last)
    return state.open_incident is not None or any(each.failed or each.missed or each.healed for each in counts)
