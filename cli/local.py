"""``cronmend local``: an emulated AWS account on this machine that keeps running, for experiments."""

from typing import Annotated

import typer
from rich.text import Text

from cli.console import fail, out, print_json, spinner
from local import detached
from local.detached import DownFailed, Running, UpFailed

local_app = typer.Typer(
    no_args_is_help=True, help="Run an emulated AWS account on this machine, with Cronmend and an example site."
)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@local_app.command()
def up() -> None:
    """Start the account and leave it running. Its schedules start the example site's jobs."""
    with spinner("Starting AWS on this machine") as progress:
        try:
            running, new = detached.up(
                lambda line: progress.update(Text(f"Starting AWS on this machine: {line[:100]}"))
            )
        except UpFailed as error:
            raise fail(f"The account didn't start: {error}") from error
    out.print(Text("The account is up.", style="green") if new else "The account is already up.")
    _print_settings(running)


@local_app.command()
def down() -> None:
    """Stop the account and everything that it started."""
    with spinner("Stopping the account"):
        try:
            stopped = detached.down()
        except DownFailed as error:
            raise fail(str(error)) from error
    out.print("The account is down." if stopped else "No account was up.")


@local_app.command()
def status(as_json: AsJson = False) -> None:
    """Show whether the account is up, and how to reach it. Exits with 1 if it isn't."""
    running = detached.status()
    if as_json:
        print_json({"up": running is not None, "environment": dict(running.environment) if running else {}})
    elif running is None:
        out.print("No account is up. Start one with: cronmend local up")
    else:
        _print_settings(running)
    raise typer.Exit(0 if running else 1)


def _print_settings(running: Running) -> None:
    out.print("\nTo use it with boto3, the AWS CLI or SAM, set:\n")
    for name, value in running.environment.items():
        out.print(f"  export {name}={value}")
    out.print(f"\nSlack stand-in: {running.slack_webhook}\nLog: {running.log}\nStop it with: cronmend local down")
