"""The envelope of EventBridge events, and readers for their fields."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from cronmend.errors import BadEvent

type Json = Mapping[str, Any]

SAMPLES = "see events/ for complete samples"


def detail_of(event: Json, kind: str) -> Json:
    """The detail of an event of this kind; accepts a bare detail, without its envelope, as well."""
    if not isinstance(event, Mapping):
        raise BadEvent(f"the event is a {type(event).__name__}, not an object: expected an EventBridge event")
    if "detail" not in event and "detail-type" not in event and ("taskArn" in event or "eventName" in event):
        return event
    if (got := event.get("detail-type")) != kind:
        raise bad(event, f"detail-type is {got!r}", f"expected {kind!r}")
    if (version := event.get("version")) != "0":
        raise bad(event, f"version is {version!r}", 'Cronmend knows version "0" of the EventBridge envelope')
    if not isinstance(detail := event.get("detail"), Mapping) or not detail:
        raise bad(event, "it has no detail", "expected the object that describes the change")
    return detail


def bad(event: Json, what: str, remedy: str) -> BadEvent:
    return BadEvent(f"event {event.get('id') or 'without id'}: {what}; {remedy}")


def bad_detail(event: Json) -> Callable[[Exception], BadEvent]:
    """The refusal of an event whose detail has a wrong form."""
    return lambda error: bad(event, f"detail: {type(error).__name__} {error}", SAMPLES)


_LONGEST = 512
"""Characters allowed in the ID of a job, an incident or a user; real ones are far shorter."""
_LONGEST_NAME = 80


def text(source: Json, key: str) -> str:
    value = source.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is {value!r}")
    return value


def short_text(source: Json, key: str) -> str:
    """Raises ValueError if it is no text, or too long for an ID."""
    if len(value := text(source, key)) > _LONGEST:
        raise ValueError(f"{key} is longer than {_LONGEST} characters")
    return value


def persons_name(raw: str) -> str:
    """People choose their names: only printable characters, in one line."""
    return " ".join("".join(c if c.isprintable() else " " for c in raw).split())[:_LONGEST_NAME]


def aware(raw: str) -> datetime:
    """Raises ValueError if it is no time, or has no time zone, without which it can't be compared."""
    found = datetime.fromisoformat(raw)
    if found.tzinfo is None:
        raise ValueError(f"{raw} has no time zone")
    return found


def time_of(source: Json, key: str) -> datetime | None:
    """ISO 8601 as ECS writes it: with or without fractions, trailing zeros dropped."""
    raw = source.get(key)
    return None if raw is None else datetime.fromisoformat(str(raw)).astimezone(UTC)
