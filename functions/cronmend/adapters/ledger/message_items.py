"""A new message as an item. Not in outbox.py, because a function that only writes messages needn't load it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from cronmend.adapters.ledger import stored_form
from cronmend.adapters.ledger.due import attributes
from cronmend.adapters.ledger.items import to_item
from cronmend.adapters.ledger.message_keys import key_of
from cronmend.healing.due_times import due_of_message
from cronmend.model.report import Message


def new_item(message: Message, now: datetime, life: timedelta) -> Mapping[str, Any]:
    """Inserting it triggers ``failure_alert``; until every channel was offered it, it is in the index of promises."""
    pk, sk = key_of(message)
    item = {"pk": pk, "sk": sk, "expires_at": int((now + life).timestamp()), "kind": "message"}
    return stored_form.written(
        {**item, "message": to_item(message), "delivered": {}, **attributes(due_of_message(now))}
    )
