"""``cronmend bench checks``: what a check of all schedules costs in calls of AWS, recorded at its own clients."""

from collections.abc import Callable, Iterator
from copy import replace
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cli.bench.calls import Calls
from cli.bench.canned_account import GROUP
from cli.bench.canned_aws import LEDGER, CannedAws, answered_by
from cli.bench.scenes import ENVIRONMENT
from cronmend.adapters.ecs import EcsRunningTasks
from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.items import to_item
from cronmend.adapters.ledger.latest_runs import list_key
from cronmend.adapters.recent_tasks import RecentTasks
from cronmend.jobs.identity import SCHEDULER
from cronmend.model import Category, DeployWindow, WindowState
from cronmend.model.incident import RunRecord
from cronmend.use_cases.reconciling.missed_runs import MissedRuns
from cronmend.wiring import reconcile

NOW = datetime.fromisoformat("2026-11-27T10:01:00+00:00")
SLOT = datetime.fromisoformat("2026-11-27T11:00:00+00:00")
_HOURLY = "cron(0 * * * ? *)"
"""Of every schedule."""
SIZES = (10, 100, 1_000)
_CLOSED = DeployWindow(WindowState.CLOSED)


@dataclass(frozen=True, slots=True)
class CheckCost:
    """Of one check."""

    schedules: int
    nothing_due: Calls
    on_record: Calls
    """Each schedule has a slot whose run has to have come, and it is on record."""
    none_came: Calls
    """Each has one, and no run came."""
    look: Calls
    """What is added once an hour: all sources of findings are examined, and nothing is new."""


def check_costs(progress: Callable[[int], None]) -> list[CheckCost]:
    """Args: progress: takes how many sizes are known."""
    found: list[CheckCost] = []
    for size in SIZES:
        found.append(_cost(size))
        progress(len(found))
    return found


def _cost(schedules: int) -> CheckCost:
    account = CannedAws([f"report-of-{number:04}" for number in range(schedules)], expression=_HOURLY)
    with answered_by(account):
        use_case = _in_no_time(reconcile.slots_use_case(ENVIRONMENT))
        while use_case.check(NOW).left:
            pass
        nothing = _checked(account, use_case, NOW + timedelta(minutes=5))
        for name in account.schedules:
            _record(account, name)
        on_record = _checked(account, use_case, SLOT + timedelta(minutes=10))
        none_came = _checked(account, use_case, SLOT + timedelta(minutes=70), missed=schedules)
        looked = _looked(account, SLOT + timedelta(hours=2))
    return CheckCost(schedules, nothing, on_record, none_came, looked)


def _in_no_time(use_case: MissedRuns) -> MissedRuns:
    """What ECS has answered is reused for a minute, however long this machine takes for a check."""
    tasks = RecentTasks(EcsRunningTasks(), clock=lambda: NOW)
    return replace(use_case, doubts=replace(use_case.doubts, tasks=tasks))


def _checked(account: CannedAws, use_case: MissedRuns, now: datetime, missed: int = 0) -> Calls:
    account.counted()
    result = use_case.check(now)
    if (len(result.missed), result.failed, result.left) != (missed, (), 0):
        raise ValueError(f"{len(result.missed)} missed, {result.left} left, {result.failed[:1]} at {now}")
    return _calls(account)


def _looked(account: CannedAws, now: datetime) -> Calls:
    """The first look finds that no schedule has a dead-letter queue, and the second one tells people."""
    use_case = reconcile.findings_use_case(ENVIRONMENT)
    for hours in range(3):
        account.counted()
        result = use_case.check(now + timedelta(hours=hours))
    if result.failed or result.new or result.told:
        raise ValueError(f"the third look: {result}")
    return _calls(account)


def _calls(account: CannedAws) -> Calls:
    counted = account.counted()
    ledger = sum(count for name, count in counted.items() if name.startswith(LEDGER))
    return Calls(ledger, counted.total() - ledger)


def _record(account: CannedAws, name: str) -> None:
    """A run of the first slot, which succeeded."""
    record = RunRecord(
        *(name, f"{GROUP}/{name}", 1, "", Category.SUCCESS, "exit.zero", "", "It exited with 0.", _CLOSED),
        *("nothing", (), f"{SCHEDULER}{name}", "webapp:2", SLOT),
        created_at=SLOT + timedelta(seconds=20),
        ran=True,
    )
    _store(account, f"JOB#{GROUP}/{name}", list_key(SLOT, name), kind="pointer", run=to_item(record))


def _store(account: CannedAws, pk: str, sk: str, **values: Any) -> None:
    account.items[pk, sk] = stored_form.written({"pk": pk, "sk": sk, **values})


def table(found: list[CheckCost]) -> str:
    """The table of docs/missed-runs.md."""
    return "\n".join(
        (
            "| schedules | nothing is due | each run is on record | no run came | findings, once an hour |",
            "| --- | --- | --- | --- | --- |",
            *_rows(found),
        )
    )


def _rows(found: list[CheckCost]) -> Iterator[str]:
    for each in found:
        counted = each.nothing_due, each.on_record, each.none_came, each.look
        cells = (f"{calls.others:,} + {calls.ledger:,}" for calls in counted)
        yield f"| {each.schedules:,} | {' | '.join(cells)} |"
