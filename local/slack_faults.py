"""Answers that Slack, or a proxy in front of it, has given in place of the documented ones."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from local.web import Response

LOGIN_PATH: Final = "/login"
"""Where a redirect leads; the page there answers 200 and ``ok`` to anyone."""
DAY: Final = 86_400
_PAGE: Final = "<!DOCTYPE html><html><title>{}</title><body>{}</body></html>"
_HTML: Final = {"Content-Type": "text/html; charset=utf-8"}
_JSON: Final = {"Content-Type": "application/json; charset=utf-8"}


class Fault(StrEnum):
    SERVER_ERROR = "500 and a page that isn't UTF-8, although it says so"
    UNAVAILABLE = "503"
    TIMED_OUT = "408"
    RATE_LIMITED = "429, to be retried after a second"
    RATE_LIMITED_FOR_A_DAY = "429, to be retried after a day"
    LOGIN_PAGE = "200 and a proxy's login page"
    EMPTY = "200 and nothing"
    CUT_JSON = "200 and half of the answer"
    NOT_OK = "200 and JSON that says nothing but ok: false"
    OTHER_JSON = "200 and JSON that isn't an object"
    REDIRECT = "302 to a page that answers ok"
    LOST_ANSWER = "the message is accepted, and the connection cut before the answer"
    LOST_REQUEST = "the connection is cut, and the message lost"


_PAGES: Final[Mapping[Fault, Response]] = {
    Fault.SERVER_ERROR: Response(
        500, _PAGE.format("Error", "Une erreur s’est produite à l'étage").encode("cp1252"), _HTML
    ),
    Fault.UNAVAILABLE: Response(503, b"upstream connect error", _HTML),
    Fault.TIMED_OUT: Response(408, b"", _HTML),
    Fault.RATE_LIMITED: Response(429, b"rate_limited", {"Retry-After": "1"}),
    Fault.RATE_LIMITED_FOR_A_DAY: Response(429, b"rate_limited", {"Retry-After": str(DAY)}),
    Fault.LOGIN_PAGE: Response(200, _PAGE.format("Sign in", "Sign in to use the network").encode(), _HTML),
    Fault.EMPTY: Response(200, b"", _HTML),
    Fault.CUT_JSON: Response(200, b'{"ok":true,"channel":"C012', _JSON),
    Fault.NOT_OK: Response(200, b'{"ok":false}', _JSON),
    Fault.OTHER_JSON: Response(200, b'["ok"]', _JSON),
    Fault.REDIRECT: Response(302, b"", {"Location": LOGIN_PATH}),
}


def page(fault: Fault) -> Response | None:
    """None if the connection is cut."""
    return _PAGES.get(fault)
