"""States of a stack in which CloudFormation takes no change."""

from typing import Final

from cli.on_call.stack import CommandError, Stack

UNFINISHED: Final = "REVIEW_IN_PROGRESS"
"""A stack whose first change set was never executed: it has nothing."""
FAILED: Final = "ROLLBACK_COMPLETE"
"""A stack whose first deploy failed. CloudFormation only deletes such a stack."""
_STUCK: Final = "UPDATE_ROLLBACK_FAILED"


def refuse_busy(stack: Stack) -> None:
    """
    Raises:
        CommandError: another change of the stack isn't done, or couldn't be rolled back.
    """
    if stack.status.endswith("_IN_PROGRESS") and stack.status != UNFINISHED:
        raise CommandError(
            f"The stack '{stack.name}' is being changed ({stack.status}). Wait until that has ended, then try again."
        )
    if stack.status == _STUCK:
        remedy = f"aws cloudformation continue-update-rollback --stack-name {stack.name}"
        raise CommandError(f"The last update of '{stack.name}' couldn't be rolled back. First run: {remedy}")
