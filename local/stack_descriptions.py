"""Complete the answers of the emulator's CloudFormation, as far as `sam delete` and `cronmend upgrade` need it.

DescribeStacks doesn't say whether a stack is protected; no stack is, there. SAM deletes only uploads whose address is
one of S3: in GetTemplate's answer, the emulator's address becomes one. DeleteChangeSet's answer lacks its result, and
boto3 can't read it without.

This uses private names of the emulator; ``tests/local/test_starting.py`` fails if another version doesn't have them.
"""

import re
from collections.abc import Callable
from typing import Any

from ministack.services.cloudformation import changesets, handlers

from local.aws import LOOPBACK, REGION

XML = "_xml"
BEFORE = "<Parameters>"
_SAID = "<EnableTerminationProtection>false</EnableTerminationProtection>"
_UPLOADED = re.compile(rf"http://{re.escape(LOOPBACK)}:\d+/")


def install() -> None:
    for module in (handlers, changesets):
        setattr(module, XML, _completed(getattr(module, XML)))


def _completed(original: Callable[..., Any]) -> Callable[..., Any]:
    def answer(status: int, root_tag: str, inner: str) -> Any:
        match root_tag:
            case "DescribeStacksResponse":
                inner = inner.replace(BEFORE, _SAID + BEFORE)
            case "GetTemplateResponse":
                inner = _UPLOADED.sub(f"https://s3.{REGION}.amazonaws.com/", inner)
            case "DeleteChangeSetResponse":
                inner = "<DeleteChangeSetResult/>"
        return original(status, root_tag, inner)

    return answer
