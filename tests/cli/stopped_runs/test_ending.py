"""How a run ended, from what a person says of it; what contradicts itself is refused with a way out."""

import pytest

from cli.stopped_runs.ending import BadOption, Ending, StopCode, ending
from cronmend.model.runs import STOP_CODES

PULL = "CannotPullContainerError: image webapp:9 not found"


def test_every_stop_code_that_the_diagnosis_knows_can_be_given() -> None:
    assert set(StopCode) == STOP_CODES - {""}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Ending(StopCode.EXITED, "Essential container in task exited", 1)),
        ({"exit_code": 0}, Ending(StopCode.EXITED, "Essential container in task exited", 0)),
        ({"exit_code": 255}, Ending(StopCode.EXITED, "Essential container in task exited", 255)),
        ({"stop_reason": PULL}, Ending(StopCode.NEVER_STARTED, PULL, None, PULL)),
        ({"stop_code": StopCode.NEVER_STARTED}, Ending(StopCode.NEVER_STARTED, "Task failed to start", None)),
        (
            {"stop_reason": "ResourceInitializationError: no secret"},
            Ending(StopCode.NEVER_STARTED, "ResourceInitializationError: no secret", None),
        ),
        (
            {"stop_reason": "OutOfMemoryError: Container killed due to memory usage"},
            Ending(
                StopCode.EXITED,
                "Essential container in task exited",
                137,
                "OutOfMemoryError: Container killed due to memory usage",
            ),
        ),
        (
            {"stop_reason": "Your Spot Task was interrupted."},
            Ending(StopCode.SPOT, "Your Spot Task was interrupted.", 143),
        ),
        ({"stop_code": StopCode.UNHEALTHY}, Ending(StopCode.UNHEALTHY, "", 143)),
        (
            {"stop_code": StopCode.BY_USER, "exit_code": 0, "stop_reason": "stopped for maintenance"},
            Ending(StopCode.BY_USER, "stopped for maintenance", 0),
        ),
    ],
)
def test_what_is_not_given_follows_from_the_rest(given: dict[str, object], expected: Ending) -> None:
    assert ending(**given) == expected  # type: ignore[arg-type] # a table of options


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({"exit_code": -1}, ("--exit-code", "0 to 255")),
        ({"exit_code": 256}, ("--exit-code", "0 to 255")),
        ({"exit_code": 1, "stop_code": StopCode.NEVER_STARTED}, ("--exit-code 1", "--stop-code TaskFailedToStart")),
        ({"exit_code": 1, "stop_reason": PULL}, ("--exit-code 1", f"--stop-reason '{PULL}'")),
        ({"stop_code": StopCode.EXITED, "stop_reason": PULL}, ("--stop-code EssentialContainerExited", PULL)),
    ],
)
def test_a_contradiction_names_the_options(given: dict[str, object], options: tuple[str, str]) -> None:
    with pytest.raises(BadOption) as refused:
        ending(**given)  # type: ignore[arg-type] # a table of options
    assert all(option in str(refused.value) for option in options)
    assert str(refused.value).endswith(".")


def test_a_run_was_pulled_if_it_ran_or_failed_after_the_pull() -> None:
    assert ending().pulled
    assert ending(stop_reason="CannotStartContainerError: no such file").pulled
    assert not ending(stop_reason=PULL).pulled
