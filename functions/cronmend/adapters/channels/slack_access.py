"""The content of the Slack secret. No error repeats any of it."""

import json
import re
import unicodedata
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct

from cronmend.errors import Permanent

_API: Final = "https://slack.com/api/"
_LOOPBACK: Final = "http://127.0.0.1:"
_NOT_IN_TOKENS: Final = re.compile(r"[^A-Za-z0-9._-]")
_NOT_IN_ADDRESSES: Final = re.compile(r"[^!-~]|[\"'<>\\^`{|}]")


class SlackAccess(Struct, frozen=True):
    """A webhook URL, or JSON with ``token`` and ``channel``."""

    webhook: str = ""
    token: str = ""
    channel: str = ""
    """The channel for messages whose route names none."""
    api: str = _API
    """GovSlack has another address."""

    @classmethod
    def parse(cls, text: str) -> "SlackAccess":
        """Raises Permanent if it is neither, or can't be sent in a request; the message says why."""
        text = text.strip().removeprefix("\ufeff").strip()
        if text.startswith("{"):
            return _of_json(text)
        if not text.startswith(("https://", _LOOPBACK)):
            raise Permanent("the Slack secret is neither a webhook URL nor JSON with token and channel")
        return cls(webhook=_address("webhook URL", text))


def _of_json(text: str) -> SlackAccess:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        raise Permanent("the Slack secret starts with { but isn't valid JSON") from None
    if not isinstance(content, dict) or not content.get("token"):
        raise Permanent('the Slack secret is JSON without a "token"')
    token, channel, api = (_text(content, name) for name in ("token", "channel", "api"))
    return SlackAccess(
        token=_without("token", token, _NOT_IN_TOKENS),
        channel=channel,
        api=_address('"api" address', api) if api else _API,
    )


def _text(content: dict[str, Any], name: str) -> str:
    value = content.get(name) or ""
    if not isinstance(value, str):
        raise Permanent(f'"{name}" in the Slack secret isn\'t a text: put it in quotation marks')
    return value.strip()


def _address(what: str, text: str) -> str:
    _without(what, text, _NOT_IN_ADDRESSES)
    try:
        parts = urlsplit(text)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or not text.startswith(("https://", _LOOPBACK)):
        raise Permanent(f"the {what} in the Slack secret isn't an https address: copy it again")
    return text


def _without(what: str, text: str, stray: re.Pattern[str]) -> str:
    """Raises Permanent if the text has a character that can't be part of it, such as a dash from a word processor."""
    if found := stray.search(text):
        character = found[0]
        name = unicodedata.name(character, "control character").lower()
        place = f"U+{ord(character):04X} ({name}) as character {found.start() + 1} of {len(text)}"
        raise Permanent(f"the {what} in the Slack secret has {place}: copy it again")
    return text
