"""``cronmend report``: what the jobs and Cronmend did in some days."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli.board import report_forms
from cli.board.app import write_page
from cli.board.reader import BoardReader
from cli.console import fail, out, print_json, spinner, write
from cli.on_call.options import STACK, AsJson, Profile, Region, StackName, print_facts, print_rows, reported
from cli.on_call.stack import Stack
from cli.times import parse_since
from cronmend.board import activity
from cronmend.board import activity_words as words
from cronmend.board.activity import Activity
from cronmend.board.period import Period
from cronmend.errors import Permanent
from cronmend.model.past_runs import KEPT


def report(  # noqa: PLR0913, PLR0917 # each is an option of the command
    since: Annotated[
        str, typer.Option("--since", help=f"The first day: a date, or days such as 7d; at most {KEPT}d.")
    ] = "30d",
    markdown: Annotated[bool, typer.Option("--md", help="Print Markdown.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print a line for each incident, for a spreadsheet.")] = False,
    html: Annotated[Path | None, typer.Option("--html", help="Write it as a page to this file.")] = None,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Report runs, failures, healing and alerts of some days, and what caused the most noise.

    Days are whole days in UTC, today's included.
    """
    if sum(map(bool, (markdown, csv, html, as_json))) > 1:
        raise fail("Choose one of --md, --csv, --html and --json.", 2)
    now, reader = datetime.now(UTC), BoardReader(Stack(stack_name, profile, region))
    period = reported(lambda: period_of(since, now))
    with spinner("Reading the ledger"):
        found = activity.of(reported(lambda: reader.past(period, now)))
    if html:
        from cli.board.report_page import page  # noqa: PLC0415 # only this option needs it

        write_page(html, page(found))
    elif as_json:
        print_json(report_forms.as_document(found))
    elif markdown or csv:
        write(report_forms.markdown(found) if markdown else report_forms.comma_separated(found))
    else:
        print_report(found)


def period_of(since: str, now: datetime) -> Period:
    """
    Raises:
        Permanent: it is neither days nor a date, or runs aren't counted for so long.
    """
    first = parse_since("--since", since, now).date()
    days = (now.date() - first).days + (0 if since.strip().endswith("d") else 1)
    if 1 <= days <= KEPT:
        return Period.latest(now, days)
    remedy = f"Use a duration from 1d to {KEPT}d, or a date in these days"
    raise Permanent(f"--since: runs are counted for {KEPT} days. {remedy}.")


def print_report(found: Activity) -> None:
    out.print(Text(words.headline(found), style="bold"))
    out.print(Text(words.days(found), style="dim"))
    out.print()
    print_facts([(each.name, each.in_words) for each in words.figures(found)])
    for each in words.tables(found):
        out.print()
        out.print(Text.assemble((each.title, "bold"), (f"  {each.note}" if each.note else "", "dim")))
        print_rows(each.columns, each.rows)
