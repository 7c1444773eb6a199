"""Where a message is in the table. Not in outbox.py: writing a message needs none of what delivering it loads."""

from cronmend.model.report import Message


def key_of(message: Message) -> tuple[str, str]:
    return message_key(message.job, message.incident, message.change)


def message_key(job: str, incident: str, change: str) -> tuple[str, str]:
    return f"JOB#{job}", f"MESSAGE#{incident}#{change}"
