"""What a collector puts around each line of a log changes no diagnosis."""

import json
from collections.abc import Callable

import pytest

from cronmend.diagnosis.fatal_error import envelopes
from cronmend.diagnosis.fatal_error.signs import Signs
from tests.diagnosis.test_causes import CASES
from tests.diagnosis.test_steps import run

BEFORE = ("starting nightly", "reading the settings", "42 rows")
STAMP = "2026-11-23T02:00:07.004561Z"
ENVELOPES: dict[str, Callable[[str], str]] = {
    "Docker's JSON": lambda line: json.dumps({"log": f"{line}\n", "stream": "stderr", "time": STAMP}),
    "FireLens": lambda line: json.dumps({"container_name": "app", "source": "stdout", "log": line, "ecs_cluster": "a"}),
    "CRI": lambda line: f"{STAMP} stderr F {line}",
    "syslog, RFC 3164": lambda line: f"Nov 23 02:00:07 ip-10-0-3-77 nightly[31]: {line}",
    "syslog, RFC 5424": lambda line: f"<14>1 {STAMP} host nightly 31 - - {line}",
    "kubectl": lambda line: f"[pod/nightly-28374/app] {line}",
    "Airflow": lambda line: f"[2026-11-23T02:00:07.004+0000] {{subprocess.py:93}} INFO - {line}",
    "supercronic": lambda line: f'time="{STAMP}" level=info msg={json.dumps(line, ensure_ascii=False)} channel=stderr',
    "Compose": lambda line: f"app-1  | {line}",
    "the time": lambda line: f"{STAMP} {line}",
    "the time in brackets": lambda line: f"[02:00:07] {line}",
}
NOTICES = (
    ("npm notice", "npm notice New minor version of npm available! 10.8.2 -> 10.9.4", "npm notice"),
    ("", "[notice] A new release of pip is available: 24.0 -> 25.3", "[notice] To update, run: pip install -U pip"),
)


@pytest.mark.parametrize("wrap", ENVELOPES.values(), ids=ENVELOPES.keys())
def test_an_envelope_around_each_line_changes_nothing(wrap: Callable[[str], str]) -> None:
    wrong = []
    for _, case in CASES:
        lines = (*BEFORE, *case["log"].strip("\n").split("\n"))
        found = run(tuple(map(wrap, lines)), code=case.get("code", 1)).category
        wrong += [] if found == case["category"] else [(case["log"], found)]
    assert wrong == []


def test_envelopes_inside_others_are_removed_too() -> None:
    lines = ("Traceback (most recent call last):", '  File "/app/j.py", line 3, in <module>', "KeyError: 'total'")
    wrapped = tuple(ENVELOPES["CRI"](ENVELOPES["Docker's JSON"](line)) for line in lines)
    assert run(wrapped).line == "KeyError: 'total'"


def test_a_programs_name_before_each_line_hides_no_stack_trace() -> None:
    lines = (
        "starting",
        "Traceback (most recent call last):",
        '  File "/app/j.py", line 3, in <module>',
        "KeyError: 'total'",
    )
    assert run(tuple(f"levy: {line}" for line in lines)).line == "KeyError: 'total'"


def test_a_programs_own_name_before_its_messages_stays() -> None:
    assert run(("levy: starting", "levy: 12 rows", "levy: no route to host")).line == "levy: no route to host"


def test_lines_that_did_not_go_through_the_collector_hide_no_envelope() -> None:
    lines = ("Traceback (most recent call last):", '  File "/app/j.py", line 3, in <module>', "KeyError: 'total'")
    assert run((*map(ENVELOPES["CRI"], lines), "statsd: flushed", "exit 1")).line == "KeyError: 'total'"


@pytest.mark.parametrize("notice", NOTICES, ids=["npm", "pip"])
def test_notices_of_package_managers_hide_nothing(notice: tuple[str, ...]) -> None:
    wrong = []
    for _, case in CASES:
        found = run((*case["log"].strip("\n").split("\n"), *notice), code=case.get("code", 1)).category
        wrong += [] if found == case["category"] else [(case["log"], found)]
    assert wrong == []


@pytest.mark.parametrize(
    "lines",
    [
        ["id | name", "1  | Mia"],
        ["  | Traceback (most recent call last):", "  | x"],
        ['{"level":"error","time":1,"msg":"x"}'],
        ['{"stream":"orders","message":"failed","error":"connection refused"}'],
        ['{"log": {"level": "error"}, "stream": "a"}', '{"stream": '],
        ["2026-11-23 02:00:00,123 ERROR job: x"],
        ["[pod] x", "<3>job: x", "Total: 3", ""],
    ],
)
def test_what_the_program_printed_itself_stays(lines: list[str]) -> None:
    assert envelopes.removed(lines, Signs(lines).hides_blocks) == lines
