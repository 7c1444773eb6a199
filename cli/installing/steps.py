"""What a deploy and an upgrade have in common: the upload, the change set, and its execution."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated

import typer
from rich.text import Text

from cli.console import err, spinner
from cli.deploying.parameters import Parameter
from cli.installing.bucket import NAME, Bucket
from cli.installing.change_set import Change, Deployment, Shown
from cli.installing.release import Release
from cli.installing.template import BUCKET, FUNCTIONS, FUNCTIONS_KEY
from cli.on_call.stack import CommandError, Stack
from cli.tables import print_rows
from cli.toml_files.findings import count

Given = Annotated[
    list[str] | None,
    typer.Option("--parameter", metavar="NAME=VALUE", help="A parameter of the stack. Repeatable.", show_default=False),
]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="NAME=VALUE", help="A tag for every resource. Repeatable.", show_default=False),
]
BucketName = Annotated[
    str | None, typer.Option("--bucket", help="A bucket of yours for the release's files.", show_default=False)
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")]
PREVIOUS = None
"""Of a parameter: the value that the stack has."""
DEPLOY_SCHEDULES = "DeploySchedules"
"""The parameter that deploys the schedules of jobs.toml with the stack. No release contains them."""
COLUMNS = ("Change", "Resource", "Type", "Replaced")
_REPLACED = {"True": "yes", "Conditional": "perhaps"}
_ORDER = ("Remove", "Modify", "Add")


@dataclass(frozen=True)
class Steps:
    stack: Stack
    release: Release
    account: str
    region: str
    bucket_name: str | None
    tags: Sequence[str] = ()
    """As given: each is a name, ``=`` and a value."""

    @cached_property
    def bucket(self) -> Bucket:
        name = self.bucket_name or NAME.format(account=self.account, region=self.region)
        return Bucket(self.stack.client("s3"), name, self.account, self.region)

    @cached_property
    def deployment(self) -> Deployment:
        return deployment(self.stack)

    def propose(self, values: Mapping[str, str | None], architecture: str, *, is_new: bool) -> str:
        """Upload the release, and make the change set; its ARN, or ``""`` if nothing would change."""
        self.bucket.make()
        files = self.release.files(architecture)
        self.bucket.upload(self.release.prefix, files)
        prefix = self.release.prefix
        functions = prefix + FUNCTIONS.format(architecture=architecture)
        own: Mapping[str, str | None] = {BUCKET: self.bucket.name, FUNCTIONS_KEY: functions}
        url = self.bucket.url(prefix + self.release.template.name)
        return self.deployment.propose(url, as_parameters({**values, **own}), named(self.tags), is_new=is_new)


def deployment(stack: Stack) -> Deployment:
    return Deployment(stack.client("cloudformation"), stack.name)


def execute(deployment: Deployment, arn: str) -> None:
    with resources("Deploying") as shown:
        deployment.execute(arn, shown)


def shown_and_executed(deployment: Deployment, arn: str, what: str, *, dry_run: bool, yes: bool) -> bool:
    """Show a change set, ask, and execute it. Otherwise, it is dropped.

    Args:
        what: the subject of the line below the table.

    Raises:
        CommandError: the answer is no.
    """
    _show(list(deployment.changes(arn)), what)
    if dry_run:
        deployment.drop(arn, is_new=False)
        err.print("Nothing was changed.")
        return False
    try:
        confirmed("Deploy this?", yes=yes)
    except (CommandError, typer.Abort):
        deployment.drop(arn, is_new=False)
        raise
    execute(deployment, arn)
    return True


def _show(changes: Sequence[Change], what: str) -> None:
    """What goes or is replaced comes first."""
    ordered = sorted(changes, key=lambda each: (each.replaced not in _REPLACED, _place(each.action), each.resource))
    rows = [(each.action, each.resource, each.kind, _REPLACED.get(each.replaced, "")) for each in ordered]
    print_rows(COLUMNS, rows)
    err.print(f"{what}: {count(len(changes), 'change')}.")


def _place(action: str) -> int:
    """What CloudFormation can't foresee comes first: ``Dynamic``, and others."""
    return _ORDER.index(action) if action in _ORDER else -1


@contextmanager
def resources(what: str) -> Iterator[Shown]:
    """Names the resource that CloudFormation is at, and counts those that it has begun with."""
    err.print(f"{what}. This takes a few minutes.")
    begun: set[str] = set()
    with spinner(what) as status:

        def shown(name: str) -> None:
            begun.add(name)
            status.update(Text(f"{count(len(begun), 'resource')}, now {name}"))

        yield shown


def named(pairs: Sequence[str]) -> Mapping[str, str]:
    return dict(pair.partition("=")[::2] for pair in pairs)


def given(pairs: Sequence[str], known: Mapping[str, Parameter]) -> Mapping[str, str]:
    """
    Raises:
        CommandError: one isn't a parameter of the stack, or not a value for it.
    """
    found = named(pairs)
    for name, value in found.items():
        if name not in known:
            raise CommandError(f"The stack has no parameter '{name}'. It has {', '.join(sorted(known))}.")
        if problem := known[name].problem(value):
            raise CommandError(problem)
    if found.get(DEPLOY_SCHEDULES) == "true":
        raise CommandError(f"{DEPLOY_SCHEDULES} needs the schedules, too. Deploy them with `cronmend jobs deploy`.")
    return found


def confirmed(question: str, *, yes: bool) -> None:
    """
    Raises:
        CommandError: the answer is no.
    """
    if not (yes or typer.confirm(question, err=True)):
        raise CommandError("Nothing was changed.")


def as_parameters(values: Mapping[str, str | None]) -> Sequence[Mapping[str, str | bool]]:
    """Values, or :data:`PREVIOUS`, as CloudFormation takes them."""
    return [
        {"ParameterKey": name, **({"UsePreviousValue": True} if value is PREVIOUS else {"ParameterValue": value})}
        for name, value in values.items()
    ]
