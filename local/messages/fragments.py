"""HTML of one message as Slack, a mail program or a phone shows it. Everything from a message is escaped."""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

from local.messages.mrkdwn import Style, emoji, pieces

STYLE: Final = Path(__file__).with_name("message.css")
SENDER: Final = "Cronmend <no-reply@sns.amazonaws.com>"
_TAGS: Final = {Style.BOLD: "b", Style.CODE: "code", Style.FENCE: "pre"}

type Block = Mapping[str, Any]
type Button = Callable[[Block], str]
"""The HTML of an element of an ``actions`` block."""


def plain_button(element: Block) -> str:
    return f'<span class="button">{escape(element["text"]["text"])}</span>'


def blocks(raw: Sequence[Block], button: Button = plain_button) -> str:
    return "".join(_block(block, button) for block in raw)


def plain(text: str) -> str:
    """A message without blocks."""
    return f'<div class="block">{_text({"type": "mrkdwn", "text": emoji(text)})}</div>'


def email(subject: str, text: str) -> str:
    top = f'<div class="top"><b>{escape(subject)}</b><div>{escape(SENDER)}</div></div>'
    return f'<div class="mail">{top}<pre>{escape(text)}</pre></div>'


def phone(text: str) -> str:
    return f'<div class="phone"><div>Text message</div><p>{escape(text)}</p></div>'


def code(text: str) -> str:
    return f"<pre>{escape(text)}</pre>"


def _block(block: Block, button: Button) -> str:
    match block["type"]:
        case "header":
            return f'<div class="header">{_text(block["text"])}</div>'
        case "section":
            text = _text(block["text"]) if "text" in block else ""
            return f'<div class="block">{text}{_fields(block.get("fields") or ())}</div>'
        case "context":
            texts = (_text(each) for each in block["elements"] if "text" in each)
            return f'<div class="block context">{" ".join(texts)}</div>'
        case "divider":
            return "<hr>"
        case "actions":
            return f'<div class="block">{"".join(map(button, block["elements"]))}</div>'
        case other:
            return f'<div class="block context">A block of type {escape(str(other))}, not shown here.</div>'


def _fields(fields: Sequence[Mapping[str, str]]) -> str:
    shown = "".join(f"<div>{_text(field)}</div>" for field in fields)
    return f'<div class="fields">{shown}</div>' if shown else ""


def _text(text: Mapping[str, str]) -> str:
    return "".join(_piece(piece.style, piece.text, piece.url) for piece in pieces(text))


def _piece(style: Style, text: str, url: str) -> str:
    escaped = escape(text)
    if style is Style.LINK:
        return f'<a href="{escape(url)}" target="_blank" rel="noreferrer">{escaped}</a>'
    if style is Style.MENTION:
        return f'<span class="mention">{escaped}</span>'
    if style in _TAGS:
        return f"<{_TAGS[style]}>{escaped}</{_TAGS[style]}>"
    return escaped.replace("\n", "<br>")
