"""``cronmend local``: AWS on this machine, kept running for experiments."""

import json
from typing import Annotated

import typer
from rich.console import Console

from local import detached
from local.detached import Running, UpFailed

app = typer.Typer(no_args_is_help=True, help="AWS on this machine, with Cronmend and an example site in it.")
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command()
def up() -> None:
    """Start the account and leave it running; the example site's jobs run at their hours."""
    with errors.status("AWS starts on this machine") as status:
        try:
            running, new = detached.up(lambda line: status.update(f"AWS starts on this machine: {line[:100]}"))
        except UpFailed as error:
            errors.print(f"[red]The account did not come up.[/] {error}", markup=True)
            raise typer.Exit(1) from error
    console.print("[green]The account is up.[/]" if new else "The account is up already.")
    _tell(running)


@app.command()
def down() -> None:
    """End the account and everything it started."""
    console.print("The account is down." if detached.down() else "No account was up.")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say whether the account is up, and how to reach it; exit status 1 where it is not."""
    running = detached.status()
    if as_json:
        known = {"up": running is not None, "environment": dict(running.environment) if running else {}}
        console.print_json(json.dumps(known))
    elif running is None:
        console.print("No account is up: start one with [bold]cronmend local up[/].")
    else:
        _tell(running)
    raise typer.Exit(0 if running else 1)


def _tell(running: Running) -> None:
    console.print("\nTo reach it with boto3, the AWS CLI or SAM, set:\n")
    for name, value in running.environment.items():
        console.print(f"  export {name}={value}", soft_wrap=True)
    console.print(f"\nSlack's stand-in: {running.slack_webhook}\nLog: {running.log}\nEnd it with: cronmend local down")
