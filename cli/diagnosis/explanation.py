"""The answer of `cronmend explain`, and its document."""

from collections.abc import Iterator, Mapping
from copy import replace
from dataclasses import dataclass
from typing import Any

from cli.diagnosis.question import Question
from cli.diagnosis.samples import Sample, blocked_by, diagnosed, planned
from cronmend.diagnosis.ruleset import Rules
from cronmend.healing.guards import Blocker
from cronmend.jobs import watched
from cronmend.model import (
    Action,
    Alert,
    DeployWindow,
    Diagnosis,
    FatalError,
    HoldAlert,
    Missing,
    Nothing,
    Plan,
    Policy,
    Rerun,
    WindowState,
)

_STATES = {WindowState.OLDER_CODE: "older", WindowState.UNKNOWN: "not known"}
"""States with another name in `--deploy`."""
KINDS = {Rerun: "rerun", Alert: "alert", HoldAlert: "hold_alert", Nothing: "nothing"}


@dataclass(frozen=True, slots=True)
class Alternative:
    """A circumstance under which the answer would differ."""

    condition: str
    category: str
    action: str


@dataclass(frozen=True, slots=True)
class Explanation:
    question: Question
    diagnosis: Diagnosis
    plan: Plan
    blocker: Blocker | None
    alternatives: tuple[Alternative, ...]
    unwatched: str
    """Why Cronmend doesn't get the event of this run at all, as a sentence; ``""`` if it does."""


def explained(question: Question, rules: Rules | None = None) -> Explanation:
    """``rules``: a team's own before the shipped ones; None for the shipped ones."""
    sample = question.sample
    diagnosis, _ = diagnosed(sample, rules)
    plan, blocker = planned(diagnosis, sample), blocked_by(diagnosis, sample)
    return Explanation(question, diagnosis, plan, blocker, tuple(_alternatives(sample, rules)), _unwatched(sample))


def _unwatched(sample: Sample) -> str:
    """Which clusters the stack watches isn't known here: the run's own counts as one of them."""
    task = sample.evidence.task
    verdict = watched.of_started_by(task.started_by, task.cluster_arn, (task.cluster_arn,))
    return verdict.reason if verdict.watch is watched.Watch.NO else ""


def document(explanation: Explanation) -> dict[str, Any]:
    """The document of `--json`: keys are only added, never renamed."""
    diagnosis, sample = explanation.diagnosis, explanation.question.sample
    return {
        "job": explanation.question.job or None,
        "category": diagnosis.category.value,
        "sentence": diagnosis.full_sentence,
        "rule": diagnosis.rule,
        "line": diagnosis.line,
        "fatal_error": _error(diagnosis.fatal_error),
        "advice": diagnosis.advice,
        "excerpt": list(diagnosis.excerpt),
        "deploy": {
            "state": diagnosis.window.state.value,
            "signal": diagnosis.window.signal.value,
            "reason": diagnosis.window.reason,
        },
        "action": explanation.plan.word,
        "plan": [_action(action) for action in explanation.plan.actions],
        "blocked_by": explanation.blocker.guard.value if explanation.blocker else None,
        "policy": sample.policy.rerun.value,
        "unwatched": explanation.unwatched or None,
        "evidence": _evidence(sample),
        "alternatives": [
            {"if": each.condition, "category": each.category, "action": each.action}
            for each in explanation.alternatives
        ],
    }


def _evidence(sample: Sample) -> Mapping[str, Any]:
    task, log = sample.evidence.task, sample.evidence.log
    return {
        "exit_code": task.job.exit_code if task.job else None,
        "stop_code": task.stop_code,
        "stopped_reason": task.stopped_reason,
        "log_lines": None if isinstance(log, Missing) else len(log),
    }


def _error(error: FatalError | None) -> Mapping[str, Any] | None:
    if error is None:
        return None
    return {"type": error.type, "message": error.message, "causes": [_error(cause) for cause in error.causes]}


def _action(action: Action) -> Mapping[str, Any]:
    shown: dict[str, Any] = {"kind": KINDS[type(action)], "reason": action.reason}
    if isinstance(action, Rerun):
        shown |= {"at": action.at.isoformat(timespec="seconds"), "size": str(action.size) if action.size else None}
    if isinstance(action, HoldAlert):
        shown |= {"until": action.until.isoformat(timespec="seconds")}
    return shown


def _alternatives(sample: Sample, rules: Rules | None) -> Iterator[Alternative]:
    diagnosis, action = diagnosed(sample, rules)
    for condition, other in _others(sample):
        changed, changed_action = diagnosed(other, rules)
        if (changed.category, changed_action) != (diagnosis.category, action):
            yield Alternative(condition, changed.category.value, changed_action)


def _others(sample: Sample) -> Iterator[tuple[str, Sample]]:
    for state in WindowState:
        yield f"deploy {_STATES.get(state, state.value)}", _in_window(sample, state)
    for policy in Policy:
        yield f"policy {policy.value}", _under(sample, policy)
    if sample.policy.rerun is not Policy.SAFE:
        yield "deploy open, policy safe", _under(_in_window(sample, WindowState.OPEN), Policy.SAFE)
    yield "no log", replace(sample, evidence=replace(sample.evidence, log=Missing("left out")))


def _in_window(sample: Sample, state: WindowState) -> Sample:
    return replace(sample, evidence=replace(sample.evidence, window=DeployWindow(state)))


def _under(sample: Sample, policy: Policy) -> Sample:
    return replace(sample, policy=replace(sample.policy, rerun=policy))
