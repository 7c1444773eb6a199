"""``cronmend follow``: the schedules that follow a service."""

from collections.abc import Sequence

from cli.console import out, print_json
from cli.on_call.options import JOB, STACK, AsJson, Profile, Region, StackName, print_rows, reported
from cli.on_call.stack import Stack
from cronmend.adapters.ledger.items import to_item
from cronmend.deploys.following import Following
from cronmend.model import TaskDefinitionRef


def follow(
    as_json: AsJson = False, stack_name: StackName = STACK, profile: Profile = None, region: Region = None
) -> None:
    """List the schedules that follow a service: what each runs, its last move, and why it isn't moved now."""
    stack = Stack(stack_name, profile, region)
    found = reported(lambda: sorted(stack.followings.all(), key=lambda each: each.job))
    if as_json:
        print_json([to_item(each) for each in found])
    elif found:
        headings = (JOB, "Runs", "Moved (UTC)", "From", "Because", "Not moved because")
        print_rows(headings, [_row(each) for each in found])
    else:
        out.print("No schedule follows a service.")


def _row(row: Following) -> Sequence[str]:
    live = _name(row.theirs or row.target)
    if (latest := row.latest) is None:
        return row.job, live, "", "", "", row.waits
    return row.job, live, f"{latest.at:%Y-%m-%d %H:%M}", _name(latest.before), latest.reason, row.waits


def _name(arn: str) -> str:
    return str(TaskDefinitionRef.parse(arn))
