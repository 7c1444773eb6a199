"""The key of a message in the table. Not in outbox.py, because a function that only writes messages needn't load it."""

from typing import Final

from cronmend.model.report import Message

MESSAGES: Final = "MESSAGE#"
"""The start of their sort keys."""


def key_of(message: Message) -> tuple[str, str]:
    return message_key(message.job, message.incident, message.change)


def message_key(job: str, incident: str, change: str) -> tuple[str, str]:
    return f"JOB#{job}", f"{MESSAGES}{incident}#{change}"


def incident_key(job: str, incident: str) -> tuple[str, str]:
    """The partition of an incident's messages, and the start of their sort keys."""
    return f"JOB#{job}", f"{MESSAGES}{incident}#"
