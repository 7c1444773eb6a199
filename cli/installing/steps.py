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
from cli.installing.change_set import Deployment, Shown
from cli.installing.release import Release
from cli.installing.template import BUCKET, FUNCTIONS, FUNCTIONS_KEY, SCHEDULES, SCHEDULES_KEY
from cli.on_call.stack import CommandError, Stack
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
PREVIOUS = None
"""Of a parameter: the value that the stack has."""
OF_A_CLONE = "DeploySchedules"
"""The parameter that deploys the schedules of a clone's jobs.toml, which no release contains."""


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
        own = {BUCKET: self.bucket.name, FUNCTIONS_KEY: functions, SCHEDULES_KEY: prefix + SCHEDULES}
        url = self.bucket.url(prefix + self.release.template.name)
        wanted = [_parameter(name, value) for name, value in {**values, **own}.items()]
        return self.deployment.propose(url, wanted, named(self.tags), is_new=is_new)

    def execute(self, arn: str) -> None:
        with resources("Deploying") as shown:
            self.deployment.execute(arn, shown)


def deployment(stack: Stack) -> Deployment:
    return Deployment(stack.client("cloudformation"), stack.name)


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
    if found.get(OF_A_CLONE) == "true":
        raise CommandError(f"{OF_A_CLONE} needs a clone and `make deploy`: a release contains no schedules of yours.")
    return found


def confirmed(question: str, *, yes: bool) -> None:
    """
    Raises:
        CommandError: the answer is no.
    """
    if not (yes or typer.confirm(question, err=True)):
        raise CommandError("Nothing was changed.")


def _parameter(name: str, value: str | None) -> Mapping[str, str | bool]:
    chosen: Mapping[str, str | bool] = {"UsePreviousValue": True} if value is PREVIOUS else {"ParameterValue": value}
    return {"ParameterKey": name, **chosen}
