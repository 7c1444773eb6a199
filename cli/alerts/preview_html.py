"""Pages that look like Slack, an email or a phone."""

from collections.abc import Sequence
from typing import Any, Final

from local.messages import fragments

WIDTH: Final = {"slack": 760, "email": 760, "sms": 380, "events": 760, "json": 760}
"""CSS pixels."""
MEASURE: Final = (
    "<script>document.documentElement.dataset.height=Math.ceil(document.body.getBoundingClientRect().height)</script>"
)
"""Shows :mod:`cli.alerts.chromium` how high the page is."""


def slack(blocks: Sequence[dict[str, Any]]) -> str:
    return _page(_message("Cronmend", blocks))


def before_and_after(before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]) -> str:
    """What an alarm posts about a failed task, and below it what Cronmend posts about the same run."""
    captions = ("Without Cronmend", _message("Alarms", before)), ("With Cronmend", _message("Cronmend", after))
    return _page("".join(f"<h3>{caption}</h3>{message}" for caption, message in captions))


def _message(app: str, blocks: Sequence[dict[str, Any]]) -> str:
    who = f'<div class="who"><b>{app}</b><i>APP</i></div>'
    body = fragments.blocks(blocks)
    return f'<div class="message"><div class="face">{app[0]}</div><div>{who}{body}</div></div>'


def email(subject: str, text: str) -> str:
    return _page(fragments.email(subject, text))


def phone(text: str) -> str:
    return _page(fragments.phone(text))


def code(text: str) -> str:
    return _page(fragments.code(text))


def _page(body: str) -> str:
    style = fragments.STYLE.read_text(encoding="utf-8")
    head = f'<meta charset="utf-8"><title>Cronmend</title><style>{style}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}{MEASURE}</body></html>'
