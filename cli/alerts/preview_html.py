"""Pages that look like Slack, an email or a phone."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

from cli.alerts.mrkdwn import Style, pieces

WIDTH: Final = {"slack": 760, "email": 760, "sms": 380, "events": 760, "json": 760}
"""CSS pixels."""
_STYLE: Final = Path(__file__).with_name("preview.css")
_MEASURE: Final = (
    "<script>document.documentElement.dataset.height=Math.ceil(document.body.getBoundingClientRect().height)</script>"
)
_TAGS: Final = {Style.BOLD: "b", Style.CODE: "code", Style.FENCE: "pre"}


def slack(blocks: Sequence[dict[str, Any]]) -> str:
    who = '<div class="who"><b>Cronmend</b><i>APP</i></div>'
    body = "".join(_block(block) for block in blocks)
    return _page(f'<div class="message"><div class="face">C</div><div>{who}{body}</div></div>')


def email(subject: str, text: str) -> str:
    top = f'<div class="top"><b>{escape(subject)}</b><div>Cronmend &lt;no-reply@sns.amazonaws.com&gt;</div></div>'
    return _page(f'<div class="mail">{top}<pre>{escape(text)}</pre></div>')


def phone(text: str) -> str:
    return _page(f'<div class="phone"><div>Text message</div><p>{escape(text)}</p></div>')


def code(text: str) -> str:
    return _page(f"<pre>{escape(text)}</pre>")


def _page(body: str) -> str:
    head = f'<meta charset="utf-8"><title>Cronmend</title><style>{_STYLE.read_text(encoding="utf-8")}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}{_MEASURE}</body></html>'


def _block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "header":
            return f'<div class="header">{_text(block["text"])}</div>'
        case "section" if "fields" in block:
            fields = "".join(f"<div>{_text(field)}</div>" for field in block["fields"])
            return f'<div class="block fields">{fields}</div>'
        case "section":
            return f'<div class="block">{_text(block["text"])}</div>'
        case "context":
            return f'<div class="block context">{" ".join(_text(each) for each in block["elements"])}</div>'
        case _:
            buttons = "".join(f'<span class="button">{escape(e["text"]["text"])}</span>' for e in block["elements"])
            return f'<div class="block">{buttons}</div>'


def _text(text: dict[str, str]) -> str:
    return "".join(_piece(piece.style, piece.text, piece.url) for piece in pieces(text))


def _piece(style: Style, text: str, url: str) -> str:
    escaped = escape(text)
    if style is Style.LINK:
        return f'<a href="{escape(url)}">{escaped}</a>'
    if style is Style.MENTION:
        return f'<span class="mention">{escaped}</span>'
    if style in _TAGS:
        return f"<{_TAGS[style]}>{escaped}</{_TAGS[style]}>"
    return escaped.replace("\n", "<br>")
