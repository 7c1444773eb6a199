"""slack_sdk's clients over connections that follow no redirect, repeat no request, and accept any answer.

Their own connections would send a redirected POST again as a GET, with the token, to the redirect's target; post twice
if a connection is cut after the request; and raise for an answer that they can't decode.
"""

import json
from functools import cache
from http.client import HTTPException, HTTPResponse, InvalidURL
from typing import Any, Final
from urllib.error import URLError
from urllib.request import HTTPErrorProcessor, OpenerDirector, Request, build_opener

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookClient
from slack_sdk.webhook.webhook_response import WebhookResponse

from cronmend.alerting.render import clip, one_line
from cronmend.errors import Permanent, Retryable

MAX_BODY: Final = 100_000
"""Bytes of an answer that are read; Slack's own have a few thousand."""
NOT_SLACKS: Final = "not_slacks"
"""The field of an answer that isn't one JSON object: how its body begins."""
_BEGINNING: Final = 200


class _AsItIs(HTTPErrorProcessor):
    """Returns every answer: no status is an exception, and no redirect is followed."""

    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:
        return response

    https_response = http_response


class _Webhook(WebhookClient):
    def _perform_http_request_internal(self, url: str, req: Request) -> WebhookResponse:
        status, headers, body = _exchanged(req, self.timeout)
        return WebhookResponse(url=url, status_code=status, body=body, headers=headers)


class _WebApi(WebClient):
    def _perform_urllib_http_request_internal(self, url: str, req: Request) -> dict[str, Any]:
        status, headers, body = _exchanged(req, self.timeout)
        return {"status": status, "headers": headers, "body": _as_object(body)}


def webhook(address: str, timeout: int) -> WebhookClient:
    return _Webhook(address, timeout=timeout, retry_handlers=[])


def web_api(token: str, address: str, timeout: int) -> WebClient:
    return _WebApi(token=token, base_url=address, timeout=timeout, retry_handlers=[])


def called(client: WebClient, method: str, **arguments: Any) -> SlackResponse:
    """Slack's answer, also if it refuses. Arguments as for ``api_call``.

    Raises:
        Retryable: there is none.
        Permanent: the token or the address can't be sent at all.
    """
    try:
        return client.api_call(method, **arguments)
    except SlackApiError as refused:
        answer: SlackResponse = refused.response
        return answer


def beginning(body: str) -> str:
    """How an answer begins, on one line, for a log or an error."""
    return clip(one_line(body), _BEGINNING)


@cache
def _opener() -> OpenerDirector:
    """Uses the proxies of the environment, as urllib does."""
    return build_opener(_AsItIs)


def _exchanged(request: Request, timeout: int) -> tuple[int, dict[str, str], str]:
    """Status, headers and text. Neither the errors nor their causes repeat the token or the address."""
    try:
        with _opener().open(request, timeout=timeout) as answer:
            return answer.status, dict(answer.headers.items()), answer.read(MAX_BODY).decode(errors="replace")
    except (InvalidURL, ValueError) as error:
        raise Permanent(
            f"the Slack address or token can't be sent: {type(error).__name__}; check the Slack secret"
        ) from None
    except URLError as error:
        raise Retryable(f"Slack didn't answer: {type(error.reason).__name__}") from None
    except (OSError, HTTPException) as error:
        raise Retryable(f"Slack didn't answer: {type(error).__name__}; the request may have been carried out") from None


def _as_object(body: str) -> str:
    """The body if it is one JSON object; otherwise an object that says that it wasn't."""
    try:
        is_object = isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        is_object = False
    return body if is_object else json.dumps({"ok": False, NOT_SLACKS: beginning(body)})
