"""``cronmend board``: in the terminal, as a file, or in a browser."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.board import documents
from cli.board.reader import BoardReader
from cli.board.table import print_board, print_story
from cli.console import fail, out, print_json, reason_of, spinner
from cli.on_call.options import STACK, AsJson, Profile, Region, StackName, reported
from cli.on_call.stack import CommandError, Stack
from cronmend.board.build import Query, build
from cronmend.board.model import Board, State


def board(  # noqa: PLR0913, PLR0917 # each is an argument or option of the command
    job: Annotated[
        str, typer.Argument(metavar="JOB", help="<group>/<schedule name>, or the name alone: show only this job.")
    ] = "",
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
    """Show every job at a glance: its state, last runs, next run and success rate; broken jobs first.

    With JOB, also its latest incident as a story.
    """
    reader = BoardReader(Stack(stack_name, profile, region))
    query = Query(find, owner, state.value if state else "", page, job)
    if open_:
        from cli.board.server import serve  # noqa: PLC0415 # only this option needs it

        serve(reader, query)
        return
    with spinner("Reading the ledger"):
        found = build(reported(lambda: reader.facts(datetime.now(UTC))), query)
        records = reported(lambda: reader.records(one_job(found, job))) if job else None
    if html:
        from cli.board.page import page_of  # noqa: PLC0415 # as above

        write_page(html, page_of(found, records))
    elif as_json:
        print_json({**documents.of_board(found), **(documents.of_records(records, found.now) if records else {})})
    else:
        print_board(found)
        if records:
            print_story(records, found.now)


def one_job(found: Board, name: str) -> str:
    """The ID of the only job on the board.

    Raises:
        CommandError: there is none, or several are named so.
    """
    if len(found.rows) == 1:
        return found.rows[0].job
    if found.rows:
        several = ", ".join(each.job for each in found.rows)
        raise CommandError(f"Several jobs are named '{name}': {several}. Use one of these names.")
    raise CommandError(f"No job named '{name}' is on the board. `cronmend board --find TEXT` finds jobs by a part.")


def write_page(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise fail(f"'{path}' can't be written: {reason_of(error)}. Check that the folder exists.") from error
    out.print(f"Wrote {path}.")
