"""No heal is false in any past: deploys, migrations and outages at random times, many of them at the worst."""

import random
from collections.abc import Iterator
from copy import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cli.console import progress
from cli.what_if.app import sources
from cli.what_if.gather import gather
from cli.what_if.judge import Result, what_if
from cronmend.model import Policy
from tests.cli.what_if.account import InventedAccount
from tests.cli.what_if.invented import MINUTE, START, Deploy, Truth, deploy

DAYS = 5


@pytest.mark.parametrize("seed", [2, 12])
def test_no_heal_is_false_and_no_failure_is_lost(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 # a past to be repeated, no secret
    truth = Truth(tuple(deploys(chance)), outages(chance), START + timedelta(days=DAYS))
    account = InventedAccount(truth)
    past = gather(sources(account.session(), 10_000, lambda _: None), START, truth.end, progress)
    found = what_if(past, Policy.SAFE, migrates_before_rollout=False)
    runs = {each.task_id: each for each in truth.runs()}
    assert {each.task_id for each in found.cases} == {task for task, run in runs.items() if truth.of_run(run).code == 1}
    healed = [each for each in found.cases if each.result is Result.HEALED]
    assert healed
    causes = replace(truth, outages=())  # that no outage began just then can't be seen by anyone
    for each in healed:
        run = runs[each.task_id]
        assert causes.ends(run.job, each.reruns[-1], run.revision).code == 0
    assert not found.errors
    assert found.alerts[0] <= found.alerts[1]


def outages(chance: random.Random) -> tuple[tuple[datetime, datetime], ...]:
    starts = [START + timedelta(days=chance.randrange(DAYS), hours=chance.randrange(24)) for _ in range(3)]
    return tuple((at - MINUTE, at + chance.randrange(5, 90) * MINUTE) for at in starts)


def deploys(chance: random.Random) -> Iterator[Deploy]:
    """One a day, most of them minutes before an hourly run."""
    yield deploy(1, -20, "10:20")
    for day in range(DAYS):
        at = START + timedelta(days=day, hours=chance.randrange(20), minutes=chance.choice((50, 55, 57, 59, 2, 20)))
        started = at + chance.randrange(1, 20) * MINUTE
        ended = started + chance.randrange(1, 12) * MINUTE
        usual = replace(deploy(day + 2, day, "10:00"), registered=at, started=started, ended=ended)
        yield replace(usual, **chance.choice(ways(usual, chance)))


def ways(usual: Deploy, chance: random.Random) -> list[dict[str, Any]]:
    """To migrate: on a CI runner, as a task, both before, soon after or long after the rollout; or never."""
    between = usual.registered + (usual.started - usual.registered) * chance.random()
    soon, late = (usual.ended + chance.randrange(low, high) * MINUTE for low, high in ((1, 5), (5, 90)))
    return [
        {"migrated": between},
        {"migrated": usual.registered + 3 * MINUTE, "by_task": True},
        {"migrated": late},
        {"migrated": late, "by_task": True},
        {"migrated": soon, "by_task": True},
        {"migrated": None, "status": "ROLLBACK_SUCCESSFUL"},
        {"migrated": usual.registered, "changes_schema": False},
    ]
