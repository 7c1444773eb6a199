"""``cronmend bench costs``: a month of three loads in US dollars, from the units that each event is recorded to use.

Without any free tier, in US dollars in us-east-1. The prices are those of :data:`PRICED_ON`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cronmend.use_cases.reconciling.missed_runs import WRITTEN

PRICED_ON: Final = "November 2026"
HOURS: Final = 730
_MILLION: Final = 1e6
_WRITE, _READ = 0.625 / _MILLION, 0.125 / _MILLION
"""A unit of DynamoDB, on demand."""
_SQS, _REQUEST, _TIMER, _PUBLISH, _EVENT = (
    0.40 / _MILLION,
    0.20 / _MILLION,
    1.00 / _MILLION,
    0.50 / _MILLION,
    1.00 / _MILLION,
)
"""A request of SQS, an invocation of Lambda and of EventBridge Scheduler, a message of SNS, an event of one's own."""
_SECOND: Final = 0.5 * 0.0000133334
"""Of a function with 512 MB on arm64."""
_LOG: Final = 0.50 / _MILLION
"""A KB in CloudWatch Logs."""
_ALARM, _METRIC, _SECRET, _DASHBOARD = 0.10, 0.30, 0.40, 3.00

SUCCESS: Final = (2, 1)
"""Write and read units of a run that succeeds; the next ones are those of `cronmend bench calls`, too."""
FAILURE: Final = (16, 3)
MESSAGE: Final = (56, 8)
"""Of an alert on three channels."""
_REQUESTS_PER_RUN: Final = 3
"""The event is sent, received and deleted; that of a failure is put off, too."""
_SECONDS: Final[Mapping[str, float]] = {"success": 0.08, "failure": 1.0, "message": 2.0, "init": 1.2, "checked": 0.01}
"""Four calls of about 12 ms and 30 ms of its own for a success; one call for a slot's check."""
_LOGGED: Final = 0.65
"""KB of a success: START, END, REPORT and the metric."""
_IDLE_POLLS: Final = 1.3 * _MILLION
_CHECKS: Final = 12 * HOURS
_CHECKED: Final = 1
"""Read units of a slot's check, eventually consistent: at a run every five minutes, eight rows of 0.7 KB on average."""
_CHECKS_WRITTEN: Final = timedelta(hours=1) / WRITTEN
"""The most writes of a job's checked slots in an hour."""


@dataclass(frozen=True, slots=True)
class Load:
    name: str
    jobs: int
    runs_per_hour: float
    """Of each job."""
    failing: float
    """The share of the runs that fail, each with an alert of its own."""
    starts_per_hour: float
    """New containers of all functions. One that has nothing to do is removed after some minutes."""

    @property
    def runs(self) -> float:
        return self.jobs * self.runs_per_hour * HOURS

    @property
    def failures(self) -> float:
        return self.runs * self.failing


LOADS: Final = (
    Load("20 jobs a day, 1 failure in 100 runs", 20, 1 / 24, 0.01, 13),
    Load("100 jobs an hour, 1 failure in 25 runs", 100, 1, 0.04, 20),
    Load("1,000 jobs every 5 minutes, 1 failure in 10,000 runs", 1_000, 12, 0.0001, 30),
)


def month(load: Load) -> Mapping[str, float]:
    """US dollars by item."""
    runs, failures = load.runs, load.failures
    successes = runs - failures
    checks = load.jobs * min(load.runs_per_hour, _CHECKS_WRITTEN) * HOURS
    writes = successes * SUCCESS[0] + failures * (FAILURE[0] + MESSAGE[0]) + checks + _CHECKS
    reads = successes * SUCCESS[1] + failures * (FAILURE[1] + MESSAGE[1])
    reads += runs * _CHECKED + _CHECKS * (1 + load.jobs * 0.12)
    seconds = (
        successes * _SECONDS["success"]
        + failures * (_SECONDS["failure"] + _SECONDS["message"])
        + _CHECKS * 0.25
        + (runs + checks) * _SECONDS["checked"]
    )
    return {
        "DynamoDB, writes": writes * _WRITE,
        "DynamoDB, reads": reads * _READ,
        "SQS": (runs * _REQUESTS_PER_RUN + failures + _IDLE_POLLS) * _SQS,
        "Lambda": (runs + failures + _CHECKS) * _REQUEST + seconds * _SECOND,
        "Lambda, INIT": load.starts_per_hour * HOURS * _SECONDS["init"] * _SECOND,
        "CloudWatch Logs": (runs * _LOGGED + failures * 4 + _CHECKS) * _LOG,
        "SNS, EventBridge, timers": failures * (_PUBLISH + _EVENT + 3 * _TIMER),
        "21 alarms": 21 * _ALARM,
        "10 custom metrics": 10 * _METRIC,
        "the Slack secret": _SECRET,
        "the dashboard": _DASHBOARD,
    }


def table(loads: Sequence[Load] = LOADS) -> str:
    """The table of docs/deploy.md."""
    months = [month(load) for load in loads]
    rows = [
        f"| US dollars a month, prices of {PRICED_ON} | {' | '.join(load.name for load in loads)} |",
        f"| --- |{' --- |' * len(loads)}",
        *(f"| {item} | {' | '.join(f'{each[item]:.2f}' for each in months)} |" for item in months[0]),
        f"| total | {' | '.join(f'{sum(each.values()):.2f}' for each in months)} |",
    ]
    return "\n".join(rows)
