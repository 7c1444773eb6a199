"""EventBridge Scheduler's context attributes, such as ``<aws.scheduler.scheduled-time>``, in a target's input. Pure.

Scheduler replaces each with its value when it starts a run:
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

_ATTRIBUTE: Final = re.compile(r"<aws\.scheduler\.[a-z-]+>")


def replaced(target_input: str, context: Mapping[str, str]) -> str:
    """The input, which is JSON, with these values; keys are the words after ``aws.scheduler.``."""
    for word, value in context.items():
        target_input = target_input.replace(f"<aws.scheduler.{word}>", json.dumps(value)[1:-1])
    return target_input


def is_replaced(value: str) -> bool:
    return not _ATTRIBUTE.search(value)


def fits(written: str, seen: str) -> bool:
    """Whether a run's value is what the target's input says, with any text in place of each context attribute."""
    first, *others = _ATTRIBUTE.split(written)
    if not others:
        return written == seen
    *middle, last = others
    if not seen.startswith(first) or not seen.endswith(last) or len(seen) < len(first) + len(last):
        return False
    rest = seen[len(first) : len(seen) - len(last)]
    for part in middle:
        _, found, rest = rest.partition(part) if part else ("", True, rest)
        if not found:
            return False
    return True


def all_fit(written: Sequence[str], seen: Sequence[str]) -> bool:
    return len(written) == len(seen) and all(map(fits, written, seen))
