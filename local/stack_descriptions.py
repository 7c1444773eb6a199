"""Complete what the emulator's CloudFormation says of a stack, as far as `sam delete` needs it.

DescribeStacks doesn't say whether a stack is protected; no stack is, there. And SAM deletes only uploads whose address
is one of S3: in GetTemplate's answer, the emulator's address becomes one.

This uses a private name of the emulator; ``tests/local/test_starting.py`` fails if another version doesn't have it.
"""

import re
from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import handlers

from local.aws import LOOPBACK, REGION

XML = "_xml"
BEFORE = "<Parameters>"
_SAID = "<EnableTerminationProtection>false</EnableTerminationProtection>"
_UPLOADED = re.compile(rf"http://{re.escape(LOOPBACK)}:\d+/")


def install() -> None:
    setattr(handlers, XML, _completed(getattr(handlers, XML)))


def _completed(original: Callable[..., Any]) -> Callable[..., Any]:
    def answer(status: int, root_tag: str, inner: str) -> Any:
        match root_tag:
            case "DescribeStacksResponse":
                inner = inner.replace(BEFORE, _SAID + BEFORE)
            case "GetTemplateResponse":
                inner = _UPLOADED.sub(f"https://s3.{REGION}.amazonaws.com/", inner)
        return original(status, root_tag, inner)

    return answer
