"""Call the running account's own server."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

import typer

from cli.console import fail
from local import detached
from local.detached import Running
from local.messages.inbox import Item, from_json
from local.messages.server import TOKEN

SECONDS = 30


class NoAnswer(Exception):
    """The account stopped, or doesn't answer."""


class NotDone(Exception):
    """The account refused; the message says why."""


def account() -> Running:
    """The running account. Without one the command ends and says what to do."""
    if running := detached.status():
        return running
    raise fail(no_account())


def no_account() -> str:
    if detached.is_starting():
        return "The account is still starting. Wait for the end of `cronmend local up`, then run this command again."
    return "No account is up. Start one with: cronmend local up"


def get(running: Running, path: str) -> dict[str, Any]:
    """
    Raises:
        NoAnswer: the account is down.
    """
    return _answer(urllib.request.Request(running.messages + path))  # noqa: S310 - the account's own loopback


def post(running: Running, path: str, content: Mapping[str, object]) -> dict[str, Any]:
    """
    Raises:
        NoAnswer: the account is down.
        NotDone: it refused.
    """
    headers = {"Content-Type": "application/json", TOKEN: running.token}
    body = json.dumps(content).encode()
    return _answer(urllib.request.Request(running.messages + path, data=body, headers=headers))  # noqa: S310 - as above


def items(running: Running, after: int = 0) -> list[Item]:
    """Everything that was sent, oldest first, without the first ``after`` items."""
    return [from_json(each) for each in get(running, f"items?after={after}")["items"]]


def ended() -> typer.Exit:
    return fail("The account has stopped. Start one with: cronmend local up")


def _answer(request: urllib.request.Request) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - as above
            content: dict[str, Any] = json.loads(answer.read())
            return content
    except urllib.error.HTTPError as error:
        with error:
            raise NotDone(str(json.loads(error.read()).get("message", error))) from error
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        raise NoAnswer from error
