"""``cronmend jobs deploy``: the schedules of jobs.toml in a stack that a release deployed, without a clone (ADR 94)."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from cli.console import err, out
from cli.installing.bucket import Bucket
from cli.installing.owner import refuse_of_others
from cli.installing.steps import (
    DEPLOY_SCHEDULES,
    PREVIOUS,
    BucketName,
    DryRun,
    Yes,
    as_parameters,
    deployment,
    shown_and_executed,
)
from cli.installing.template import BUCKET, SCHEDULES_URL
from cli.installing.unready import refuse_busy
from cli.jobs.aws import LiveSchedules
from cli.jobs.built_files import TEMPLATE, group_of, templates
from cli.jobs.differences import Difference, differences
from cli.jobs.files import DEFAULT, Environment, FileArgument, read_valid
from cli.jobs.job import jobs_of
from cli.jobs.template import NESTED
from cli.on_call.options import STACK, Profile, Region, StackName, reported
from cli.on_call.stack import CommandError, Stack
from cli.toml_files.commands import FileOption, chosen_file
from cli.toml_files.findings import count
from cli.toml_files.source import Source

SCHEDULES = "Schedules"
"""The nested stack in template.yaml."""
_KEY = "cronmend/schedules/{digest}.yaml"
_DIGITS = 16
_GONE = "DELETE_COMPLETE"


def deploy_schedules(  # noqa: PLR0913, PLR0917 # each is an argument or option of the command
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    bucket: BucketName = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Deploy the schedules of the file with the stack of `cronmend deploy`. Shows what changes, and asks.

    In a clone, `make deploy` does this. Publish the jobs' policies with `cronmend jobs publish`.
    """
    source = read_valid(chosen_file(file, file_option, DEFAULT), env)
    stack = Stack(stack_name, profile, region)
    reported(lambda: _deploy(stack, source, bucket, dry_run=dry_run, yes=yes))


def _deploy(stack: Stack, source: Source, bucket_name: str | None, *, dry_run: bool, yes: bool) -> None:
    deployed, now = stack.parameters, datetime.now(UTC)
    if problem := refusal(deployed):
        raise CommandError(f"The stack '{stack.name}' {problem}")
    refuse_of_others(stack)
    refuse_busy(stack)
    bucket = Bucket(stack.client("s3"), bucket_name or deployed[BUCKET], stack.account, stack.region_name)
    cloudformation = stack.client("cloudformation")
    known = placed(cloudformation, stack.name) if deployed[DEPLOY_SCHEDULES] == "true" else {}
    found = list(_differences(stack, source, known, now))
    for each in found:
        out.print(str(each))
    built = templates(source, now, known, lambda _, text: bucket.url(_key(text)))
    url = bucket.url(_key(built[TEMPLATE]))
    done = f"The stack '{stack.name}' has the schedules of the file."
    if (deployed[DEPLOY_SCHEDULES], deployed[SCHEDULES_URL]) == ("true", url):
        by_hand = " The differences were made by hand, and CloudFormation doesn't undo them." if found else ""
        err.print(f"{done}{by_hand}")
        return
    bucket.make()
    for text in built.values():
        bucket.put(_key(text), text.encode)
    values = {**dict.fromkeys(deployed, PREVIOUS), DEPLOY_SCHEDULES: "true", SCHEDULES_URL: url}
    target = deployment(stack)
    arn = target.propose(None, as_parameters(values), {}, is_new=False)
    if not arn:
        err.print(done)
        return
    if shown_and_executed(target, arn, f"The stack '{stack.name}'", dry_run=dry_run, yes=yes):
        managed = [job for job in jobs_of(source.tables) if job.managed]
        err.print(f"Deployed the schedules of {count(len(managed), 'job')}. Next: cronmend jobs publish")


def refusal(deployed: Mapping[str, str]) -> str:
    """Why a stack with these parameters can't get schedules, as the end of a sentence; ``""`` if it can."""
    if BUCKET not in deployed:
        return "was deployed from a clone. Use `make deploy` there, with DeploySchedules = true in samconfig.toml."
    if SCHEDULES_URL not in deployed:
        return "is of a release that can't deploy schedules. Run `cronmend upgrade` first."
    return ""


def _differences(stack: Stack, source: Source, deployed: Iterable[str], now: datetime) -> Iterator[Difference]:
    """
    Args:
        deployed: the names of the stack's own schedules. Others of their group don't matter: nothing changes them.
    """
    schedules = LiveSchedules(stack.session)
    live = (each for name in sorted(deployed) if (each := schedules.find(group_of(source), name)))
    return differences(jobs_of(source.tables), live, schedules.home(), now)


def _key(text: str) -> str:
    """The same for the same template, so that a nested stack that doesn't change keeps its address."""
    return _KEY.format(digest=sha256(text.encode()).hexdigest()[:_DIGITS])


def placed(cloudformation: Any, stack: str) -> Mapping[str, int]:
    """The nested stack of each job, by its name: 1 is the first, in which the others are nested.

    The deployed stacks are the record: a job that changes its stack can't be deployed (ADR 87).
    """
    nested = {each["LogicalResourceId"]: each["PhysicalResourceId"] for each in _resources(cloudformation, stack)}
    if SCHEDULES not in nested:
        return {}
    first = list(_resources(cloudformation, nested[SCHEDULES]))
    found = dict.fromkeys(_names(first), 1)
    for each in first:
        if number := re.fullmatch(rf"{NESTED}(\d+)", each["LogicalResourceId"]):
            found |= dict.fromkeys(_names(_resources(cloudformation, each["PhysicalResourceId"])), int(number[1]))
    return found


def _names(resources: Any) -> Iterator[str]:
    for each in resources:
        if each["ResourceType"] == "AWS::Scheduler::Schedule":
            yield each["PhysicalResourceId"].rpartition("/")[2]


def _resources(cloudformation: Any, stack: str) -> Iterator[Mapping[str, Any]]:
    """Those that the stack has. One that isn't created yet, or couldn't be, has no ID."""
    for page in cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack):
        found = (each for each in page["StackResourceSummaries"] if each.get("PhysicalResourceId"))
        yield from (each for each in found if each["ResourceStatus"] != _GONE)
