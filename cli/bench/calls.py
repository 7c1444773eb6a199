"""``cronmend bench calls``: what each event costs in calls of AWS, recorded at the functions' own clients."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cli.bench.canned_aws import ECS, GROUP, CannedAws, answered_by, command
from cli.bench.storm_site import failed
from cronmend.deploys import Phase
from cronmend.incoming.deploy_events import Marker
from cronmend.jobs.identity import JOB_VARIABLE, NAME_KEPT, SCHEDULER
from cronmend.model import Category, Container, ContainerOverride, StoppedTask
from cronmend.wiring import deploy_state, task_state
from local.aws import ACCOUNT, CLUSTER, CLUSTER_ARN, REGION

_ARN = f"arn:aws:{{}}:{REGION}:{ACCOUNT}:{{}}"
ENVIRONMENT = {
    "LEDGER_TABLE": "ledger",
    "CLUSTERS": CLUSTER,
    "CLUSTER_ARN_PREFIX": CLUSTER_ARN.removesuffix(CLUSTER),
    "MODE_PARAMETER": "/cronmend/mode",
    "TIMER_GROUP": "cronmend-timers",
    "TIMER_ROLE_ARN": _ARN.format("iam", "role/timers"),
    "TIMER_DLQ_ARN": _ARN.format("sqs", "timers-dlq"),
    "RERUN_QUEUE_ARN": _ARN.format("sqs", "rerun"),
    "DEFAULT_RERUN_POLICY": "safe",
    "HOLD_SCHEDULES": "all",
}
LEDGER = "dynamodb:"


@dataclass(frozen=True, slots=True)
class Calls:
    ledger: int
    others: int


@dataclass(frozen=True, slots=True)
class EventCost:
    """``first`` is for a new container; ``next`` for another run that had stopped before; None if there is none."""

    event: str
    schedules: int
    """How many share the first 19 characters of the job's name."""
    services: int
    first: Calls
    next: Calls | None


@dataclass(frozen=True, slots=True)
class Case:
    """Runs of a job end with ``exit_code``; the services run revision ``serves``, the runs revision 2."""

    event: str
    category: Category
    exit_code: int = 1
    serves: int = 2
    names_job: bool = True
    schedules: tuple[int, ...] = (1, 100, 1_000)
    services: int = 1


CASES = (
    Case("a run succeeds", Category.SUCCESS, exit_code=0),
    Case("a run succeeds without `CRONMEND_JOB`", Category.SUCCESS, exit_code=0, names_job=False),
    Case("a run fails: a bug", Category.SCHEMA_MISMATCH),
    Case("a run fails: a bug, 100 services", Category.SCHEMA_MISMATCH, schedules=(1_000,), services=100),
    Case("a run fails in a deploy: a re-run is planned", Category.DEPLOY_RACE, serves=1),
)
HOLDS = (1, 100)
"""Schedules that a deploy holds."""


def costs(progress: Callable[[int], None]) -> list[EventCost]:
    """``progress`` takes how many are known."""
    found: list[EventCost] = []
    for cost in _costs():
        found.append(cost)
        progress(len(found))
    return found


COUNT = sum(len(case.schedules) for case in CASES) + len(HOLDS)


def _costs() -> Iterator[EventCost]:
    for case in CASES:
        yield from (_of_runs(case, schedules) for schedules in case.schedules)
    yield from map(_of_hold, HOLDS)


def _of_runs(case: Case, schedules: int) -> EventCost:
    account = _account(schedules, case)
    now = datetime.now(UTC)
    with answered_by(account):
        use_case = task_state.use_case(ENVIRONMENT)
        costs: list[Calls] = []
        for name in (account.schedules[0], account.schedules[-1]):
            record = use_case.handle(_run(name, case, f"{name}-{len(costs)}", now), now)
            if record.category is not case.category:
                raise ValueError(f"{case.event}: diagnosed as {record.category.value}, not {case.category.value}")
            costs.append(_calls(account))
    return EventCost(case.event, schedules, case.services, *costs)


def _of_hold(schedules: int) -> EventCost:
    account = _account(schedules, CASES[0])
    now = datetime.now(UTC)
    marker = Marker("m", Phase.STARTED, now, "webapp", "", "v2", timedelta(minutes=30))
    with answered_by(account):
        held = deploy_state.use_case(ENVIRONMENT).handle(marker, now).switched
    if len(held) != schedules:
        raise ValueError(f"{len(held)} of {schedules} schedules were held")
    return EventCost("a deploy holds all schedules", schedules, 1, _calls(account), None)


def _account(schedules: int, case: Case) -> CannedAws:
    names = [f"nightly-report-for-tenant-{number:04}" for number in range(schedules)]
    return CannedAws(names, ["web", *(f"other-{number}" for number in range(1, case.services))], case.serves)


def _run(name: str, case: Case, task_id: str, now: datetime) -> StoppedTask:
    variables = {JOB_VARIABLE: f"{GROUP}/{name}"} if case.names_job else {}
    return replace(
        failed(0, now - timedelta(seconds=5)),
        task_arn=f"{ECS}:task/app-prod/{task_id}",
        cluster_arn=CLUSTER_ARN,
        overrides=(ContainerOverride("web", command(name), variables),),
        containers=(Container("web", case.exit_code, image="site:2", image_digest="sha256:2"),),
        started_by=f"{SCHEDULER}{name[:NAME_KEPT]}",
    )


def _calls(account: CannedAws) -> Calls:
    counted = account.counted()
    ledger = sum(count for name, count in counted.items() if name.startswith(LEDGER))
    return Calls(ledger, counted.total() - ledger)


def table(found: list[EventCost]) -> str:
    """The table of docs/deploy.md."""
    rows = [
        "| event | schedules | services | calls, and of the ledger | the next one |",
        "| --- | --- | --- | --- | --- |",
    ]
    for each in found:
        following = f"{each.next.others} + {each.next.ledger}" if each.next else ""
        first = f"{each.first.others:,} + {each.first.ledger:,}"
        rows.append(f"| {each.event} | {each.schedules:,} | {each.services} | {first} | {following} |")
    return "\n".join(rows)
