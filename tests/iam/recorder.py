"""Holds every AWS call of a handler against the handler's role, in whatever test the handler runs.

A hook of botocore sees the calls; the handler on the stack says which function makes them. Other calls, such as those
with which a test prepares its account, are nobody's.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import PurePath
from types import FrameType
from typing import Any

from botocore.handlers import BUILTIN_HANDLERS
from botocore.model import OperationModel

from tests import ROOT
from tests.iam.needs import Call, Need
from tests.iam.roles import TEMPLATE, Role


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a call of a handler needed, and the numbers of the statements of its role that allow it."""

    role: Role
    need: Need
    by: Sequence[int]


@dataclass
class Recorder:
    calls: list["Allowed"] = field(default_factory=list)
    forbidden: list[str] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    """Answers in place of the service's, by ``<service>:<operation>``: for services that no test has."""

    def sees(self, params: Mapping[str, Any], model: OperationModel, context: Mapping[str, Any], **_: Any) -> None:
        if (function := calling(sys._getframe())) is None:
            return
        service = model.service_model.signing_name
        call = Call(service, model.name, params, context["client_region"])
        if not call.known:
            self.forbidden.append(f"{function} calls {service}:{model.name}: say in tests/iam/needs.py what it needs")
            return
        variables = TEMPLATE.variables_of(function)
        role = _role(function, tuple(sorted((k, v) for k, v in os.environ.items() if k in variables)))
        for need in call.needs:
            if by := role.allowing(need):
                self.calls.append(Allowed(role, need, by))
            else:
                self.forbidden.append(f"{function} needs {need}, and its role doesn't allow it")

    def answer(self, model: OperationModel, **_: Any) -> Any:
        found = self.answers.get(f"{model.service_model.signing_name}:{model.name}")
        return None if found is None else (_Answered(), found)

    @contextmanager
    def fresh(self) -> Iterator["Recorder"]:
        """Without what others have recorded."""
        kept = self.calls, self.forbidden, self.answers
        self.calls, self.forbidden, self.answers = [], [], {}
        try:
            yield self
        finally:
            self.calls, self.forbidden, self.answers = kept


@dataclass
class _Answered:
    status_code: int = 200


def calling(frame: FrameType | None) -> str | None:
    """The function whose handler is the innermost on the stack."""
    while frame is not None:
        if frame.f_code.co_name == "handler" and (name := _function(frame.f_code.co_filename)):
            return name
        frame = frame.f_back
    return None


@cache
def _function(path: str) -> str | None:
    """The function, by its name in the template, whose handler is in this file."""
    file = PurePath(path)
    if not file.is_relative_to(ROOT / "functions"):
        return None
    handler = ".".join((*file.relative_to(ROOT / "functions").with_suffix("").parts, "handler"))
    return next((name for name, each in TEMPLATE.functions.items() if each["Handler"] == handler), None)


@cache
def _role(function: str, environment: tuple[tuple[str, str], ...]) -> Role:
    return Role(function, dict(environment))


RECORDER = Recorder()


def install() -> None:
    """For every client that is created from now on; as moto does it."""
    BUILTIN_HANDLERS.append(("before-parameter-build", RECORDER.sees))
    BUILTIN_HANDLERS.append(("before-call", RECORDER.answer))
