"""The page of all messages: its parts as HTML, and the whole page. Everything from a message is escaped. Pure."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from local.messages import fragments
from local.messages.conversation import Post, posts
from local.messages.inbox import BusEvent, Email, Item, TextMessage
from local.slack import SlackMessage

KINDS: Final = "deploy, migration, bug, memory, image, registry, slack, throttle"
CHANNEL: Final = "channel-"
"""Starts the key of a channel's heading, which isn't an item."""
_TITLES: Final = {"slack": "Slack", "email": "Email", "sms": "Text messages", "event": "Events"}
_EMPTY: Final = {
    "slack": "<b>No messages yet</b><p>Cronmend sends nothing about runs that succeed. To see a message, make "
    "something go wrong for real:</p><pre>cronmend local break deploy</pre>"
    f"<p>Other kinds: {KINDS.removeprefix('deploy, ')}.</p>",
    "email": "What an email address subscribed to the alert topic gets.",
    "sms": "What a phone number subscribed to the alert topic gets.",
    "event": "Cronmend's own events on the default bus, for programs.",
}

type Part = tuple[str, str]
"""An item's key, which stays the same when it is updated, and its HTML."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows besides messages."""

    broken: str = ""
    """The kind of the breakage that isn't fixed; ``""`` if there is none."""
    no_buttons: str = ""
    """Why Slack's buttons can't be clicked; ``""`` if they can."""


def lists(items: Sequence[Item], shown: Shown) -> Mapping[str, list[Part]]:
    """The parts of each list, in the order in which they are shown: Slack's oldest first, the others newest first."""
    slack = posts(each for each in items if isinstance(each, SlackMessage))
    return {
        "slack": list(_slack(slack, shown.no_buttons)),
        "email": _newest_first(items, Email, _email),
        "sms": _newest_first(items, TextMessage, _text_message),
        "event": _newest_first(items, BusEvent, _event),
    }


def banner(shown: Shown) -> str:
    if not shown.broken:
        return ""
    command = f"cronmend local break {escape(shown.broken)} --fix"
    return f"Broken on purpose: <b>{escape(shown.broken)}</b>. To undo it: <code>{command}</code>"


def whole(items: Sequence[Item], shown: Shown, *, token: str, nonce: str) -> str:
    """The page, which then updates itself."""
    script = f'<script nonce="{nonce}">{_read("page.js")}</script>'
    return _document(items, shown, f'data-token="{escape(token)}"', script, nonce)


def picture(items: Sequence[Item], shown: Shown, script: str) -> str:
    """The page without its updates, as high as its content, with the oldest email open."""
    html = _document(items, shown, 'class="whole"', script, "")
    oldest = html.rfind("<details>", 0, html.index('<section id="sms">'))
    return html if oldest < 0 else f"{html[:oldest]}<details open>{html[oldest + len('<details>') :]}"


def _document(items: Sequence[Item], shown: Shown, data: str, script: str, nonce: str) -> str:
    found = lists(items, shown)
    sections = {name: _section(name, parts) for name, parts in found.items()}
    return Template(_read("page.html")).substitute(
        nonce=nonce,
        style=fragments.STYLE.read_text(encoding="utf-8") + _read("page.css"),
        data=data,
        banner=banner(shown),
        tabs="".join(f'<a href="#{name}">{_TITLES[name]} <i>{_length(parts)}</i></a>' for name, parts in found.items()),
        slack=sections.pop("slack"),
        others="".join(sections.values()),
        script=script,
    )


def _read(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _length(parts: Sequence[Part]) -> int:
    return sum(not key.startswith(CHANNEL) for key, _ in parts)


def _section(name: str, parts: Sequence[Part]) -> str:
    shown = "".join(f'<article data-key="{escape(key)}">{html}</article>' for key, html in parts)
    return (
        f'<section id="{name}"><h2>{_TITLES[name]} <i>{_length(parts)}</i></h2>'
        f'<div class="empty">{_EMPTY[name]}</div><div class="list">{shown}</div></section>'
    )


def _slack(found: Sequence[Post], no_buttons: str) -> Iterator[Part]:
    channel = ""
    for post in found:
        if post.message.channel != channel:
            channel = post.message.channel
            yield f"{CHANNEL}{post.message.ts}", f'<div class="channel">{escape(channel)}</div>'
        yield post.message.ts, _post(post, no_buttons)


def _post(post: Post, no_buttons: str) -> str:
    message = post.message
    replies = "".join(f'<div class="reply">{_message(each, no_buttons)}</div>' for each in post.replies)
    thread = f'<div class="thread"><span>{_count(len(post.replies), "reply")}</span>{replies}</div>' if replies else ""
    only = '<div class="context">Only visible to you</div>' if message.only_for else ""
    return f'<div class="message"><div class="face">C</div><div>{only}{_message(post, no_buttons)}{thread}</div></div>'


def _message(post: Post, no_buttons: str) -> str:
    message = post.message
    hints = [clock(message.at)]
    hints += [f"updated {clock(post.updated)}"] if post.updated else []
    hints += ["also sent to the channel"] if message.broadcast else []
    who = f'<div class="who"><b>Cronmend</b><i>APP</i> <time>{" · ".join(hints)}</time></div>'
    body = fragments.blocks(message.blocks, _button(message, no_buttons)) or fragments.plain(message.text)
    return f"{who}{body}"


def _button(message: SlackMessage, no_buttons: str) -> fragments.Button:
    def button(element: fragments.Block) -> str:
        label = escape(str(element.get("text", {}).get("text", "")))
        if url := element.get("url"):
            return f'<a class="button" href="{escape(url)}" target="_blank" rel="noreferrer">{label}</a>'
        disabled = f' disabled title="{escape(no_buttons)}"' if no_buttons else ""
        action = f'data-ts="{escape(message.ts)}" data-action="{escape(str(element.get("action_id", "")))}"'
        return f'<button class="button" {action}{disabled}>{label}</button>'

    return button


def _newest_first[T: Item](items: Sequence[Item], kind: type[T], show: Callable[[T], str]) -> list[Part]:
    found = [each for each in items if isinstance(each, kind)]
    return [(str(number), show(each)) for number, each in reversed(list(enumerate(found)))]


def _email(email: Email) -> str:
    line = f"<time>{clock(email.at)}</time> <b>{escape(email.subject)}</b>"
    shown = fragments.email(email.subject, email.text)
    return f"<details><summary>{line}</summary>{shown}<p class='context'>To {escape(email.to)}</p></details>"


def _text_message(message: TextMessage) -> str:
    return f'<time>{clock(message.at)}</time><p class="bubble">{escape(message.text)}</p>'


def _event(event: BusEvent) -> str:
    words = (str(event.detail.get(name, "")) for name in ("kind", "job", "category"))
    line = f"<time>{clock(event.at)}</time> {escape(' · '.join(filter(None, words)))}"
    content = json.dumps({"detail-type": event.detail_type, "detail": event.detail}, indent=2, ensure_ascii=False)
    return f"<details><summary>{line}</summary>{fragments.code(content)}</details>"


def clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}"


def _count(number: int, what: str) -> str:
    return f"{number} {what if number == 1 else what.removesuffix('y') + 'ies'}"


def parts_as_json(items: Sequence[Item], shown: Shown, version: str) -> dict[str, Any]:
    """The same parts, for the page's script."""
    return {"version": version, "banner": banner(shown), "lists": lists(items, shown)}
