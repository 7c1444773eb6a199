"""``cronmend remove``: delete a stack, and leave every schedule as it was."""

from time import sleep

from cli.console import err
from cli.installing.owner import refuse_of_others
from cli.installing.steps import DEPLOY_SCHEDULES, Yes, confirmed, deployment, resources
from cli.installing.unready import FAILED, UNFINISHED, refuse_busy
from cli.on_call.holds import release
from cli.on_call.options import STACK, Profile, Region, StackName, reported
from cli.on_call.stack import Stack
from cronmend.adapters.mode import SECONDS


def remove(
    yes: Yes = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Release held schedules, then delete your stack. The ledger, your jobs' history, is kept."""
    stack = Stack(stack_name, profile, region)
    reported(lambda: _remove(stack, yes=yes))


def _remove(stack: Stack, *, yes: bool) -> None:
    refuse_of_others(stack)
    refuse_busy(stack)
    is_empty = stack.status in (FAILED, UNFINISHED)
    where = f"account {stack.account}, Region {stack.region_name}"
    deploys_schedules = stack.parameters.get(DEPLOY_SCHEDULES) == "true"
    lost = "The schedules of jobs.toml, waiting re-runs" if deploys_schedules else "Waiting re-runs"
    confirmed(f"Delete the stack '{stack.name}' ({where})? {lost} and held alerts are lost.", yes=yes)
    table = "" if is_empty else _released(stack)
    with resources("Deleting") as shown:
        deployment(stack).delete(shown)
    err.print(f"Deleted the stack '{stack.name}'.")
    if table:
        err.print(f"The ledger is kept. To delete it, too: aws dynamodb delete-table --table-name {table}")


def _released(stack: Stack) -> str:
    """The name of the ledger, after the last held schedule was enabled.

    A stack that is deleted can't enable the schedules that it holds. With the mode off it holds no others, and
    functions keep the mode that they have read for a while.
    """
    stack.set_mode("off")
    sleep(SECONDS)
    release(everything=True, stack_name=stack.name, profile=stack.profile, region=stack.region)
    return stack.table
