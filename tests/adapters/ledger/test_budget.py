"""The limit over all jobs on DynamoDB: exact over any hour, with any number of writers."""

from collections.abc import Iterator
from copy import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import boto3
import pytest

from cronmend.adapters.ledger.budget import HourlyBudget
from cronmend.adapters.ledger.circuit import DynamoCircuit
from cronmend.adapters.ledger.ledger import DynamoLedger
from cronmend.model.incident import Attempt, Change, Commit, JobState
from local.memory.ledger import HOUR
from tests.adapters.ledger.test_ledger import table
from tests.fakes import NOW, later


def ledger_of(bound: int, client: Any = None) -> DynamoLedger:
    return DynamoLedger("ledger", timedelta(days=90), bound, client or boto3.client("dynamodb"))


def claim(number: int, at: datetime) -> Change:
    """A re-run of a job of its own: only the limit over all jobs can block it."""
    job = f"g/job-{number}"
    return Change(JobState(job), claim=Attempt(f"{number * 7919:026x}", job, "", 2, at))


@pytest.mark.parametrize("seed", range(3))
def test_no_hour_has_more_and_no_claim_within_the_limit_is_refused(aws: None, seed: int) -> None:
    table()
    ledger, random, at, claimed = ledger_of(3), Random(seed), NOW, list[datetime]()  # noqa: S311 # no secret
    for number in range(40):
        at += timedelta(minutes=random.choice((0, 1, 7, 19, 41)))
        has_room = sum(at - each < HOUR for each in claimed) < 3
        assert ledger.commit(claim(number, at), at) is (Commit.DONE if has_room else Commit.OVER_BUDGET)
        claimed += [at] if has_room else []
    assert all(sum(at <= each < at + HOUR for each in claimed) <= 3 for at in claimed)
    assert 10 < len(claimed) < 40


def test_of_two_claims_of_the_same_free_slot_one_decides_again(aws: None) -> None:
    table()
    client = boto3.client("dynamodb")
    first, others = ledger_of(1, client), ledger_of(1)
    in_between: Iterator[Change] = iter([claim(2, NOW)])

    def somebody_else_claims(**_: Any) -> None:
        for change in in_between:
            assert others.commit(change, NOW) is Commit.DONE

    client.meta.events.register("before-call.dynamodb.TransactWriteItems", somebody_else_claims)
    assert first.commit(claim(1, NOW), NOW) is Commit.AGAIN
    assert first.commit(claim(1, NOW), NOW) is Commit.OVER_BUDGET


def test_a_claimed_attempt_is_known_even_past_the_limit(aws: None) -> None:
    table()
    ledger = ledger_of(1)
    assert ledger.commit(claim(1, NOW), NOW) is Commit.DONE
    again = claim(1, NOW)
    assert ledger.commit(replace(again, job_state=replace(again.job_state, version=1)), NOW) is Commit.KNOWN


def test_claims_made_at_once_use_different_slots(aws: None) -> None:
    table()
    budget = HourlyBudget("ledger", 30, boto3.client("dynamodb"))
    asked = {budget.free(f"{number:026x}", NOW) for number in range(30)}
    assert asked == set(range(30))


def test_a_lowered_limit_counts_earlier_claims(aws: None) -> None:
    table()
    wide = ledger_of(5)
    for number in range(4):
        assert wide.commit(claim(number, NOW), NOW) is Commit.DONE
    assert ledger_of(2).commit(claim(9, later(1)), later(1)) is Commit.OVER_BUDGET


def test_closing_the_circuit_frees_the_hour(aws: None) -> None:
    table()
    ledger = ledger_of(1)
    ledger.commit(claim(1, NOW), NOW)
    assert ledger.commit(claim(2, NOW), NOW) is Commit.OVER_BUDGET
    DynamoCircuit("ledger", timedelta(days=1)).close(NOW)
    assert ledger.commit(claim(2, NOW), NOW) is Commit.DONE
