"""A new container of ``task_state`` that handles the events of a file: the program whose instructions are counted.

Run as a file, with the functions alone on Python's path, so that it loads what Lambda loads.
"""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from task_state.app import handler

_CONTEXT: Final[Any] = SimpleNamespace(
    function_name="task_state",
    memory_limit_in_mb=512,
    invoked_function_arn="arn:aws:lambda:eu-west-2:111122223333:function:task_state",
    aws_request_id="bench",
    get_remaining_time_in_millis=lambda: 180_000,
)
"""The parts of Lambda's context that Powertools and the handler use."""

if __name__ == "__main__":
    answers = [handler(event, _CONTEXT) for event in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))]
    # Not by way of Python's own end, which frees all that was loaded: Lambda keeps the container.
    os._exit(any(answer["batchItemFailures"] for answer in answers))
