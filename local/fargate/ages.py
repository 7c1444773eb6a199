"""How old a task definition or a service is said to be, where a tag says so.

The emulator dates everything with the moment at which it was made. A tag can be set by any process that has a client
of the account, and the age stands still: a revision that is six minutes old stays so, however long the account runs.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

TAG = "local:age-seconds"


def tag(age: timedelta) -> Any:
    """The tag for RegisterTaskDefinition and CreateService."""
    return {"key": TAG, "value": str(int(age.total_seconds()))}


def age_of(tags: Sequence[Mapping[str, str]]) -> timedelta | None:
    seconds = next((each["value"] for each in tags if each.get("key") == TAG), None)
    return None if seconds is None else timedelta(seconds=int(seconds))


def aged(answer: Mapping[str, Any]) -> dict[str, Any]:
    """DescribeTaskDefinition's answer, with the age that the tags tell."""
    age = age_of(answer.get("tags") or ())
    if age is None:
        return dict(answer)
    definition = {**answer["taskDefinition"], "registeredAt": (datetime.now(UTC) - age).timestamp()}
    return {**answer, "taskDefinition": definition}
