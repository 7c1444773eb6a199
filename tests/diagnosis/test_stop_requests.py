"""Reasons that callers of StopTask write: silence needs a plain word of a person, of a deploy or of a plan."""

import pytest

from cronmend.model import Diagnosis
from tests.diagnosis.test_steps import SCHEMA, run

PERSONS = (
    "Task stopped by user",
    "Stopped by user.",
    "Task killed by the user",
    "stopped by mia@shop.example",
    "Cancelled by an engineer during the incident",
    "Manually stopped: wrong input file",
    "manueller Abbruch durch Betrieb",
    "arrêt manuel",
    "aborted via the AWS console",
    "we stopped this before the drill",
    "no longer needed",
    "started by mistake",
    "terminated on request of finance",
    "workflow run was cancelled",
    "stopping runaway reindex, see #ops (mk)",
    "killing this backfill, it floods the replica (jo, see #data-eng)",
    "stopping for now, see OPS-4412",
    "aborting, asked by @lena in #billing",
)
PLANNED = (
    "Stopped by deployment of release 42",
    "superseded by web:58",
    "rolling update",
    "AWS CodeDeploy replaced the task set",
    "GitHub Actions: stopping the tasks of the old revision",
    "night-shutdown: all tasks in this cluster stop between 20:00 and 06:00",
)
LIMITS = (
    "exceeded its max runtime of 2h",
    "exceeded limit of 3600 s",
    "Job exceeded maximum duration",
    "Task timed out after 30 minutes",
    "timed-out by orchestrator",
    "Stopped by user automation: running for more than 4h",
    "cancelled by scheduler, ran too long",
    "killed by watchdog: no heartbeat for 15m",
    "reaper: task hung",
    "idle for 30 min, terminated on request of the reaper",
    "execution deadline passed",
    "SLA of 45 min breached",
    "no log output since 03:10",
    "stale task cleanup",
    "zombie process detected, stopping",
)
HOSTS = (
    "ECS is performing maintenance on the underlying infrastructure hosting the task",
    "Task is scheduled for retirement",
    "Fargate task retirement",
    "Draining container instance i-0a1b2c",
    "node replaced by instance refresh",
    "Host EC2 (instance i-0a1b2c) terminated.",
    "Spot capacity was reclaimed",
    "cluster scale-in: evicting tasks",
)
UNCLEAR = (
    "",
    "stopped",
    "cleanup",
    "Stopped by jobguard",
    "orphan reaper",
    "killed by supervisor",
    "monthly budget reached, stopped by cost guard",
    "circuit breaker: deployment failed health checks",
    "Stopped by user ops-bot after alarm JobErrors",
    "Auto-stopped by lambda stop-all",
    "stopping task: exceeded budget (see #ops-bot)",
    "cost-guard: stopping runaway task",
    "cancelled: upstream load-orders failed",
    "cpu limit exceeded, manual restart needed",
)


def asked(reason: str, code: int | None = 143) -> Diagnosis:
    return run(SCHEMA, code=code, stop=("UserInitiated", reason))


@pytest.mark.parametrize(
    ("category", "reasons"),
    [
        ("cancelled", PERSONS),
        ("cancelled", PLANNED),
        ("timeout", LIMITS),
        ("infrastructure", HOSTS),
        ("unknown", UNCLEAR),
        ("out_of_memory", ("memory limit exceeded", "OOM guard")),
    ],
)
def test_the_reason_decides_whatever_the_exit_code_and_the_log(category: str, reasons: tuple[str, ...]) -> None:
    found = {(reason, code): asked(reason, code).category for reason in reasons for code in (0, 1, 137, 143, None)}
    assert found == dict.fromkeys(found, category)


def test_an_unclear_reason_is_quoted() -> None:
    found = asked("Stopped by jobguard")
    assert found.rule == "stop_request.unknown"
    assert "Stopped by jobguard" in found.sentence
    assert found.line == "Stopped by jobguard"
    assert "CloudTrail" in found.advice


@pytest.mark.parametrize("stop_code", ["EssentialContainerExited", "ServiceSchedulerInitiated"])
def test_a_persons_words_count_only_for_a_stop_that_was_requested(stop_code: str) -> None:
    found = run(SCHEMA, stop=(stop_code, "manually stopped, exceeded its max runtime"))
    assert found.category == ("cancelled" if stop_code.startswith("Service") else "schema_mismatch")
