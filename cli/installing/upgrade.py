"""``cronmend upgrade``: show what the packaged release changes in a stack, and deploy it."""

from collections.abc import Mapping

from cli.console import err
from cli.deploying import parameters
from cli.installing.owner import refuse_of_others
from cli.installing.release import installed
from cli.installing.steps import (
    DEPLOY_SCHEDULES,
    PREVIOUS,
    BucketName,
    DryRun,
    Given,
    Steps,
    Tags,
    Yes,
    given,
    shown_and_executed,
)
from cli.installing.template import BUCKET, SCHEDULES_URL
from cli.installing.unready import refuse_busy
from cli.on_call.options import STACK, Profile, Region, StackName, reported
from cli.on_call.stack import CommandError, Stack


def upgrade(  # noqa: PLR0913, PLR0917 # each is an option of the command
    parameter: Given = None,
    tag: Tags = None,
    bucket: BucketName = None,
    dry_run: DryRun = False,
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
    refuse_busy(stack)
    release = installed()
    known = parameters.by_name(parameters.read(release.template))
    wanted = given(pairs, known)
    before, deployed = stack.output("Version"), stack.parameters
    if problem := refusal(before, release.version, {**deployed, **wanted}):
        raise CommandError(f"The stack '{stack.name}' {problem}")
    values = {**{name: PREVIOUS for name in (*known, SCHEDULES_URL) if name in deployed}, **wanted}
    steps = Steps(stack, release, stack.account, stack.region_name, bucket or deployed.get(BUCKET), tags)
    architecture = {**deployed, **wanted}["Architecture"]
    arn = steps.propose(values, architecture, is_new=False)
    if not arn:
        err.print(f"The stack '{stack.name}' is up to date: Cronmend {release.version}.")
        return
    if shown_and_executed(steps.deployment, arn, f"Cronmend {before} → {release.version}", dry_run=dry_run, yes=yes):
        err.print(f"Upgraded '{stack.name}' to Cronmend {release.version}.")


def refusal(deployed: str, release: str, values: Mapping[str, str]) -> str:
    """Why this release must not replace what is deployed, as the end of a sentence; ``""`` if it may."""
    if _numbers(deployed) > _numbers(release):
        return f"is of Cronmend {deployed}, which is newer than this command ({release}). Upgrade the command first."
    if values.get(DEPLOY_SCHEDULES) == "true" and not values.get(SCHEDULES_URL):
        return f"deploys schedules ({DEPLOY_SCHEDULES}), which a release would delete. Use `make deploy` in your clone."
    if values.get("PolicySource") != "published":
        return (
            "has its policies and routes in its package, and a release has none. In your clone, set PolicySource = "
            "published, and run `make deploy`, `cronmend jobs publish` and `cronmend alert publish`. Then upgrade."
        )
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
