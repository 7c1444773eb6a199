"""The page of messages on the loopback, and what the terminal and the emulator need of the same server.

Only this machine reaches it. Another site in the same browser can't use it either: a request must name the loopback as
its host, and what changes something needs the token that only the page and ``.local/account.json`` have.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

from local.aws import LOOPBACK
from local.messages import page
from local.messages.click import Clicker, ClickFailed
from local.messages.inbox import Email, Inbox, TextMessage, as_json
from local.messages.page import Shown
from local.slack import SlackMessage
from local.web import LoopbackServer, Request, Response

SNS: Final = "/sns"
TOKEN: Final = "x-token"  # noqa: S105 - the header's name
_HOSTS: Final = (LOOPBACK, "localhost")

type Route = Callable[[Request], Response]


class MessageServer:
    """Serves the inbox.

    Args:
        clicker: None until Cronmend is deployed with buttons.
    """

    def __init__(self, inbox: Inbox, port: int = 0) -> None:
        self.token = secrets.token_urlsafe(24)
        self.clicker: Clicker | None = None
        self.broken: Callable[[], str] = lambda: ""
        self._inbox = inbox
        self._server = LoopbackServer(self._handle, port)
        self._routes: dict[tuple[str, str], Route] = {
            ("GET", "/"): self._page,
            ("GET", "/parts"): self._parts,
            ("GET", "/items"): self._items,
            ("POST", "/click"): self._click,
            ("POST", SNS): self._sns,
        }

    @property
    def url(self) -> str:
        return f"{self._server.url}/"

    @property
    def sns_address(self) -> str:
        """Where the emulator posts emails and text messages."""
        return f"{self._server.url}{SNS}?token={self.token}"

    def add(self, method: str, path: str, route: Route) -> None:
        self._routes[method, path] = route

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    def _handle(self, request: Request) -> Response:
        parts = urlsplit(request.path)
        route = self._routes.get((request.method, parts.path))
        if request.headers.get("host", "").rsplit(":", 1)[0] not in _HOSTS:
            return answer(403, "This server answers only requests to the loopback.")
        if route is None:
            return answer(404, "There is no such page.")
        if request.method != "GET" and not self._is_known(request, _query(request)):
            return answer(403, "The request has no valid token.")
        return route(request)

    def _is_known(self, request: Request, query: Mapping[str, str]) -> bool:
        return secrets.compare_digest(request.headers.get(TOKEN, query.get("token", "")).encode(), self.token.encode())

    def _page(self, request: Request) -> Response:
        nonce, items = secrets.token_urlsafe(16), self._inbox.items()
        content = page.whole(items, self._shown(), token=self.token, nonce=nonce)
        policy = (
            f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": policy}
        return Response(
            200, content.encode(), {**headers, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        )

    def _parts(self, request: Request) -> Response:
        items, shown = self._inbox.items(), self._shown()
        version = f"{len(items)}/{shown.broken}"
        if _query(request).get("version") == version:
            return Response(204)
        return answer(200, **page.parts_as_json(items, shown, version))

    def _items(self, request: Request) -> Response:
        after = int(_query(request).get("after", "0"))
        return answer(200, items=[as_json(each) for each in self._inbox.items(after)])

    def _click(self, request: Request) -> Response:
        if self.clicker is None:
            return answer(409, self._shown().no_buttons)
        asked = json.loads(request.body)
        messages = [each for each in self._inbox.items() if isinstance(each, SlackMessage)]
        try:
            return answer(200, self.clicker.click(messages, str(asked["ts"]), str(asked["action"])))
        except ClickFailed as error:
            return answer(409, str(error))

    def _sns(self, request: Request) -> Response:
        content, now = json.loads(request.body), datetime.now(UTC)
        if content["protocol"] == "sms":
            self._inbox.put(TextMessage(now, content["to"], content["text"]))
        else:
            self._inbox.put(Email(now, content["to"], content["subject"], content["text"]))
        return Response(204)

    def _shown(self) -> Shown:
        return Shown(self.broken(), "" if self.clicker else "Cronmend is deployed here without Slack's signing secret.")


def answer(status: int, message: str = "", **content: Any) -> Response:
    body = json.dumps({**({"message": message} if message else {}), **content})
    return Response(status, body.encode(), {"Content-Type": "application/json", "Cache-Control": "no-store"})


def _query(request: Request) -> Mapping[str, str]:
    return {name: values[-1] for name, values in parse_qs(urlsplit(request.path).query).items()}
