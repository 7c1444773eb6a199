"""``cronmend board``: in the terminal, as a file, or in a browser."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.board import documents
from cli.board.reader import BoardReader
from cli.board.table import print_board
from cli.console import fail, out, print_json, reason_of, spinner
from cli.on_call.options import STACK, AsJson, Profile, Region, StackName, reported
from cli.on_call.stack import Stack
from cronmend.board.build import Query, build
from cronmend.board.model import State


def board(  # noqa: PLR0913, PLR0917 # each is an argument or option of the command
    find: Annotated[str, typer.Option("--find", help="Only jobs with this in their name or owner.")] = "",
    owner: Annotated[str, typer.Option("--owner", help="Only jobs of this owner.")] = "",
    state: Annotated[State | None, typer.Option("--state", help="Only jobs in this state.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write it as a page to this file.")] = None,
    open_: Annotated[
        bool, typer.Option("--open", help="Show it in the browser, from this machine only; Ctrl+C ends it.")
    ] = False,
    page: Annotated[int, typer.Option("--page", min=1, help="Which page, if there are many jobs.")] = 1,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show every job at a glance: its state, last runs, next run and success rate; broken jobs first."""
    reader = BoardReader(Stack(stack_name, profile, region))
    query = Query(find, owner, state.value if state else "", page)
    if open_:
        from cli.board.server import serve  # noqa: PLC0415 # only this option needs it

        serve(reader, query)
        return
    with spinner("Reading the ledger"):
        found = build(reported(lambda: reader.facts(datetime.now(UTC))), query)
    if html:
        from cronmend.board.html.links import NoLinks  # noqa: PLC0415 # as above
        from cronmend.board.html.page import document, fragment, title  # noqa: PLC0415

        _write(html, document(title(found), fragment(found, NoLinks())))
    elif as_json:
        print_json(documents.of_board(found))
    else:
        print_board(found)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise fail(f"'{path}' can't be written: {reason_of(error)}. Check that the folder exists.") from error
    out.print(f"Wrote {path}.")
