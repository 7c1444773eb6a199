"""What the fields of the stopped task say: its stop code, and the reasons of the task and its containers. Pure."""

from collections.abc import Iterable
from copy import replace
from typing import Final

from cronmend.diagnosis.case import Case, Verdict, of_rule, plain
from cronmend.diagnosis.ruleset import Rule, Where, matches
from cronmend.model import Category

UNKNOWN_STOP_CODE: Final = "stop_code.unknown"
UNKNOWN_REQUEST: Final = "stop_request.unknown"
_REQUESTED: Final = "UserInitiated"
"""The stop code after a call of StopTask, whoever made it: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html."""


def stopped_by_aws(case: Case) -> Verdict | None:
    """AWS stopped the task: exit code 0 is then no success, and 137 doesn't mean out of memory."""
    task = case.evidence.task
    found = _by(case, Where.STOP_CODE, task.stop_code)
    if found and found.category is Category.INFRASTRUCTURE:
        return found
    return None if task.stop_code == _REQUESTED else _by(case, Where.STOPPED_REASON, case.stopped_reason)


def stopped_by_request(case: Case) -> Verdict | None:
    """A caller of StopTask wrote the reason: a person, a deployer, or a program that ends failing tasks.

    Only the first two are no failure, so a reason that names neither is unknown.
    """
    if case.evidence.task.stop_code != _REQUESTED:
        return None
    known = _by(case, Where.STOP_REQUEST, case.stopped_reason) or stopped_on_purpose(case)
    return known or Verdict(
        Category.UNKNOWN,
        UNKNOWN_REQUEST,
        f"A StopTask call ended the run, and its reason names no person and no deploy: {case.stopped_reason or 'none'}",
        case.stopped_reason,
        "Find out who or what called StopTask (CloudTrail shows the caller), and why. Then run `cronmend rerun JOB`.",
        cause='a StopTask call ended it for an unknown reason; its text is "{line}"'
        if case.stopped_reason
        else "a StopTask call without a reason ended it",
    )


def stopped_on_purpose(case: Case) -> Verdict | None:
    found = _by(case, Where.STOP_CODE, case.evidence.task.stop_code)
    return replace(found, line=case.stopped_reason or found.line) if found else None


def out_of_memory(case: Case) -> Verdict | None:
    """ECS's reasons for the job's container and the task; a sidecar's too, unless the job exited with 0."""
    reasons = case.reasons
    if case.exit_code == 0 and case.job:
        reasons = f"{case.job_reason}\n{case.stopped_reason}"
    found = _by(case, Where.REASON, reasons)
    if not found or found.category is not Category.OUT_OF_MEMORY:
        return None
    return _of_sidecar(case, found) or found


def _of_sidecar(case: Case, found: Verdict) -> Verdict | None:
    """The verdict that names the sidecar which ran out of memory and took the job down."""
    if _by(case, Where.REASON, f"{case.job_reason}\n{case.stopped_reason}") == found:
        return None
    others = (container for container in case.evidence.task.containers if container is not case.job)
    starved = next((other for other in others if _by(case, Where.REASON, plain(other.reason)) == found), None)
    if starved is None:
        return None
    return replace(
        found,
        sentence=f"Container {starved.name}, not the job's own, ran out of memory: {found.line}",
        cause=f"its container {starved.name} ran out of memory",
        advice=f"Give container {starved.name} more memory in the task definition. Then run `cronmend rerun JOB`.",
    )


def ended_unexplained(case: Case) -> Verdict | None:
    """AWS may have stopped the task for a reason added after this version, and then exit code 0 is no success."""
    if case.exit_code != 0 or not case.unknown_stop_code:
        return None
    advice = "Check in the ECS console whether the job finished its work. To know the new stop code, update Cronmend."
    sentence = f"{case.unknown_stop_code} So exit code 0 doesn't show that the job succeeded."
    return Verdict(
        Category.UNKNOWN, UNKNOWN_STOP_CODE, sentence, case.stopped_reason, advice, cause="unknown ECS stop code"
    )


def never_ran(case: Case) -> Verdict | None:
    """Checks the reasons of all containers: a failed init container keeps the job from starting."""
    if case.exit_code is not None:
        return None
    return _by(case, Where.REASON, case.reasons)


def said_by_container(case: Case) -> Verdict | None:
    return _by(case, Where.CONTAINER_REASON, case.job_reason)


def said_by_task(case: Case) -> Verdict | None:
    return _by(
        case, Where.REASON, case.stopped_reason if case.job is None else f"{case.job_reason}\n{case.stopped_reason}"
    )


def deciding(rule: Rule, lines: Iterable[str]) -> str:
    """The first line that the rule matches alone; ``""`` if it needs several lines to match."""
    return next((line for line in lines if matches(rule, line)), "")


def _by(case: Case, where: Where, text: str) -> Verdict | None:
    found = case.rules.matching(where, text)
    return of_rule(found[0], deciding(found[0], text.split("\n")) or text) if found else None
