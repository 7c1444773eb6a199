"""The emulator's SNS delivers no emails and text messages: it only logs them. Hand each one to the account's inbox.

SNS itself chooses the text for each protocol and applies the filter policies. This uses private names of the emulator;
``tests/local/test_starting.py`` fails if another version doesn't have them.
"""

import inspect
import json
import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from ministack.services import sns

FANOUT = "_fanout"
USED = (FANOUT, "_topics", "_matches_filter_policy", "_resolve_message_for_protocol")
PROTOCOLS = ("email", "sms")

type Json = dict[str, Any]


def install(address: str) -> None:
    """Post each email and text message to this address, in order, from a thread of its own."""
    deliveries: queue.SimpleQueue[Json] = queue.SimpleQueue()
    threading.Thread(target=_post_all, args=(deliveries, address), name="sns-delivery", daemon=True).start()
    setattr(sns, FANOUT, _delivering(getattr(sns, FANOUT), deliveries.put))


def _delivering(original: Callable[..., None], deliver: Callable[[Json], None]) -> Callable[..., None]:
    signature = inspect.signature(original)

    @wraps(original)
    def fanout(*positional: Any, **named: Any) -> None:
        original(*positional, **named)
        for each in _deliveries(signature.bind(*positional, **named).arguments):
            deliver(each)

    return fanout


def _deliveries(publish: Mapping[str, Any]) -> Iterator[Json]:
    topic = sns._topics.get(publish["topic_arn"]) or {"subscriptions": []}
    structure, attributes = publish.get("message_structure", ""), publish.get("message_attributes") or {}
    for each in topic["subscriptions"]:
        protocol = each.get("protocol", "")
        if protocol in PROTOCOLS and each.get("confirmed") and sns._matches_filter_policy(each, attributes):
            text = sns._resolve_message_for_protocol(publish["message"], structure, protocol)
            yield {"protocol": protocol, "to": each["endpoint"], "subject": publish["subject"], "text": text}


def _post_all(deliveries: "queue.SimpleQueue[Json]", address: str) -> None:
    while True:
        body = json.dumps(deliveries.get()).encode()
        request = urllib.request.Request(address, data=body, method="POST")  # noqa: S310 - the account's own loopback
        try:
            with urllib.request.urlopen(request, timeout=10):  # noqa: S310 - as above
                pass
        except (urllib.error.URLError, TimeoutError) as error:
            sns.logger.warning("An email or text message didn't reach the inbox: %s", error)
