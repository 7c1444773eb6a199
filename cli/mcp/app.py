"""``cronmend mcp``: answer an agent's questions over the Model Context Protocol."""

from typing import Annotated

import typer

from cli.mcp.server import server_of
from cli.on_call.options import STACK, Profile, Region, StackName
from cli.on_call.stack import Stack


def mcp(
    allow_acting: Annotated[
        bool,
        typer.Option("--allow-acting", help="Let the agent also re-run, acknowledge and mute jobs. Guards stay on."),
    ] = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Answer an agent's questions about jobs, over the Model Context Protocol on standard input and output.

    Reads only, unless --allow-acting is given. An agent starts this command itself: add it to its configuration.
    """
    server_of(Stack(stack_name, profile, region), acting=allow_acting).run("stdio")
