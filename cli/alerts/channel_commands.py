"""`cronmend alert channels` and `canary`: check that the deployed channels still deliver."""

from datetime import UTC, datetime

import typer
from rich.text import Text

from cli.console import out, print_json, spinner
from cli.on_call.options import STACK, AsJson, Profile, Region, StackName, print_rows, reported
from cli.on_call.stack import Stack
from cronmend.adapters.ledger.items import to_item
from cronmend.alerting.conversations import Health
from cronmend.incoming.alert_payloads import CANARY
from cronmend.wording import span


def channels(
    as_json: AsJson = False, stack_name: StackName = STACK, profile: Profile = None, region: Region = None
) -> None:
    """Show each channel's last delivery and last error. Exits with 1 if the last try of a channel failed."""
    stack = Stack(stack_name, profile, region)
    found = sorted(reported(stack.channels.all), key=lambda health: health.channel)
    if as_json:
        print_json([{**to_item(each), "works": not each.error} for each in found])
    elif found:
        now = datetime.now(UTC)
        columns = ("Channel", "Works", "Last delivered", "Last failure", "Error")
        print_rows(columns, [_row(each, now) for each in found])
    else:
        out.print("No channel has been used yet. To test them all, run `cronmend alert canary`.")
    raise typer.Exit(1 if any(each.error for each in found) else 0)


def canary(
    as_json: AsJson = False, stack_name: StackName = STACK, profile: Profile = None, region: Region = None
) -> None:
    """Send a test message to every channel of every route. Exits with 1 if a channel fails."""
    stack = Stack(stack_name, profile, region)
    with spinner("Sending a test message to every channel"):
        answer = reported(lambda: stack.ask_failure_alert({"kind": CANARY}))
    errors: dict[str, str] = {**dict.fromkeys(answer["delivered"], ""), **answer["failed"]}
    if as_json:
        print_json({name: error or "delivered" for name, error in errors.items()})
    for name, error in errors.items() if not as_json else ():
        mark = ("✗", "red") if error else ("✓", "green")
        out.print(Text.assemble(mark, f" {name}: {error or 'delivered'}"))
    if not errors and not as_json:
        out.print("The routes name no channel that the stack has. Add one to alerts.toml, or to the stack.")
    raise typer.Exit(0 if errors and not any(errors.values()) else 1)


def _row(health: Health, now: datetime) -> tuple[str, ...]:
    works = "no" if health.error else "yes"
    return (health.channel, works, _ago(health.delivered_at, now), _ago(health.failed_at, now), health.error)


def _ago(at: datetime | None, now: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC, {span(now - at)} ago" if at else "never"
