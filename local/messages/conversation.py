"""Slack's conversation as it is now: each message with its latest content and its thread. Pure."""

from collections.abc import Iterable
from copy import replace
from dataclasses import dataclass
from datetime import datetime

from local.slack import SlackMessage


@dataclass(frozen=True, slots=True)
class Post:
    """A message of a channel."""

    message: SlackMessage
    """The latest content, under the ``ts`` and ``at`` of the first."""
    updated: datetime | None = None
    updates: int = 0
    replies: tuple["Post", ...] = ()


def posts(messages: Iterable[SlackMessage]) -> list[Post]:
    """The channels' messages, oldest first. A reply to an unknown message is one of the channel."""
    found: dict[str, Post] = {}
    for each in messages:
        known = found.get(each.update_of)
        if each.update_of and known:
            content = replace(known.message, text=each.text, blocks=each.blocks)
            found[each.update_of] = replace(known, message=content, updated=each.at, updates=known.updates + 1)
        else:
            found[each.ts] = Post(each)
    return [_with_replies(post, found.values()) for post in found.values() if post.message.thread_ts not in found]


def _with_replies(post: Post, among: Iterable[Post]) -> Post:
    return replace(post, replies=tuple(each for each in among if each.message.thread_ts == post.message.ts))
