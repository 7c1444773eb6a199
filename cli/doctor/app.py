"""``cronmend doctor``: examine a deployed stack. Each finding comes with its remedy."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli.console import fail, out, print_json, spinner
from cli.deploying.places import DIRECTORY
from cli.doctor import checks, checks_of_files, checks_of_use
from cli.doctor.facts import Deployed, Facts
from cli.doctor.findings import Finding, State, exit_status
from cli.doctor.gather import Gatherer
from cli.doctor.send import sent
from cli.on_call.options import STACK, AsJson, Profile, Region, StackName
from cli.on_call.stack import CommandError, Stack, command_errors

BUILT = Path(".aws-sam/source/functions/cronmend/jobs/jobs.json")
"""In the stack's directory: the policies as `make deploy` packages them."""
_MARKS = {State.OK: ("✓", "green"), State.FINDING: ("✗", "red"), State.UNREAD: ("?", "yellow")}


def doctor(
    send: Annotated[
        bool, typer.Option("--send", help="Also send a made-up failure through the functions, and a test message.")
    ] = False,
    account: Annotated[Path, typer.Option(help="The directory with the stack's settings and jobs.")] = DIRECTORY,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Examine the deployed stack. Exits with 1 if something is wrong, with 2 if it couldn't be examined."""
    stack = Stack(stack_name, profile, region)
    with spinner("Examining the stack") as status:

        def progress(part: str) -> None:
            status.update(Text(f"Examining the stack: {part}"))

        try:
            with command_errors():
                _ = stack.outputs
        except CommandError as error:
            raise fail(str(error), 2) from error
        findings = [
            *examined(Gatherer(stack, datetime.now(UTC), account / BUILT).facts(progress)),
            *(sent(stack, progress) if send else ()),
        ]
    if as_json:
        print_json([asdict(each) for each in findings])
    else:
        _print(findings)
    raise typer.Exit(exit_status(findings))


def examined(facts: Facts) -> Sequence[Finding]:
    """What the checks find, in the order in which an event passes through the stack."""
    parameters = facts.stack.parameters if isinstance(facts.stack, Deployed) else {}

    def parameter(name: str) -> str:
        return parameters.get(name, "")

    results: Sequence[Sequence[Finding]] = (
        checks.stack_of(version("cronmend"))(facts.stack),
        checks_of_use.clusters(facts.clusters),
        checks_of_use.scheduled(facts.scheduled),
        checks_of_files.policies_of(facts.scheduled)(facts.policies),
        checks_of_files.published_at(facts.now)(facts.published),
        checks_of_use.starts_of(facts.functions)(facts.scheduled),
        checks.rules_of(parameter("Pipelines"), parameter("WatchRunTask"))(facts.rules),
        checks.functions(facts.functions),
        checks.permissions(facts.permissions),
        checks.ledger(facts.table),
        checks_of_use.mode(facts.mode),
        checks_of_use.circuit(facts.circuit_until),
        checks_of_use.holds_at(facts.now)(facts.holds),
        checks_of_use.followings_at(facts.now)(facts.followings),
        checks_of_use.known(facts.known),
        checks_of_use.secrets(facts.secrets),
        checks_of_use.slack_of(parameter("SlackAllowed"))(facts.slack),
        checks_of_use.topic_of(parameter("SlackSecretArn"))(facts.topic),
        checks.alarms(facts.alarms),
        checks_of_use.dead_letters(facts.dead_letters),
    )
    return [finding for result in results for finding in result]


def _print(findings: Sequence[Finding]) -> None:
    for each in findings:
        out.print(Text.assemble(_MARKS[each.state], f" {each.check}: {each.what}"))
        if each.remedy:
            out.print(Text(f"    {each.remedy}", style="dim"))
    out.print(checks.summary(findings))
