"""A function's answer, reduced to what events/samples.toml lists: no times, IDs or sentences."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from local.samples import Sample

_TASK_ID = re.compile(r"\b[0-9a-f]{32}\b")
_ABSENT = object()
_PAGES: Mapping[str, re.Pattern[str]] = {
    "documentation": re.compile("^## "),
    "no match": re.compile("No job matches"),
    "board": re.compile('id="h-jobs"'),
    "job": re.compile("<h2>What happened</h2>"),
    "gone": re.compile("is on the board any more"),
    "nothing": re.compile("Nothing was done"),
    "acknowledged": re.compile("Ann .* acknowledged"),
    "muted": re.compile("is muted until"),
    "blocked": re.compile("overrides these guards"),
    "started": re.compile(r"\([0-9a-f]{32}\)"),
}


def seen(answer: Mapping[str, Any] | str) -> dict[str, Any]:
    """The answer by dotted paths, each part in the form that the table uses; of a page, what it is."""
    if isinstance(answer, str):
        return {"page": next((kind for kind, sign in _PAGES.items() if sign.search(answer)), "another")}
    return {**dict(_flat(answer)), **{key: of(answer) for key, of in _REDUCED.items() if key in answer}}


def kinds_sent(answer: Mapping[str, Any] | str) -> Sequence[str]:
    """The kinds of the messages that people are sent about the incident."""
    incident = {} if isinstance(answer, str) else answer.get("incident") or {}
    return [each.rsplit("/", 1)[-1].split("-", 1)[0] for each in incident.get("messages", ())]


def differences(sample: Sample, answer: Mapping[str, Any] | str) -> Sequence[str]:
    """The differences from the table, a sentence each; none if the outcome is as listed."""
    found = seen(answer)
    wrong = [
        f"{path}: the table says {value!r}, the answer {found.get(path, 'nothing')!r}"
        for path, value in _flat(sample.outcome)
        if found.get(path, _ABSENT) != value
    ]
    if sample.sent is not None and (sent := kinds_sent(answer)) != list(sample.sent):
        wrong.append(f"sent: the table says {list(sample.sent)}, people are sent {sent}")
    return wrong


def _flat(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """None counts as False, because TOML has no None."""
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            yield from _flat(inner, f"{before}{name}.")
        else:
            yield f"{before}{name}", False if inner is None else inner


_REDUCED: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "deploys": lambda answer: [f"{each['family']} {each['signal']} {each['phase']}" for each in answer["deploys"]],
    "brought_forward": lambda answer: len(answer["brought_forward"]),
    "blockers": lambda answer: [each["guard"] for each in answer["blockers"]],
    "woken": lambda answer: bool(answer["woken"]),
    "messages": lambda answer: [each["kind"] for each in answer["messages"]],
    "task": lambda answer: bool(answer["task"]),
    "task_arn": lambda answer: bool(answer["task_arn"]),
    "answers": lambda answer: [each.get("category") or each["incident"]["state"] for each in answer["answers"]],
    "button": lambda answer: answer["button"],
    "done": lambda answer: bool(_TASK_ID.search(answer["done"])),
}
