"""What the on-call commands share: the options that name the stack, and how results are printed."""

from collections.abc import Callable
from typing import Annotated

import typer

from cli.aws_options import Profile, Region, StackName
from cli.console import fail, out, print_json
from cli.on_call.stack import CommandError, command_errors
from cli.tables import JOB, TASK, print_facts, print_rows

__all__ = [
    "JOB",
    "STACK",
    "TASK",
    "AsJson",
    "By",
    "JobArgument",
    "Profile",
    "Region",
    "StackName",
    "print_done",
    "print_facts",
    "print_rows",
    "reported",
]

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
JobArgument = Annotated[
    str, typer.Argument(metavar="JOB", help="<group>/<schedule name>, or the name alone.", show_default=False)
]
By = Annotated[str, typer.Option("--by", help="Your name. Default: the name in your AWS credentials.")]
STACK = "cronmend"


def reported[T](call: Callable[[], T]) -> T:
    """The call's result; an error is printed as a sentence, and the command exits with 1."""
    try:
        with command_errors():
            return call()
    except CommandError as error:
        raise fail(str(error)) from error


def print_done(done: str, *, as_json: bool) -> None:
    """What a command did, as a sentence."""
    if as_json:
        print_json({"done": done})
    else:
        out.print(done)
