"""``cronmend schema``: the JSON Schema of what another command prints with ``--json``."""

from typing import Annotated

import typer

from cli.console import fail, print_json


def schema(
    command: Annotated[
        list[str], typer.Argument(metavar="COMMAND…", help="The command, such as: board, or: jobs check.")
    ],
) -> None:
    """Print the JSON Schema of what a command prints with --json."""
    from cli.json_schemas.commands import SCHEMAS, document  # noqa: PLC0415 # reads every document's type

    name = " ".join(command)
    if name not in SCHEMAS:
        raise fail(f"`cronmend {name}` prints no JSON document. Those that do: {', '.join(SCHEMAS)}.", 2)
    print_json(document(name))
