"""Twice the input takes about twice the steps, whatever the input is: no parser can be stalled by a crafted one.

Steps are calls of functions, Python's and C's, so the result doesn't depend on the machine. What happens inside of one
call of a regular expression isn't counted: texts of logs, which can be long and hostile, are matched by RE2 alone,
which is linear (tests/diagnosis/test_hostile_text.py).
"""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cli.on_call.dead_letters import Queue, content_of
from cronmend.diagnosis import fatal_error
from cronmend.incoming import slack_requests, task_events
from cronmend.jobs import cron
from tests.cli.jobs import importing
from tests.cli.jobs.terraform import rule, state, target
from tests.clicks import form, payload, request
from tests.fakes import NOW
from tests.fuzz import foreign
from tests.fuzz.test_parsers import alerts_toml, jobs_toml, started
from tests.samples import RACE_LOG, event

SMALL, LARGE = 40, 160
ALLOWANCE = 1.5
"""Above proportional growth: buffers and caches grow in steps."""
NEVER = "cron(0 0 31 2 ? *)"
"""No February has a 31st."""
SPARSE = "cron(59 23 ? 2 7#5 2199)"


def steps(call: Callable[[], object]) -> int:
    made = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal made
        made += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        call()
    finally:
        sys.setprofile(before)
    return made


def stopped(size: int) -> Any:
    found = event("task_stopped/exit_code_1.json")
    found["detail"]["containers"] *= size
    found["detail"]["overrides"]["containerOverrides"] *= size
    return found


def clicked(size: int) -> Any:
    content = payload(actions=[*payload()["actions"] * size], blocks=["x"] * size)
    return request(form(content))


def terraform(size: int) -> str:
    module = foreign.TERRAFORM["values"]["root_module"]
    return json.dumps({"values": {"root_module": {**module, "resources": module["resources"] * size}}})


def rules(size: int) -> str:
    address, names = "aws_cloudwatch_event_{}.r{}".format, range(size)
    return state(
        *(rule(address("rule", each), "rate(1 day)", name=f"r{each}") for each in names),
        *(target(address("target", each), ["run"], rule=f"r{each}") for each in names),
    )


INPUTS: Mapping[str, Callable[[int], Callable[[], object]]] = {
    "a stopped task": lambda size: lambda: task_events.stopped_task(stopped(size)),
    "a click": lambda size: lambda: slack_requests.click(slack_requests.signed(clicked(size))),
    "a dead letter": lambda size: (
        lambda: content_of(json.dumps(foreign.DEAD_LETTERS[0] | {"more": ["x"] * size}), Queue.FAILURE_ALERT)
    ),
    "a target's input": lambda size: lambda: started(json.dumps({"containerOverrides": [{"name": "a"}] * size})),
    "a log of errors": lambda size: lambda: fatal_error.read(RACE_LOG * size),
    "a log of JSON": lambda size: lambda: fatal_error.read((json.dumps(foreign.JSON_LINES[0]),) * size),
    "a log of carriage returns": lambda size: lambda: fatal_error.read(("a\r" * 20,) * size),
    "a crontab": lambda size: lambda: importing.from_crontab(foreign.CRONTAB * size),
    "Heroku Scheduler's page": lambda size: (
        lambda: importing.from_heroku(_many("rake a{} Standard-1X Every hour at :30\n", size))
    ),
    "Terraform's JSON": lambda size: lambda: importing.from_terraform(terraform(size)),
    "Terraform's rules": lambda size: lambda: importing.from_terraform(rules(size)),
    "jobs.toml": lambda size: lambda: jobs_toml(_many("[jobs.a{}]\nschedule = 'rate(1 hour)'\n", size)),
    "alerts.toml": lambda size: lambda: alerts_toml(_many("[routes.a{}]\nchannels = ['slack']\n", size)),
}


def _many(text: str, size: int) -> str:
    return "".join(text.format(number) for number in range(size))


@pytest.mark.parametrize("name", INPUTS)
def test_steps_grow_with_the_input_and_no_faster(name: str) -> None:
    INPUTS[name](2)()
    small, large = (steps(INPUTS[name](size)) for size in (SMALL, LARGE))
    assert large <= small * LARGE / SMALL * ALLOWANCE, (small, large)


@pytest.mark.parametrize("expression", [NEVER, SPARSE, "cron(* * * * ? *)", "rate(1 minute)"])
def test_the_next_slot_is_found_in_bounded_steps(expression: str) -> None:
    """At most a look at each month of the years that AWS allows, whatever the expression."""
    schedule = cron.parse(expression, "Europe/London", NOW)
    assert steps(lambda: schedule.next(NOW)) < 230 * 12 * 40
