"""The commands on the deployed channels: whether they still reach people."""

from datetime import UTC, datetime

import typer
from rich.markup import escape

from cli.on_call.options import STACK, AsJson, Profile, Region, StackName, asked, console, print_json, print_table
from cli.on_call.stack import Stack
from cronmend.adapters.ledger.items import to_item
from cronmend.alerting.conversations import Health
from cronmend.incoming.own_payloads import CANARY
from cronmend.wording import span


def channels(
    as_json: AsJson = False, stack_name: StackName = STACK, profile: Profile = None, region: Region = None
) -> None:
    """Say when each channel last took a message, and what went wrong. Exit 1 where one's last try failed."""
    stack = Stack(stack_name, profile, region)
    found = sorted(asked(stack.channels.all), key=lambda health: health.channel)
    if as_json:
        print_json([{**to_item(each), "works": not each.error} for each in found])
    elif found:
        now = datetime.now(UTC)
        print_table(
            ("Channel", "Works", "Last delivered", "Last failure", "Error"), [_row(each, now) for each in found]
        )
    else:
        console.print("No channel has been sent anything yet: `cronmend alert canary` tries each.")
    raise typer.Exit(1 if any(each.error for each in found) else 0)


def canary(
    as_json: AsJson = False, stack_name: StackName = STACK, profile: Profile = None, region: Region = None
) -> None:
    """Send a message that says only that alerts arrive, to every channel of every route. Exit 1 where one fails."""
    stack = Stack(stack_name, profile, region)
    outcomes = asked(lambda: stack.ask_failure_alert({"kind": CANARY}))
    if as_json:
        print_json(outcomes)
    for name, outcome in outcomes.items() if not as_json else ():
        mark = "[green]✓[/]" if outcome == "delivered" else "[red]✗[/]"
        console.print(f"{mark} {escape(name)}: {escape(outcome)}", soft_wrap=True)
    if not outcomes and not as_json:
        console.print("The routes name no channel that the stack has.")
    raise typer.Exit(0 if outcomes and set(outcomes.values()) == {"delivered"} else 1)


def _row(health: Health, now: datetime) -> tuple[str, ...]:
    works = "no" if health.error else "yes"
    return (health.channel, works, _ago(health.delivered_at, now), _ago(health.failed_at, now), health.error)


def _ago(at: datetime | None, now: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC, {span(now - at)} ago" if at else "never"
