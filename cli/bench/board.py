"""``cronmend bench board``: what the board of many jobs takes in calls of the ledger, bytes and processor time.

As a dashboard's widget, the largest of its forms.
"""

import gzip
import time
from collections.abc import Iterator, Mapping, Sequence
from copy import replace
from dataclasses import dataclass
from typing import Any

from cli.board import sample
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.board import DynamoBoard
from cronmend.adapters.ledger.items import to_item
from cronmend.board.build import build
from cronmend.board.facts import Facts
from cronmend.board.html.page import fragment
from cronmend.board.html.widget import DashboardLinks, widget
from cronmend.jobs.policies import JobPolicy, Policies
from cronmend.model.incident import JobState
from cronmend.model.slos import Slo

_POLICIES = Policies(defaults=JobPolicy(slo=Slo(99, 28)))
"""Each row has its bar."""
_ARN = "arn:aws:lambda:eu-west-2:111122223333:function:cronmend"
_LINKS = DashboardLinks(f"{_ARN}-job-board", f"{_ARN}-board-action")
_PAGE = 1_000_000
"""Bytes that one answer of Query has at most."""


@dataclass(frozen=True, slots=True)
class BoardFigures:
    jobs: int
    calls: int
    """Of the ledger."""
    bytes: int
    compressed: int
    read_seconds: float
    """Of the processor, for the items."""
    build_seconds: float
    """The same for the board and its HTML."""


def figures(jobs: int) -> BoardFigures:
    table = _Table(*_items(sample.facts(), jobs))
    start = time.process_time()
    facts = DynamoBoard("ledger", table).facts(sample.PLACE, [sample.CLUSTER], _POLICIES, sample.NOW)  # type: ignore[arg-type] # all that is called
    read = time.process_time()
    html = widget(fragment(build(facts), _LINKS)).encode()
    built = time.process_time()
    return BoardFigures(len(facts.states), table.calls, len(html), len(gzip.compress(html)), read - start, built - read)


def _items(facts: Facts, jobs: int) -> tuple[Sequence[Mapping[str, Any]], Mapping[str, Mapping[str, Any]]]:
    """The rows of the timetables, and the states by key: each of the sample's jobs many times, with long names."""
    timetables, states = [], {}
    for number in range(jobs):
        like = facts.timetables[number % len(facts.timetables)]
        job = f"{like.job}-of-tenant-{number:04}"
        row = {"pk": "TIMETABLES", "sk": job, "timetable": to_item(replace(like, job=job))}
        timetables.append(stored_form.written(row))
        state = {"pk": f"JOB#{job}", "sk": "BOOK", "book": to_item(_state(facts.states[like.job], job, number))}
        states[f"JOB#{job}"] = stored_form.written(state)
    return timetables, states


def _state(like: JobState, job: str, number: int) -> JobState:
    """One in ten of the sample's broken jobs is broken."""
    is_broken = like.incident and number % 10 == 0
    return replace(like, job=job, incident=replace(like.incident, job=job) if like.incident and is_broken else None)


class _Table:
    """Counts its calls, and answers in pages as DynamoDB does."""

    def __init__(self, timetables: Sequence[Mapping[str, Any]], states: Mapping[str, Mapping[str, Any]]) -> None:
        self.calls = 0
        self._timetables = timetables
        self._states = states

    def get_paginator(self, _: str) -> "_Table":
        return self

    def paginate(self, **asked: Any) -> Iterator[Mapping[str, Any]]:
        rows = self._timetables if "TIMETABLES" in str(asked["ExpressionAttributeValues"]) else ()
        size = 0
        page: list[Mapping[str, Any]] = []
        for each in rows:
            if size > _PAGE:
                self.calls += 1
                yield {"Items": page}
                size, page = 0, []
            size += len(str(each)) // 2  # types and quotes aside
            page.append(each)
        self.calls += 1
        yield {"Items": page}

    def batch_get_item(self, RequestItems: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N803 # boto3's name
        self.calls += 1
        keys = (each["pk"]["S"] for each in RequestItems["ledger"]["Keys"])
        found = [self._states[key] for key in keys if key in self._states]
        return {"Responses": {"ledger": found}, "UnprocessedKeys": {}}
