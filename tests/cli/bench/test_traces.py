"""A log of nothing but stack traces is diagnosed in linear time. Counts steps, so it doesn't depend on the machine."""

import sys
from collections.abc import Callable
from itertools import product

import pytest

from cli.bench.traces import MESSAGES, TRACES, log_of
from cronmend.model import Log
from tests.diagnosis.test_steps import run

LINES = 1_000
EVENTS = (sys.monitoring.events.LINE, sys.monitoring.events.JUMP)
"""Jumps count the turns of a loop within one line."""


def steps(work: Callable[[], object]) -> int:
    """The lines and jumps of Python code that this runs."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    sys.monitoring.use_tool_id(sys.monitoring.PROFILER_ID, "steps")
    for event in EVENTS:
        sys.monitoring.register_callback(sys.monitoring.PROFILER_ID, event, counted)
    sys.monitoring.set_events(sys.monitoring.PROFILER_ID, sum(EVENTS))
    try:
        work()
    finally:
        sys.monitoring.set_events(sys.monitoring.PROFILER_ID, 0)
        sys.monitoring.free_tool_id(sys.monitoring.PROFILER_ID)
    return count


def of(log: Log) -> int:
    run(log)
    return steps(lambda: run(log))


@pytest.mark.parametrize(("name", "message"), list(product(TRACES, MESSAGES)))
def test_twice_as_many_traces_take_twice_as_long(name: str, message: str) -> None:
    one, two = (of(log_of(TRACES[name], message, lines)) for lines in (LINES, 2 * LINES))
    assert two <= 2.2 * one
