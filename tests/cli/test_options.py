"""The same options in every command: where it acts, as whom, from when, and in which form it answers."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli.commands import LazyGroup
from cli.main import app
from cli.times import parse_since, parse_until
from tests.fakes import NOW

WITHOUT_A_STACK = {
    *("jobs check", "jobs diff", "jobs run", "jobs pause", "jobs resume", "jobs import", "jobs new", "what-if"),
}
"""They call AWS, and need no stack of Cronmend."""
RECORDS_WHO = {"ack", "mute", "rerun", "catch-up", "jobs publish", "alert publish"}
"""Commands that act on jobs or alerts, whose record names a person."""
NO_DOCUMENT = {
    **dict.fromkeys(
        ["event new", "jobs export", "jobs schema", "jobs import", "jobs new", "schema"],
        "prints a document for programs",
    ),
    **dict.fromkeys(["jobs build", "alert build", "rules build", "rules pack", "samples build"], "writes files"),
    **dict.fromkeys(
        ["jobs run", "jobs pause", "jobs resume", "jobs publish", "alert publish"], "only says what it did"
    ),
    **dict.fromkeys(
        ["hold release", "init", "deploy", "jobs deploy", "upgrade", "remove", "learn", "local up", "local down"],
        "only says what it did",
    ),
    "classify": "prints lines for programs",
    "local env": "prints lines for a shell",
    "mcp": "talks to a program",
    "bench compare": "compares with a file",
    **dict.fromkeys(["bench costs", "bench holds"], "prints a table of the docs"),
    **dict.fromkeys(["rules check", "rules list", "rules try"], "is for people who write rules"),
}


def walked(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every command of the tree, by its words."""
    for name in group.commands:
        command = group.loaded(name) if isinstance(group, LazyGroup) else group.commands[name]
        words = f"{path} {name}".strip()
        if getattr(command, "commands", None):
            yield from walked(command, words)
        else:
            yield words, command


COMMANDS = dict(walked(typer.main.get_command(app)))
OPTIONS = {name: {word for each in command.params for word in each.opts} for name, command in COMMANDS.items()}
OF_AWS = {"--profile", "--region"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_calls_aws_takes_the_profile_the_region_and_the_stack(name: str) -> None:
    found = OPTIONS[name] & {*OF_AWS, "--stack-name"}
    assert found in (set(), {*OF_AWS, "--stack-name"}, OF_AWS)
    assert (found == OF_AWS) == (name in WITHOUT_A_STACK)


def test_what_is_recorded_of_a_person_can_be_given() -> None:
    assert {name for name, options in OPTIONS.items() if "--by" in options} == RECORDS_WHO


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_answers_programs_too_or_there_is_a_reason(name: str) -> None:
    assert ("--json" in OPTIONS[name]) != (name in NO_DOCUMENT)


@pytest.mark.parametrize("name", COMMANDS)
def test_an_option_that_names_a_place_or_a_person_means_the_same_in_every_command(name: str) -> None:
    shared = {"--profile", "--region", "--by"}
    texts = {each.opts[0]: each.help for each in COMMANDS[name].params if each.opts[0] in shared}
    usual = {each.opts[0]: each.help for each in COMMANDS["rerun"].params}
    assert name == "init" or texts.items() <= usual.items()


@pytest.mark.parametrize("text", ["8h", "30m", "2d", "2026-12-01 09:00", "2026-12-01T09:00Z", "2026-12-01T10:00+01:00"])
def test_every_form_of_a_time_is_taken_wherever_one_is(text: str) -> None:
    assert parse_until(text, NOW) - NOW == NOW - parse_since("--from", text, NOW) or text.startswith("2026")
    for command in (["jobs", "next", "--after", text], ["alert", "routes", "--at", text]):
        result = CliRunner().invoke(app, [*command, "--json"])
        assert result.exit_code == 0, result.output
    assert parse_until("2026-12-01 09:00", NOW) == parse_until("2026-12-01T10:00+01:00", NOW)
    assert parse_until("8h", NOW) == NOW + timedelta(hours=8)
