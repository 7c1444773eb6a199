"""Convert reports from form 1 of the stored items to form 2.

Form 1 had no stage and no keys: both were only in its texts. Those texts no longer change, and only this module reads
them.
"""

from collections.abc import Mapping
from typing import Any, Final

from cronmend.model import Category
from cronmend.model.report import ALERTS, ENDINGS, FactKey, MessageKind, Stage

type Item = Mapping[str, Any]

_KEYS: Final = {
    "Job": FactKey.JOB,
    "Attempt": FactKey.ATTEMPT,
    "Failed runs": FactKey.FAILED_RUNS,
    "Slot": FactKey.SLOT,
    "Ran for": FactKey.RAN_FOR,
    "Last success": FactKey.LAST_SUCCESS,
    "Changed since": FactKey.CHANGED_SINCE,
    "Category": FactKey.CATEGORY,
    "Decided by": FactKey.RULE,
    "Line": FactKey.LINE,
    "Deploy": FactKey.DEPLOY,
    "Deploy signal": FactKey.DEPLOY_SIGNAL,
    "Code": FactKey.CODE,
    "Task": FactKey.TASK,
    "Owner": FactKey.OWNER,
    "Severity": FactKey.SEVERITY,
    "First job that was not run again": FactKey.FIRST_JOB,
    "Bound": FactKey.LIMIT,
}
_OF_KIND: Final = {
    MessageKind.HEALED: Stage.HEALED,
    MessageKind.RECOVERED: Stage.RECOVERED,
    MessageKind.GAVE_UP: Stage.GAVE_UP,
    MessageKind.CIRCUIT: Stage.STOPPED,
    MessageKind.CANARY: Stage.TEST,
}
_OF_STATUS: Final = (
    ("healed", Stage.HEALED),
    ("recovered", Stage.RECOVERED),
    ("all healed", Stage.OVER),
    ("acknowledged", Stage.ACKNOWLEDGED),
    ("gave up", Stage.GAVE_UP),
    ("re-run", Stage.PLANNED),
)
"""The starts of a message's status, which could change after the message was sent."""


def from_1(old: Item) -> Item:
    kind, headline = MessageKind(old["kind"]), old.get("headline", "")
    cause = {"what_failed": headline.partition(": ")[2] or headline} if kind in ALERTS else {}
    return {**old, **cause, "facts": _facts(old), "stage": _stage(kind, old).value, "quiet": _is_quiet(kind, old)}


def _facts(old: Item) -> list[dict[str, str]]:
    pairs = [(label, value) for label, value in old.get("facts", ()) if label in _KEYS]
    return [{"key": _KEYS[label].value, "label": label, "value": value} for label, value in pairs]


def _stage(kind: MessageKind, old: Item) -> Stage:
    status = old.get("status", "")
    if found := next((stage for start, stage in _OF_STATUS if status.startswith(start)), None):
        return found
    if status.startswith("run "):
        return Stage.PLANNED if " planned " in status else Stage.RUNNING
    return _OF_KIND.get(kind, Stage.FAILED)


def _is_quiet(kind: MessageKind, old: Item) -> bool:
    return kind in ENDINGS or (kind is MessageKind.GROUP and old.get("category") == Category.SUCCESS)
