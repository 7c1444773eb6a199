"""``--send``: a made-up failure through the functions, its end, and a test message to every channel."""

from typing import Any

import pytest

from cli.doctor.findings import State
from cli.doctor.send import JOB, sent
from cronmend.errors import Permanent
from cronmend.incoming import task_events
from tests.cli.doctor.canned import CannedStack, answers

STATE, ALERT = "TaskStateFunctionName", "FailureAlertFunctionName"
FAILED, SUCCEEDED = {"incident": {"state": "alerted"}}, {"incident": {"state": "recovered"}}
SENT = {"delivered": ["slack"], "failed": {}}


def stack(*runs: Any, canary: Any = SENT) -> CannedStack:
    return CannedStack(known={**answers(), STATE: list(runs), ALERT: [canary]})


def states(it: CannedStack) -> list[State]:
    return [each.state for each in sent(it, lambda part: None)]


def test_a_failure_a_success_and_a_message() -> None:
    it = stack(FAILED, SUCCEEDED)
    assert states(it) == [State.OK] * 3
    assert [function for function, _ in it.asked] == [STATE, STATE, ALERT]


def test_the_runs_are_those_of_one_job_and_the_success_is_the_later_one() -> None:
    it = stack(FAILED, SUCCEEDED)
    states(it)
    failed, succeeded = (task_events.stopped_task(dict(payload)) for _, payload in it.asked[:2])
    assert {each.overrides[0].environment["CRONMEND_JOB"] for each in (failed, succeeded)} == {JOB}
    assert (failed.containers[0].exit_code, succeeded.containers[0].exit_code) == (1, 0)
    assert failed.created_at
    assert succeeded.created_at
    assert (succeeded.created_at - failed.created_at).total_seconds() > 60
    assert failed.task_id != succeeded.task_id


@pytest.mark.parametrize(
    "it",
    [
        stack(Permanent("function failed"), SUCCEEDED),
        stack(FAILED, FAILED),
        stack(FAILED, {}),
        stack(FAILED, SUCCEEDED, canary=Permanent("no")),
        stack(FAILED, SUCCEEDED, canary={"delivered": [], "failed": {"slack": "invalid_auth"}}),
    ],
    ids=["task_state fails", "stays open", "no incident", "failure_alert fails", "a channel fails"],
)
def test_what_fails_on_the_way_is_a_finding(it: CannedStack) -> None:
    assert states(it).count(State.FINDING) == 1
