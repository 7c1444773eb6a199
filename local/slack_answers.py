"""What Slack answers to a message that it rejects, and which messages it does reject."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from local.slack_blocks import is_too_long, problem, rejected_blocks
from local.web import Request, Response


class Rejected(Exception):
    """Slack's answer to a message that it rejects; ``messages`` say more to a bot."""

    def __init__(
        self, error: str, status: int = 400, headers: Mapping[str, str] | None = None, messages: Sequence[str] = ()
    ) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
        self.headers = dict(headers or {})
        self.messages = list(messages)


def payload_of(request: Request) -> Mapping[str, Any]:
    try:
        payload = json.loads(request.body)
    except ValueError as error:
        raise Rejected("invalid_payload") from error
    if not isinstance(payload, dict):
        raise Rejected("invalid_payload")
    return payload


def must_be_valid(payload: Mapping[str, Any]) -> None:
    if error := problem(payload):
        numbers = rejected_blocks(payload) if error == "invalid_blocks" else ()
        raise Rejected(error, messages=[f"[ERROR] invalid block [json-pointer:/blocks/{number}]" for number in numbers])


def must_be_short(payload: Mapping[str, Any]) -> None:
    """Slack checks this for a bot only."""
    if is_too_long(payload.get("blocks")):
        raise Rejected("msg_blocks_too_long")


def rejection_of(rejected: Rejected, webhook: bool) -> Response:
    """A webhook answers in plain text, the Web API usually with 200 and ``ok: false``."""
    if webhook:
        return Response(rejected.status, rejected.error.encode(), rejected.headers)
    status = 200 if rejected.status == 400 else rejected.status
    more = {"response_metadata": {"messages": rejected.messages}} if rejected.messages else {}
    return as_json({"ok": False, "error": rejected.error, **more}, status, rejected.headers)


def as_json(content: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, json.dumps(content).encode(), {"Content-Type": "application/json", **(headers or {})})
