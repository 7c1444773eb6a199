"""Fit a value from JSON into a request's shape in botocore's model, as EventBridge Scheduler does with an input.

AWS's services take a number or a boolean for a string, and digits in quotes for a number. botocore refuses both before
it sends the request.
"""

from collections.abc import Mapping
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from cronmend.jobs.run_task_request import as_text

_NUMBERS = {"integer", "long"}
_BOOLEANS = {"true": True, "false": False}


def fitted_request(client: Any, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The request of a client's operation, such as ``RunTask``."""
    shape = client.meta.service_model.operation_model(operation).input_shape
    return dict(request) if shape is None else fitted(shape, dict(request))


def fitted(shape: Shape, value: Any) -> Any:
    """The value with each scalar in the type of its shape. What doesn't fit is left for botocore to refuse."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {key: _member(shape, key, each) for key, each in value.items() if each is not None}
    if isinstance(shape, ListShape) and isinstance(value, list | tuple):
        return [fitted(shape.member, each) for each in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {key: fitted(shape.value, each) for key, each in value.items()}
    return _scalar(shape.type_name, value)


def _member(shape: StructureShape, key: str, value: Any) -> Any:
    return fitted(shape.members[key], value) if key in shape.members else value


def _scalar(kind: str, value: Any) -> Any:
    if kind == "string" and isinstance(value, bool | int | float):
        return as_text(value)
    if kind in _NUMBERS and isinstance(value, str) and value.removeprefix("-").isdecimal():
        return int(value)
    if kind == "boolean" and isinstance(value, str):
        return _BOOLEANS.get(value.lower(), value)
    return value
