"""A sample is one stopped run as a JSON object: the input of ``classify``, ``explain`` and ``bench corpus``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cronmend.diagnosis.ruleset import Rules
from cronmend.diagnosis.steps import diagnose
from cronmend.errors import BadEvent
from cronmend.healing.plan import plan
from cronmend.healing.situation import Situation
from cronmend.incoming.task_events import stopped_task
from cronmend.model import DeployWindow, Diagnosis, Evidence, Plan, Policy, Signal, WindowState

STATED = "as the sample says"


class BadSample(ValueError):
    """A sample that can't be read; the message names the field and the expected value."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One stopped run to diagnose."""

    id: str
    evidence: Evidence
    policy: Policy


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
    return Sample(str(raw.get("id", "")), Evidence(task, tuple(log), window), policy)


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
    return plan(diagnosis, Situation(now=datetime.now(UTC), policy=sample.policy, ran=sample.evidence.task.ran))


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
        "fatal_error": {"type": error.type, "message": error.message} if error else None,
    }
