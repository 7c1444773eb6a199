"""Send a made-up failure through the real functions, end its incident, and send a test message to every channel."""

import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cli.doctor.findings import Finding, State
from cli.doctor.gather import tried
from cli.doctor.sample_events import stopped
from cli.on_call.stack import Stack
from cronmend.incoming.alert_payloads import CANARY
from cronmend.jobs.identity import JOB_VARIABLE
from cronmend.model import Missing
from cronmend.model.incident import IncidentState

JOB = "cronmend/cronmend-doctor"
"""It has no schedule, so nothing re-runs it."""
OLDER = timedelta(minutes=10)
"""A success ends only the incident of a run that was created well before."""
_CHECK = "send"


def sent(stack: Stack, progress: Callable[[str], None]) -> Iterator[Finding]:
    """task_state gets a failure, then a success that ends its incident; failure_alert sends the test message."""
    progress("made-up failure")
    failed, succeeded = _run(stack, 1, OLDER), _run(stack, 0, timedelta())
    yield _of_run(tried(lambda: stack.ask("TaskStateFunctionName", failed)), "failure", IncidentState.ALERTED)
    yield _of_run(tried(lambda: stack.ask("TaskStateFunctionName", succeeded)), "success", IncidentState.RECOVERED)
    progress("test message")
    yield from _of_canary(tried(lambda: stack.ask_failure_alert({"kind": CANARY})))


def _run(stack: Stack, exit_code: int, older: timedelta) -> dict[str, Any]:
    """``older``: how long ago the run was created."""
    cluster = stack.cluster_names[0]
    container = {"name": "doctor", "exitCode": exit_code, "lastStatus": "STOPPED"}
    variable = {"name": JOB_VARIABLE, "value": JOB}
    return stopped(
        stack,
        cluster,
        taskArn=stack.arn("ecs", "task", f"{cluster}/{uuid.uuid4().hex}"),
        createdAt=(datetime.now(UTC) - older).isoformat(),
        stopCode="EssentialContainerExited",
        stoppedReason="Essential container in task exited",
        containers=[container],
        overrides={"containerOverrides": [{"name": "doctor", "environment": [variable]}]},
    )


def _of_run(answer: Any, what: str, wanted: IncidentState) -> Finding:
    if isinstance(answer, Missing):
        remedy = "Read the log of task_state."
        return Finding(_CHECK, State.FINDING, f"task_state didn't handle a made-up {what}: {answer.reason}", remedy)
    state = (answer.get("incident") or {}).get("state", "not there")
    if state != wanted:
        remedy = "Read the log of task_state, and `cronmend incidents`."
        said = f"After a made-up {what} of {JOB}, its incident is {state}, not {wanted}: {answer.get('sentence', '')}"
        return Finding(_CHECK, State.FINDING, said, remedy)
    return Finding(_CHECK, State.OK, f"task_state handled a made-up {what} of {JOB}: its incident is {state}.")


def _of_canary(answer: Any) -> Iterator[Finding]:
    if isinstance(answer, Missing):
        remedy = "Read the log of failure_alert."
        yield Finding(_CHECK, State.FINDING, f"failure_alert sent no test message: {answer.reason}", remedy)
        return
    for channel, error in answer["failed"].items():
        remedy = "Fix the channel; `cronmend alert channels` shows its state."
        yield Finding(_CHECK, State.FINDING, f"The test message didn't reach {channel}: {error}", remedy)
    for channel in answer["delivered"]:
        yield Finding(_CHECK, State.OK, f"The test message reached {channel}.")
