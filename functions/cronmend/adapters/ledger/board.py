"""Everything that the board shows, in one bounded read: at most 20 calls for 1,000 jobs in one cluster."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from cronmend.adapters.aws import our_errors
from cronmend.adapters.ledger.deploy_notes import DynamoDeployNotes
from cronmend.adapters.ledger.due import INCIDENT, INDEX, OPEN
from cronmend.adapters.ledger.holds import DynamoHolds
from cronmend.adapters.ledger.mutes import DynamoMutes
from cronmend.adapters.ledger.states_of_jobs import DynamoStatesOfJobs
from cronmend.adapters.ledger.table import Table
from cronmend.adapters.ledger.timetables import DynamoTimetables
from cronmend.board.facts import Facts
from cronmend.jobs.policies import Policies


class DynamoBoard(Table):
    permissions = ("dynamodb:Query", "dynamodb:BatchGetItem")

    def facts(self, place: str, clusters: Sequence[str], policies: Policies, now: datetime) -> Facts:
        """
        Args:
            clusters: the ARNs of the watched clusters.
            policies: those of the jobs in jobs.toml.

        Raises:
            Retryable: the ledger doesn't answer.
        """
        timetables = DynamoTimetables(self._table, self._client).all()
        jobs = [*(each.job for each in timetables if each.cluster_arn), *self._broken()]
        holds, notes = DynamoHolds(self._table, self._client), DynamoDeployNotes(self._table, self._client)
        return Facts(
            now=now,
            place=place,
            timetables=timetables,
            states=DynamoStatesOfJobs(self._table, self._client).of(jobs),
            mutes=DynamoMutes(self._table, self._client).all(now),
            holds=[hold for cluster in clusters for hold in holds.of(cluster)],
            deploys=[note for cluster in clusters for note in notes.of(cluster)],
            policies=policies,
        )

    def _broken(self) -> Iterator[str]:
        """The jobs with an open incident: not all of them have a schedule."""
        for partition in (OPEN, INCIDENT):
            with our_errors("list the open incidents in the ledger"):
                pages = self._client.get_paginator("query").paginate(
                    TableName=self._table,
                    IndexName=INDEX,
                    KeyConditionExpression="promise = :partition",
                    ExpressionAttributeValues={":partition": {"S": partition}},
                )
                keys = [item for page in pages for item in page["Items"] if item["kind"]["S"] == "book"]
            yield from (each["pk"]["S"].removeprefix("JOB#") for each in keys)
