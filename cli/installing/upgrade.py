"""``cronmend upgrade``: show what the packaged release changes in a stack, and deploy it."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from cli.console import err
from cli.deploying import parameters
from cli.installing.change_set import Change
from cli.installing.owner import refuse_of_others
from cli.installing.release import installed
from cli.installing.steps import OF_A_CLONE, PREVIOUS, BucketName, Given, Steps, Tags, Yes, confirmed, given
from cli.installing.template import BUCKET
from cli.on_call.options import STACK, Profile, Region, StackName, print_rows, reported
from cli.on_call.stack import CommandError, Stack
from cli.toml_files.findings import count

COLUMNS = ("Change", "Resource", "Type", "Replaced")
_REPLACED = {"True": "yes", "Conditional": "perhaps"}
_ORDER = ("Remove", "Modify", "Add")


def upgrade(  # noqa: PLR0913, PLR0917 # each is an option of the command
    parameter: Given = None,
    tag: Tags = None,
    bucket: BucketName = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    yes: Yes = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Show what this release changes in your stack, ask, and deploy it. Its parameters stay as they are.

    Also changes parameters: `cronmend upgrade --parameter Mode=heal`.
    """
    stack = Stack(stack_name, profile, region)
    reported(lambda: _upgrade(stack, parameter or [], tag or [], bucket, dry_run=dry_run, yes=yes))


def _upgrade(stack: Stack, pairs: list[str], tags: list[str], bucket: str | None, *, dry_run: bool, yes: bool) -> None:
    if not dry_run:
        refuse_of_others(stack)
    release = installed()
    known = parameters.by_name(parameters.read(release.template))
    wanted = given(pairs, known)
    before, deployed = stack.output("Version"), stack.parameters
    if problem := refusal(before, release.version, {**deployed, **wanted}):
        raise CommandError(f"The stack '{stack.name}' {problem}")
    values = {**{name: PREVIOUS for name in known if name in deployed}, **wanted}
    steps = Steps(stack, release, stack.account, stack.region_name, bucket or deployed.get(BUCKET), tags)
    architecture = {**deployed, **wanted}["Architecture"]
    arn = steps.propose(values, architecture, is_new=False)
    if not arn:
        err.print(f"The stack '{stack.name}' is up to date: Cronmend {release.version}.")
        return
    changes = list(steps.deployment.changes(arn))
    _show(changes, f"{before} → {release.version}")
    if dry_run:
        steps.deployment.drop(arn, is_new=False)
        err.print("Nothing was changed.")
        return
    try:
        confirmed("Deploy this?", yes=yes)
    except (CommandError, typer.Abort):
        steps.deployment.drop(arn, is_new=False)
        raise
    steps.execute(arn)
    err.print(f"Upgraded '{stack.name}' to Cronmend {release.version}.")


def refusal(deployed: str, release: str, values: Mapping[str, str]) -> str:
    """Why this release must not replace what is deployed, as the end of a sentence; ``""`` if it may."""
    if _numbers(deployed) > _numbers(release):
        return f"is of Cronmend {deployed}, which is newer than this command ({release}). Upgrade the command first."
    if values.get(OF_A_CLONE) == "true":
        return f"deploys schedules ({OF_A_CLONE}), which a release would delete. Use `make deploy` in your clone."
    if values.get("PolicySource") != "published":
        return (
            "has its policies and routes in its package, and a release has none. In your clone, set PolicySource = "
            "published, and run `make deploy`, `cronmend jobs publish` and `cronmend alert publish`. Then upgrade."
        )
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _show(changes: Sequence[Change], versions: str) -> None:
    """What goes or is replaced comes first."""
    ordered = sorted(
        changes, key=lambda each: (each.replaced not in _REPLACED, _ORDER.index(each.action), each.resource)
    )
    rows = [(each.action, each.resource, each.kind, _REPLACED.get(each.replaced, "")) for each in ordered]
    print_rows(COLUMNS, rows)
    err.print(f"Cronmend {versions}: {count(len(changes), 'change')}.")
