"""The age of a task definition or a service, if a tag sets one.

The emulator dates everything by its creation. Any process with a client of the account can set the tag, and the age
stays the same: a revision that is six minutes old remains six minutes old, however long the account runs.
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
    """DescribeTaskDefinition's answer, with the age that its tags set."""
    age = age_of(answer.get("tags") or ())
    if age is None:
        return dict(answer)
    definition = {**answer["taskDefinition"], "registeredAt": (datetime.now(UTC) - age).timestamp()}
    return {**answer, "taskDefinition": definition}
