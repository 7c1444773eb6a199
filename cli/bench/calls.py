"""``cronmend bench calls``: what each event costs in calls of AWS and units of the ledger, by the handlers."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from cli.bench.canned_aws import LEDGER, CannedAws, with_table
from cli.bench.capacity import Units
from cli.bench.scene_events import Case
from cli.bench.scenes import ENVIRONMENT, Alerts, Runs, hold, jobs, keep_timetables, unhurried
from cronmend.model import Category


@dataclass(frozen=True, slots=True)
class Calls:
    ledger: int
    others: int

    @property
    def total(self) -> int:
        return self.ledger + self.others


@dataclass(frozen=True, slots=True)
class EventCost:
    """``first`` is for a new container; ``next`` for another run that had stopped before; None if there is none."""

    event: str
    schedules: int
    """How many share the first 19 characters of the job's name."""
    services: int
    first: Calls
    next: Calls | None
    units: Units
    """Of the ledger, for ``first``."""


_BUG = "a run fails: a bug"
_MANY = (1, 100, 1_000)
CASES = (
    Case("a run succeeds", Category.SUCCESS, exit_code=0),
    Case("a run succeeds without `CRONMEND_JOB`", Category.SUCCESS, exit_code=0, names_job=False),
    Case(_BUG, Category.SCHEMA_MISMATCH),
    Case(f"{_BUG}, 100 services", Category.SCHEMA_MISMATCH, services=100),
    Case("a run fails in a deploy: a re-run is planned", Category.DEPLOY_RACE, serves=1),
)
HOLDS = (1, 20)
"""Schedules that a deploy holds; :mod:`cli.bench.holds` counts for more, without the units."""
_BEFORE = timedelta(minutes=3)
"""Between a failure and the success that answers it; less than Cronmend waits for evidence."""


def costs(progress: Callable[[int], None]) -> list[EventCost]:
    """``progress`` takes how many are known."""
    found: list[EventCost] = []
    for cost in _costs():
        found.append(cost)
        progress(len(found))
    return found


def _of_case(case: Case) -> tuple[int, ...]:
    return _MANY if case.services == 1 else _MANY[-1:]


COUNT = sum(len(_of_case(case)) for case in CASES) + len(HOLDS) + 5


def _costs() -> Iterator[EventCost]:
    for case in CASES:
        yield from (_of_runs(case, schedules) for schedules in _of_case(case))
    yield from _of_incident()
    yield from map(_of_hold, HOLDS)


def _of_runs(case: Case, schedules: int) -> EventCost:
    account = _account(schedules, case)
    with with_table(account, ENVIRONMENT), unhurried():
        if not case.names_job:
            keep_timetables()
        _calls(account), account.used()
        runs = Runs(case)
        runs.end(account.schedules[0], "a1", ago=_BEFORE)
        first, units = _calls(account), account.used()
        runs.end(account.schedules[-1], "a2", ago=_BEFORE - timedelta(seconds=1))
        return EventCost(case.event, schedules, case.services, first, _calls(account), units)


def _of_incident() -> Iterator[EventCost]:
    """What follows a failure: its message, a re-run, a second job, and the end; each in a new container."""
    bug, race, success = CASES[2], CASES[4], CASES[0]
    account = _account(3, bug)
    first, second, third = account.schedules
    with with_table(account, ENVIRONMENT), Alerts(account) as alerts:
        runs = Runs(bug)
        runs.end(first, "a1", ago=_BEFORE)
        yield _of(account, "the first message, on three channels", alerts.deliver)
        runs.end(second, "a2", ago=_BEFORE)
        yield _of(account, "one more job joins", alerts.deliver)
        again = Runs(success)
        again.end(first, "a3")
        yield _of(account, "a run succeeds after an incident", lambda: again.end(first, "a4"))
        account.serves = 1
        Runs(race).end(third, "a5", ago=_BEFORE)
        account.serves = 2
        yield _of(account, "a re-run starts", lambda: alerts.rerun(third))
        yield _of(account, "the re-run succeeds", lambda: again.end(third, "a6", alerts.started_by))


def _of(account: CannedAws, event: str, handle: Callable[[], object]) -> EventCost:
    _calls(account), account.used()
    handle()
    return EventCost(event, len(account.schedules), 1, _calls(account), None, account.used())


def _of_hold(schedules: int) -> EventCost:
    account = _account(schedules, CASES[0])
    with with_table(account, ENVIRONMENT):
        hold(schedules)
    return EventCost("a deploy holds all schedules", schedules, 1, _calls(account), None, account.used())


def _account(schedules: int, case: Case) -> CannedAws:
    return CannedAws(jobs(schedules), ["web", *(f"other-{number}" for number in range(1, case.services))], case.serves)


def _calls(account: CannedAws) -> Calls:
    """Without the call of SQS that puts off an event's next delivery."""
    of_service = Counter[str]()
    for name, count in account.counted().items():
        of_service[name.partition(":")[0]] += count
    return Calls(of_service.pop(LEDGER, 0), of_service.total() - of_service["sqs"])


def table(found: list[EventCost]) -> str:
    """The table of docs/deploy.md."""
    rows = [
        "| event | schedules | services | calls, and of the ledger | the next one | write and read units |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for each in found:
        following = f"{each.next.others} + {each.next.ledger}" if each.next else ""
        first = f"{each.first.others:,} + {each.first.ledger:,}"
        units = f"{each.units.writes:,}, {each.units.reads:,g}"
        rows.append(f"| {each.event} | {each.schedules:,} | {each.services} | {first} | {following} | {units} |")
    return "\n".join(rows)
