"""``cronmend local``: an emulated AWS account on this machine that keeps running, for experiments."""

from typing import Annotated

import typer
from rich.text import Text

from cli.console import fail, out, print_json, spinner
from cli.local.breaking import break_
from cli.local.client import NoAnswer, account, get, no_account
from cli.local.messages import messages
from cli.local.next_steps import next_steps, steps_of_installing
from local import detached
from local.detached import DownFailed, Running, UpFailed

local_app = typer.Typer(
    no_args_is_help=True, help="Run an emulated AWS account on this machine, with Cronmend and an example site."
)

local_app.command()(messages)
local_app.command("break")(break_)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@local_app.command()
def up(
    bare: Annotated[bool, typer.Option("--bare", help="Leave Cronmend out, to install it yourself.")] = False,
) -> None:
    """Start the account and leave it running. Its schedules start the example site's jobs."""
    with spinner("Starting AWS on this machine") as progress:
        try:
            running, new = detached.up(
                lambda line: progress.update(Text(f"Starting AWS on this machine: {line[:100]}")),
                bare=bare,
            )
        except UpFailed as error:
            raise fail(f"The account didn't start: {error}") from error
    if running.bare != bare:
        other = "without" if running.bare else "with"
        raise fail(f"An account {other} Cronmend is already up. Stop it first: cronmend local down")
    out.print(Text("The account is up.", style="green") if new else "The account is already up.")
    if bare:
        steps_of_installing()
    else:
        next_steps(running)


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
        print_json(_described(running) if running else {"up": False, "environment": {}})
    elif running is None:
        out.print(no_account())
    else:
        _print_status(running)
    raise typer.Exit(0 if running else 1)


@local_app.command()
def env() -> None:
    """Print the variables with which this shell reaches the account. Use it as: eval "$(cronmend local env)"."""
    for name, value in account().environment.items():
        out.print(f"export {name}={value}")


def _described(running: Running) -> dict[str, object]:
    return {
        "up": True,
        "environment": dict(running.environment),
        "messages": running.messages,
        "broken": _broken(running),
    }


def _print_status(running: Running) -> None:
    out.print("\nTo use it with boto3, the AWS CLI or SAM, set:\n")
    for name, value in running.environment.items():
        out.print(f"  export {name}={value}")
    out.print(f"\nMessages: {running.messages}\nSlack stand-in: {running.slack_webhook}\nLog: {running.log}")
    if broken := _broken(running):
        out.print(f"Broken: {broken}. Undo it with: cronmend local break {broken} --fix")
    out.print("Stop it with: cronmend local down")


def _broken(running: Running) -> str:
    try:
        return str(get(running, "break")["broken"])
    except NoAnswer:
        return ""
