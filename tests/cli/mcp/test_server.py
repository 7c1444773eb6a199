"""``cronmend mcp``, asked by the protocol's own client."""

import json
import sys
from collections.abc import Mapping
from copy import replace
from functools import wraps
from threading import Barrier, BrokenBarrierError
from typing import Any

import anyio
import pytest
from mcp import Client, StdioServerParameters, stdio_client
from mcp_types import Implementation, TextContent

from cli.board import sample_report
from cli.board.reader import BoardReader
from cli.mcp import questions
from cli.mcp.server import server_of
from cli.on_call.stack import Stack
from cronmend.model import Missing
from cronmend.model.wakeups import RunRequest
from tests.adapters.ledger.test_ledger import alert_change, table
from tests.fakes import NOW

READING = {"board", "job", "incidents", "findings", "report", "history", "why", "logs"}
ACTING = {"rerun", "ack", "mute"}
SECRET = "AKIA" + "IOSFODNN7EXAMPLE"


@pytest.fixture
def stack(aws: None, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack with an incident whose log shows a key."""
    monkeypatch.setattr(Stack, "outputs", {"LedgerTable": "ledger", "RerunFunctionName": "rerun"})
    monkeypatch.setattr(Stack, "parameters", {"Cluster": "jobs", "RedactPatterns": "ticket-[0-9]+"})
    ledger = table()
    change = alert_change()
    incident = change.job_state.incident
    assert incident
    diagnosis = replace(incident.diagnosis, excerpt=(f"key {SECRET}", "charges ticket-4711"))
    ledger.commit(
        replace(change, job_state=replace(change.job_state, incident=replace(incident, diagnosis=diagnosis))), NOW
    )
    return Stack("cronmend", None, None)


def asked(stack: Stack, tool: str, *, acting: bool = False, **arguments: Any) -> Any:
    async def ask() -> Any:
        async with Client(
            server_of(stack, acting=acting), client_info=Implementation(name="helper\x1b[2J", version="1")
        ) as client:
            return await client.call_tool(tool, arguments)

    return anyio.run(ask)


def answer(stack: Stack, tool: str, *, acting: bool = False, **arguments: Any) -> Mapping[str, Any]:
    result = asked(stack, tool, acting=acting, **arguments)
    assert not result.is_error, result.content
    found: Mapping[str, Any] = result.structured_content
    return found


def names(stack: Stack, *, acting: bool) -> set[str]:
    async def ask() -> set[str]:
        async with Client(server_of(stack, acting=acting)) as client:
            tools = (await client.list_tools()).tools
            assert all(tool.description for tool in tools)
            assert {tool.name for tool in tools if tool.annotations and tool.annotations.read_only_hint} == READING
            return {tool.name for tool in tools}

    return anyio.run(ask)


def test_it_acts_only_if_a_person_allows_it(stack: Stack) -> None:
    assert names(stack, acting=False) == READING
    assert names(stack, acting=True) == READING | ACTING
    assert asked(stack, "ack", job="g/j").is_error


def test_a_report_is_that_of_the_command(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoardReader, "past", lambda reader, period, now: sample_report.past())
    assert answer(stack, "report", since="7d")["alerts_sent"] == 5
    assert asked(stack, "report", since="90d").is_error


def test_an_answer_is_redacted_as_a_message_is(stack: Stack) -> None:
    (incident,) = answer(stack, "incidents")["incidents"]
    assert incident["excerpt"] == ["key [hidden]", "charges [hidden]"]
    assert SECRET not in json.dumps(answer(stack, "why", task=incident["task_id"]))


def test_an_error_is_a_sentence_with_its_remedy(stack: Stack) -> None:
    result = asked(stack, "why", task="gone")
    assert result.is_error
    (content,) = result.content
    assert isinstance(content, TextContent)
    assert content.text.endswith(
        "The ledger has no run of task 'gone'. `cronmend history JOB` lists a job's runs with their tasks, "
        "and `cronmend why TASK --job JOB` shows one that succeeded."
    )


def test_an_error_is_redacted_too(stack: Stack) -> None:
    (content,) = asked(stack, "why", task=f"{SECRET} ticket-4711").content
    assert "no run of task '[hidden] [hidden]'" in content.text


def test_a_log_that_cannot_be_read_takes_nothing_from_the_answer(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    (incident,) = answer(stack, "incidents")["incidents"]
    monkeypatch.setattr(questions, "tail", lambda *_: Missing("the log group does not exist"))
    found = answer(stack, "why", task=incident["task_id"], log=True)
    assert found["log_unread"] == "the log group does not exist"
    assert found["run"]["task_id"] == incident["task_id"]


def test_calls_at_once_are_answered_one_after_another(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The barrier opens only if both are inside."""
    both, met = Barrier(2), []

    def findings(_: object) -> dict[str, Any]:
        try:
            met.append(both.wait(0.2))
        except BrokenBarrierError:
            both.reset()
        return {}

    async def ask() -> None:
        async with Client(server_of(stack, acting=False)) as client, anyio.create_task_group() as group:
            for _ in range(2):
                group.start_soon(client.call_tool, "findings", {})

    monkeypatch.setattr(questions.Questions, "findings", wraps(questions.Questions.findings)(findings))
    anyio.run(ask)
    assert met == []


def test_an_action_is_recorded_with_the_person_and_the_program(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stack, "person", "ann")
    (incident,) = answer(stack, "incidents")["incidents"]
    done = answer(stack, "ack", acting=True, job=incident["job"])
    assert "ann through helper" in done["done"]
    assert "\x1b" not in done["done"]
    assert answer(stack, "incidents")["incidents"][0]["acknowledged_by"].startswith("ann through helper")


def test_a_re_run_goes_through_the_guards(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    requests: list[RunRequest] = []

    def ask(stack: Stack, request: RunRequest) -> Mapping[str, Any]:
        requests.append(request)
        return {"task_arn": "", "done": "no"}

    monkeypatch.setattr(Stack, "person", "ann")
    monkeypatch.setattr(Stack, "ask_rerun", ask)
    (incident,) = answer(stack, "incidents")["incidents"]
    assert answer(stack, "rerun", acting=True, job=incident["job"]) == {"task_arn": "", "done": "no"}
    (request,) = requests
    assert not request.force
    assert request.by.startswith("ann through helper")


def test_a_mute_names_its_end(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stack, "person", "ann")
    (incident,) = answer(stack, "incidents")["incidents"]
    muting = {"jobs": incident["job"], "reason": "migration"}
    assert "is muted until" in answer(stack, "mute", acting=True, until="8h", **muting)["done"]
    assert asked(stack, "mute", acting=True, until="soon", **muting).is_error


def test_the_command_speaks_the_protocol_on_standard_output() -> None:
    async def ask() -> set[str]:
        server = StdioServerParameters(command=sys.executable, args=["-c", "from cli.main import run; run()", "mcp"])
        async with Client(stdio_client(server)) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert anyio.run(ask) == READING
