"""``cronmend findings``: what a person should change although no run has failed."""

from collections.abc import Sequence

from rich.text import Text

from cli.console import out, print_json
from cli.on_call import documents
from cli.on_call.options import STACK, AsJson, Profile, Region, StackName, reported
from cli.on_call.stack import Stack
from cronmend.model.findings import KnownFinding


def findings(
    as_json: AsJson = False, stack_name: StackName = STACK, profile: Profile = None, region: Region = None
) -> None:
    """List what needs a person although no run has failed, such as a schedule that was left disabled."""
    stack = Stack(stack_name, profile, region)
    found = reported(stack.findings.read).current
    if as_json:
        print_json([documents.of_finding(each) for each in found])
    elif found:
        _print(found)
    else:
        out.print("No findings.")


def _print(found: Sequence[KnownFinding]) -> None:
    for each in found:
        out.print(Text.assemble((each.finding.job, "bold"), f": {each.finding.sentence}"))
        out.print(Text(f"    {each.finding.remedy}", style="dim"))
