"""``cronmend local messages``: what people are sent by the local account, in the terminal."""

from collections.abc import Sequence
from pathlib import Path
from time import sleep
from typing import Annotated, Any

import typer
from rich.padding import Padding
from rich.text import Text

from cli.alerts import preview_html, preview_terminal
from cli.alerts.chromium import NoChromium, screenshot
from cli.console import fail, json_text, out, print_json, write
from cli.local.client import NoAnswer, account, ended, items
from local.detached import Running
from local.messages import inbox, page
from local.messages.conversation import Post, posts
from local.messages.inbox import BusEvent, Email, Item, TextMessage
from local.slack import SlackMessage

PAUSE = 0.5
PICTURE_WIDTH = 1200
EMPTY = "No messages yet. To see one, make something go wrong: cronmend local break deploy"


def messages(
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Keep running and print new messages as they arrive.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document; with --follow, one line for each message.")
    ] = False,
    png: Annotated[Path | None, typer.Option(help="Write a picture of the page to this file (needs Chromium).")] = None,
) -> None:
    """Show what the local account has sent: the Slack conversation as it is now, emails, text messages and events."""
    running = account()
    try:
        if png:
            picture(items(running), png)
        elif follow:
            _follow(running, as_json=as_json)
        elif as_json:
            print_json(document(items(running)))
        else:
            _print(items(running))
    except NoAnswer as error:
        raise ended() from error
    except KeyboardInterrupt:
        raise typer.Exit from None


def picture(found: Sequence[Item], target: Path) -> None:
    """Write a PNG of the page, as high as its content."""
    try:
        screenshot(page.picture(found, page.Shown(), preview_html.MEASURE), PICTURE_WIDTH, target)
    except NoChromium as error:
        raise fail(str(error), 2) from error


def document(found: Sequence[Item]) -> dict[str, list[Any]]:
    """What the command prints with ``--json``."""
    others = {"email": Email, "sms": TextMessage, "event": BusEvent}
    slack = posts(each for each in found if isinstance(each, SlackMessage))
    return {
        "slack": [_post(each) for each in slack],
        **{name: [inbox.as_json(each) for each in found if isinstance(each, kind)] for name, kind in others.items()},
    }


def _post(post: Post) -> dict[str, Any]:
    return {
        **inbox.as_json(post.message),
        "updated": post.updated.isoformat() if post.updated else None,
        "updates": post.updates,
        "replies": [_post(each) for each in post.replies],
    }


def _follow(running: Running, *, as_json: bool) -> None:
    """Until Ctrl-C, or until the account ends."""
    seen = 0
    if not as_json and not items(running):
        out.print(EMPTY)
    while True:
        new = items(running, seen)
        for each in new:
            if as_json:
                write(f"{json_text(inbox.as_json(each), indent=None)}\n")
            else:
                _print_item(each)
        seen += len(new)
        sleep(PAUSE)


def _print(found: Sequence[Item]) -> None:
    if not found:
        out.print(EMPTY)
    for post in posts(each for each in found if isinstance(each, SlackMessage)):
        _print_item(post.message, post)
        for reply in post.replies:
            _print_item(reply.message, reply)
    for each in found:
        if not isinstance(each, SlackMessage):
            _print_item(each)


def _print_item(item: Item, post: Post | None = None) -> None:
    """
    Args:
        post: a Slack message's state; None if it is printed as it arrives.
    """
    match item:
        case SlackMessage():
            _heading(item, f"Slack {item.channel}", *_hints(item, post))
            shown = list(preview_terminal.blocks([dict(block) for block in item.blocks])) or [Text(item.text)]
            for block in shown:
                out.print(Padding(block, (0, 0, 0, 4 if item.thread_ts else 0)), soft_wrap=False)
        case Email():
            _heading(item, f"Email to {item.to}")
            out.print(Text(item.subject, style="bold"))
            out.print(Text(item.text))
        case TextMessage():
            _heading(item, f"Text message to {item.to}")
            out.print(preview_terminal.bubble(item.text), soft_wrap=False)
        case BusEvent():
            words = (item.detail.get(name) for name in ("kind", "job", "category"))
            _heading(item, "Event", *(str(word) for word in words if word))


def _hints(message: SlackMessage, post: Post | None) -> list[str]:
    hints = {
        "an update of an earlier message": bool(message.update_of),
        "a reply in the thread": bool(message.thread_ts),
        "only visible to you": bool(message.only_for),
    }
    updated = [f"updated {page.clock(post.updated)}"] if post and post.updated else []
    return [hint for hint, holds in hints.items() if holds] + updated


def _heading(item: Item, *words: str) -> None:
    out.print(Text(f"── {page.clock(item.at)}  {' · '.join(words)}", style="dim"))
