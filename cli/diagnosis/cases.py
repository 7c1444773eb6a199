"""A case as one JSON object: what ``classify``, ``explain`` and ``bench corpus`` read."""

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

STATED = "as the case states it"


class BadCase(ValueError):
    """A case that can't be read; the message names the field and what it should be."""


@dataclass(frozen=True, slots=True)
class Case:
    """One stopped run to judge."""

    id: str
    evidence: Evidence
    policy: Policy


def case_of(raw: object) -> Case:
    """The case that an object describes.

    Raises:
        BadCase: a field is missing or not what it should be.
    """
    if not isinstance(raw, Mapping):
        raise BadCase(f"a case is a {type(raw).__name__}; expected an object with id, event and log")
    log = raw.get("log") or []
    if not isinstance(log, list) or not all(isinstance(line, str) for line in log):
        raise BadCase("log: expected a list of strings, the oldest line first")
    try:
        task = stopped_task(raw.get("event") or {}, str(raw.get("job_container") or ""))
    except (BadEvent, AttributeError, TypeError) as error:
        raise BadCase(f"event: {error}") from error
    state = WindowState(_word(raw, "deploy", "closed", tuple(WindowState)))
    policy = Policy(_word(raw, "policy", "safe", tuple(Policy)))
    window = DeployWindow(state, Signal.NONE, f"the deploy is {state.value}, {STATED}")
    return Case(str(raw.get("id", "")), Evidence(task, tuple(log), window), policy)


def _word(raw: Mapping[str, Any], field: str, default: str, allowed: tuple[str, ...]) -> str:
    word = raw.get(field, default)
    if word not in allowed:
        raise BadCase(f"{field}: {word!r} is none of {', '.join(allowed)}")
    return str(word)


def judged(case: Case, rules: Rules | None = None) -> tuple[Diagnosis, str]:
    """The diagnosis and the plan's one word, by the code that the Lambda function runs."""
    diagnosis = diagnose(case.evidence, rules)
    return diagnosis, planned(diagnosis, case).word


def planned(diagnosis: Diagnosis, case: Case) -> Plan:
    return plan(diagnosis, Situation(now=datetime.now(UTC), policy=case.policy, ran=case.evidence.task.ran))


def answer(case: Case, rules: Rules | None = None) -> dict[str, object]:
    """What ``classify`` prints of a case."""
    diagnosis, action = judged(case, rules)
    error = diagnosis.fatal_error
    return {
        "id": case.id,
        "category": diagnosis.category.value,
        "action": action,
        "rule": diagnosis.rule,
        "line": diagnosis.line,
        "reason": diagnosis.full_sentence,
        "fatal_error": {"type": error.type, "message": error.message} if error else None,
    }
