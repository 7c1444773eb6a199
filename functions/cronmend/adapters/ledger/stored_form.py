"""The stored forms of the ledger's items, and the conversion of each form to the next.

Every item has the number of its form in ``form``; an item without one has the first form, 0. ``version`` is different:
it protects an item against two writers at once.

Stored forms only grow. A new field with a default needs no new number. Under one number, no field ever changes its name
or its meaning. Any other change appends a step to ``_STEPS``, which stays forever, because an item may be read years
after it was written. The tests keep items of each earlier form.

An update of part of an item can apply to any form. The attributes that such updates set (``delivered`` of a message,
``task_arn`` of an attempt, and all of a channel's health) therefore have one shape in all forms.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from cronmend.adapters.ledger.items import deserialized, serialized
from cronmend.errors import NewerForm, refusing
from cronmend.incoming import timer_forms
from cronmend.model import Category, TaskDefinitionRef

type Item = Mapping[str, Any]

_OF_INCIDENT: Final = (
    *("id", "job", "cluster_arn", "family", "began_at", "state", "runs", "reruns", "infra_reruns", "bound"),
    *("held_until", "starting", "size", "slot", "acknowledged_by"),
)
_OF_DIAGNOSIS: Final = ("category", "rule", "advice", "line", "excerpt")
_OF_RUN: Final = ("task_id", "ended_at", "seconds", "attempt", "ran", "log", "last_good")
_DEPLOY_OF_0: Final = ". The deploy explains it: "
"""In the first form, the sentence also contained the reason of the deploy window, after this text."""


def written(item: Item) -> dict[str, Any]:
    """A whole item for DynamoDB, in the current form."""
    return serialized({**item, "form": FORM})


def read(raw: Item) -> Item:
    """An item from DynamoDB, converted to the current form.

    Raises:
        NewerForm: a newer version of Cronmend wrote it.
        ValueError: no version wrote it.
    """
    with refusing(lambda error: ValueError(f"the ledger contains an item in no known form: {error}")):
        item: Item = deserialized(raw)
        form = int(item.get("form", 0))
        if form > FORM:
            raise NewerForm(f"the ledger's item {item['pk']} {item['sk']}", form, FORM)
        for step in _STEPS[form:]:
            item = step(item)
        return item


def _from_0(item: Item) -> Item:
    """In form 0, incidents were flat, sentences included the deploy, and all kinds of timers had the same fields."""
    steps = {"book": _job_state, "incident": _incident, "run": _run, "conversation": _conversation}
    return {name: steps[name](value) if name in steps else value for name, value in item.items()}


def _job_state(old: Item) -> Item:
    return {**old, "incident": _incident(old["incident"])} if "incident" in old else old


def _incident(old: Item) -> Item:
    new = {
        **_kept(old, *_OF_INCIDENT),
        "diagnosis": {**_kept(old, *_OF_DIAGNOSIS), "sentence": _sentence(old), "window": _window(old)},
        **_renamed(old, told="notified"),
    }
    if "planned" in old:
        new["planned"] = _other(old["planned"], looks="rechecks")
    if "task_id" in old:
        new["failed"] = _failed(old)
    return new


def _window(old: Item) -> Item:
    return {**_kept(old, "signal", "during"), **_renamed(old, window="state", window_reason="reason")}


def _failed(old: Item) -> Item:
    ref = TaskDefinitionRef.parse(old["task_definition"])
    return {
        **_kept(old, *_OF_RUN),
        "created_at": old.get("failed_at", old["began_at"]),
        "task_definition": {"family": ref.family, **({"revision": ref.revision} if ref.revision else {})},
        "container": {**_kept(old, "image", "image_digest"), **_renamed(old, container="name")},
    }


def _run(old: Item) -> Item:
    timers = [timer_forms.from_0(each) for each in old.get("timers", [])]
    return {**old, "sentence": _sentence(old), "timers": timers}


def _sentence(old: Item) -> str:
    """The sentence without the deploy, whose window is stored separately."""
    whole: str = old["sentence"]
    return whole.partition(_DEPLOY_OF_0)[0] if old["category"] == Category.DEPLOY_RACE else whole


def _conversation(old: Item) -> Item:
    return _other(old, told="jobs_shown", told_healed="healed_shown", spoke_at="sent_at")


def _from_1(item: Item) -> Item:
    """In form 1, code decided from a report's sentences, and from the category whether a deploy explains a failure."""
    steps: dict[str, Callable[[Item], Item]] = {
        "book": _job_state_explained,
        "incident": _explained,
        "message": _with_stage,
        "conversation": _conversation_with_stage,
    }
    return {name: steps[name](value) if name in steps else value for name, value in item.items()}


def _explained(old: Item) -> Item:
    explains = old["diagnosis"]["category"] in {Category.DEPLOY_RACE, Category.SCHEMA_MISMATCH}
    return {**old, "diagnosis": {**old["diagnosis"], "deploy_explains": explains}}


def _job_state_explained(old: Item) -> Item:
    return _with(old, "incident", _explained)


def _conversation_with_stage(old: Item) -> Item:
    return _with(old, "message", _with_stage)


def _with_stage(old: Item) -> Item:
    from cronmend.adapters.ledger import report_forms  # noqa: PLC0415 # needed only for an item of an earlier form

    return _with(old, "report", report_forms.from_1)


def _with(old: Item, name: str, step: Callable[[Item], Item]) -> Item:
    return {**old, name: step(old[name])} if name in old else old


def _kept(old: Item, *names: str) -> dict[str, Any]:
    return {name: old[name] for name in names if name in old}


def _renamed(old: Item, **names: str) -> dict[str, Any]:
    """Only the renamed fields, under their new names."""
    return {new: old[name] for name, new in names.items() if name in old}


def _other(old: Item, **names: str) -> Item:
    """All fields, some of them under new names."""
    return {**_kept(old, *(name for name in old if name not in names)), **_renamed(old, **names)}


_STEPS: Final[tuple[Callable[[Item], Item], ...]] = (_from_0, _from_1)
"""The conversion of each form to the next."""
FORM: Final = len(_STEPS)
"""The form that this version writes."""
