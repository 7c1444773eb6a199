"""The emulator's own ECS: task definitions, clusters, services and everything else that isn't implemented here."""

import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

from local.aws import ACCOUNT, REGION
from local.fargate.errors import EcsError
from local.patience import PATIENCE
from local.web import Request, Response

TARGET = "AmazonEC2ContainerServiceV20141113"
CONTENT_TYPE = "application/x-amz-json-1.1"
_FORWARDED = ("authorization", "content-type", "x-amz-date", "x-amz-target", "x-amz-security-token", "user-agent")


class Upstream:
    def __init__(self, url: str) -> None:
        self._url = url

    def forward(self, request: Request) -> Response:
        """The emulator's answer to the same request."""
        headers = {name: value for name, value in request.headers.items() if name in _FORWARDED}
        body = request.body if request.method in ("POST", "PUT") else None
        outgoing = urllib.request.Request(  # noqa: S310 - always the emulator on the loopback
            self._url + request.path, data=body, headers=headers, method=request.method
        )
        try:
            with urllib.request.urlopen(outgoing, timeout=PATIENCE) as answer:  # noqa: S310 - as above
                return Response(answer.status, answer.read(), _kept(answer.headers))
        except urllib.error.HTTPError as error:
            with error:
                return Response(error.code, error.read(), _kept(error.headers))
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            raise EcsError("ServerException", f"the emulator doesn't answer: {error}", 500) from error

    def call(self, action: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """The emulator's answer to a call of the local ECS.

        Raises:
            EcsError: the emulator rejected it.
        """
        answer = self.forward(Request("POST", "/", _own_headers(action), json.dumps(body).encode()))
        content: dict[str, Any] = json.loads(answer.body or b"{}")
        if answer.status != 200:
            code = str(content.get("__type", "ServerException")).rsplit("#", 1)[-1]
            raise EcsError(code, str(content.get("message") or content.get("Message") or ""), answer.status)
        return content


def _kept(headers: Any) -> dict[str, str]:
    return {"Content-Type": headers.get("Content-Type") or CONTENT_TYPE}


def _own_headers(action: str) -> dict[str, str]:
    """The emulator reads account and region from the credential, and doesn't check the signature."""
    scope = f"{ACCOUNT}/20260101/{REGION}/ecs/aws4_request"
    return {
        "x-amz-target": f"{TARGET}.{action}",
        "content-type": CONTENT_TYPE,
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
    }
