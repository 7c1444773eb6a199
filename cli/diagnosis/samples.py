"""A sample is one stopped run as a JSON object: the input of ``classify``, ``explain`` and ``bench corpus``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cronmend.diagnosis.ruleset import Rules
from cronmend.diagnosis.steps import diagnose
from cronmend.errors import BadEvent
from cronmend.healing.guards import Blocker
from cronmend.healing.plan import blocker_of, plan
from cronmend.healing.situation import Limits, Situation
from cronmend.incoming.task_events import stopped_task
from cronmend.jobs.fargate_sizes import larger
from cronmend.jobs.policies import JobPolicy
from cronmend.model import (
    DeployWindow,
    Diagnosis,
    Evidence,
    LiveSchedule,
    Plan,
    Policy,
    Signal,
    Size,
    WindowState,
)

STATED = "as the sample says"


class BadSample(ValueError):
    """A sample that can't be read; the message names the field and the expected value."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One stopped run to diagnose."""

    id: str
    evidence: Evidence
    policy: JobPolicy
    schedule: LiveSchedule | None = None
    """None if the job's slots aren't known; then none is too near for a re-run."""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))


def sample_of(raw: object) -> Sample:
    """The sample that an object describes.

    Raises:
        BadSample: a field is missing or has a wrong value.
    """
    if not isinstance(raw, Mapping):
        raise BadSample(f"the sample is a {type(raw).__name__}; expected an object with id, event and log")
    log = raw.get("log") or []
    if not isinstance(log, list) or not all(isinstance(line, str) for line in log):
        raise BadSample("log: expected a list of strings, the oldest line first")
    try:
        task = stopped_task(raw.get("event") or {}, str(raw.get("job_container") or ""))
    except (BadEvent, AttributeError, TypeError) as error:
        raise BadSample(f"event: {error}") from error
    state = WindowState(_word(raw, "deploy", "closed", tuple(WindowState)))
    policy = Policy(_word(raw, "policy", "safe", tuple(Policy)))
    window = DeployWindow(state, Signal.NONE, f"the deploy is {state.value}, {STATED}")
    return Sample(str(raw.get("id", "")), Evidence(task, tuple(log), window), JobPolicy(rerun=policy))


def _word(raw: Mapping[str, Any], field: str, default: str, allowed: tuple[str, ...]) -> str:
    word = raw.get(field, default)
    if word not in allowed:
        raise BadSample(f"{field}: {word!r} is not one of {', '.join(allowed)}")
    return str(word)


def diagnosed(sample: Sample, rules: Rules | None = None) -> tuple[Diagnosis, str]:
    """The diagnosis and the plan's action, from the same code as in the Lambda function."""
    diagnosis = diagnose(sample.evidence, rules)
    return diagnosis, planned(diagnosis, sample).word


def planned(diagnosis: Diagnosis, sample: Sample) -> Plan:
    return plan(diagnosis, _situation(diagnosis, sample))


def blocked_by(diagnosis: Diagnosis, sample: Sample) -> Blocker | None:
    """The guard because of which the plan has no re-run; None if it has one, or if none would help."""
    return blocker_of(diagnosis, _situation(diagnosis, sample))


def _situation(diagnosis: Diagnosis, sample: Sample) -> Situation:
    """A first failure, with the template's limits, and nothing else going on in the account."""
    policy, category = sample.policy, diagnosis.category
    limits = Limits().of(policy.attempts, policy.deadline)
    return Situation(
        now=sample.now,
        policy=policy.rerun,
        schedule=sample.schedule,
        ran=sample.evidence.task.ran,
        waits_for_deploy=diagnosis.waits_for_deploy,
        most_reruns=limits.attempts(category),
        limits=limits,
        larger=_larger(sample, limits),
    )


def _larger(sample: Sample, limits: Limits) -> Size | None:
    size = sample.evidence.task.size
    return larger(size, limits.max_memory) if sample.policy.memory_step and size else None


def answer(sample: Sample, rules: Rules | None = None) -> dict[str, object]:
    """The output of ``classify`` for a sample."""
    diagnosis, action = diagnosed(sample, rules)
    error = diagnosis.fatal_error
    return {
        "id": sample.id,
        "category": diagnosis.category.value,
        "action": action,
        "rule": diagnosis.rule,
        "line": diagnosis.line,
        "reason": diagnosis.full_sentence,
        "deploy_may_explain": diagnosis.deploy_may_explain,
        "fatal_error": {"type": error.type, "message": error.message} if error else None,
    }
