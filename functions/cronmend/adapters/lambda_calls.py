"""Lambda calls: ``slack_action`` and ``deploy_state`` pass on to themselves; others request runs or wake functions."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.config import Config

from cronmend.adapters.aws import CONFIG, our_errors, session
from cronmend.errors import Permanent
from cronmend.incoming.own_payloads import HEALING_KINDS, run_request_payload
from cronmend.incoming.slack_requests import Click, click_payload
from cronmend.incoming.timer_forms import overdue_payload
from cronmend.model.wakeups import RunRequest
from cronmend.ports.clicks import RerunAnswer

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient

    from cronmend.model.alert_wakeups import Timer

_ONE_CALL = Config(connect_timeout=3, read_timeout=70, retries={"total_max_attempts": 1})
"""``rerun`` has a minute; a second call would only return that the first one has started the run."""


class _Relay:
    """Passes on to one function, without waiting for it."""

    permissions = ("lambda:InvokeFunction",)

    def __init__(self, function: str, client: "LambdaClient | None" = None) -> None:
        self._function = function
        self._client = client or session().client("lambda", config=CONFIG)


class LambdaClickRelay(_Relay):
    def forward(self, click: Click) -> None:
        with our_errors(f"pass a click on to {self._function}"):
            _start(self._client, self._function, click_payload(click))


class LambdaContinuation(_Relay):
    """Another invocation of the function itself, which continues what this one had no time for.

    Lambda stops a chain of about 16, and keeps the event in the function's dead-letter queue:
    https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html.
    """

    def pass_on(self, event: Mapping[str, Any]) -> None:
        with our_errors(f"pass an event on to {self._function}"):
            _start(self._client, self._function, event)


class LambdaReruns:
    permissions = ("lambda:InvokeFunction",)

    def __init__(self, function: str, client: "LambdaClient | None" = None) -> None:
        self._function = function
        self._client = client or session().client("lambda", config=_ONE_CALL)

    def ask(self, run_request: RunRequest) -> RerunAnswer:
        with our_errors(f"request a run of {run_request.job}"):
            content = answer_of(self._client, self._function, run_request_payload(run_request))
        blockers = tuple(f"{each['guard']}: {each['reason']}" for each in content.get("blockers") or ())
        return RerunAnswer(str(content.get("done", "")), str(content.get("task_arn", "")), blockers)


class LambdaWakeups:
    """Not by a timer: a timer of the same name may still be listed, and EventBridge Scheduler may be what failed."""

    permissions = ("lambda:InvokeFunction",)

    def __init__(self, rerun_function: str, alert_function: str, client: "LambdaClient | None" = None) -> None:
        self._rerun_function = rerun_function
        self._alert_function = alert_function
        self._client = client or session().client("lambda", config=CONFIG)

    def wake(self, timer: "Timer") -> None:
        function = self._rerun_function if timer.kind in HEALING_KINDS else self._alert_function
        with our_errors(f"wake {function} for the overdue {timer.name}"):
            _start(self._client, function, overdue_payload(timer))


def _start(client: "LambdaClient", function: str, payload: Mapping[str, Any]) -> None:
    client.invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(payload).encode())


def answer_of(client: "LambdaClient", function: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """Invoke a function and wait for its answer.

    Raises:
        Permanent: the function failed.
    """
    raw = client.invoke(FunctionName=function, Payload=json.dumps(payload).encode())
    answer: Mapping[str, Any] = json.loads(raw["Payload"].read())
    if "FunctionError" in raw:
        name = function.rsplit(":", 1)[-1]
        raise Permanent(f"function {name} failed: {answer.get('errorMessage', answer)}; see its log")
    return answer
