"""The tool that deployed a stack. No other may change it, because the next run of the first would undo that."""

from typing import Final

from cli.on_call.stack import CommandError, Stack

MANAGED_BY: Final = "ManagedBy"
OWN: Final = "cronmend"
OTHERS: Final = {"terraform": "Terraform", "cdk": "the CDK"}
"""Value of the parameter → the tool's name."""


def refuse_of_others(stack: Stack) -> None:
    """
    Raises:
        CommandError: another tool deployed the stack.
    """
    owner = stack.parameters.get(MANAGED_BY, OWN)
    if owner != OWN:
        tool = OTHERS.get(owner, owner)
        raise CommandError(f"The stack '{stack.name}' is managed by {tool}, which would undo this. Change it there.")
