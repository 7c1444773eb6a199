"""Read what the account already has, for the answers that `cronmend init` offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import boto3
from botocore.exceptions import BotoCoreError, ClientError


@dataclass(frozen=True, slots=True)
class Account:
    """The account as far as it could be read. ``problem`` says in AWS's words why the rest couldn't."""

    region: str = ""
    number: str = ""
    clusters: Sequence[str] = ()
    stack: Mapping[str, str] | None = None
    """The parameters of the stack; None if there is no stack of this name."""
    problem: str = ""
    taken: Mapping[str, str] = field(default_factory=dict)
    """The cluster that each other Cronmend stack of the account watches → the stack's name."""
    unreserved: int | None = None
    """The concurrent executions that no function of the Region has reserved; None if that can't be read."""


def read(stack: str, profile: str | None, region: str | None) -> Account:
    known = Account(region=region or "")
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        known = Account(region=session.region_name or "")
        return _read(session, stack, known.region)
    except (BotoCoreError, ClientError) as error:
        return Account(region=known.region, problem=str(error))


def _read(session: boto3.Session, stack: str, region: str) -> Account:
    number = session.client("sts").get_caller_identity()["Account"]
    stacks = _stacks(session)
    others = {
        cluster: name
        for name, each in stacks.items()
        if name != stack and "TaskRolesToPass" in each
        for cluster in each["Cluster"].split(",")
    }
    return Account(region, number, _clusters(session), stacks.get(stack), taken=others, unreserved=_unreserved(session))


def _unreserved(session: boto3.Session) -> int | None:
    try:
        return session.client("lambda").get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    except ClientError:
        return None


def _clusters(session: boto3.Session) -> Sequence[str]:
    pages = session.client("ecs").get_paginator("list_clusters").paginate()
    return sorted(arn.rsplit("/", 1)[-1] for page in pages for arn in page["clusterArns"])


def _stacks(session: boto3.Session) -> Mapping[str, Mapping[str, str]]:
    """Name → parameters of each stack of the Region."""
    pages = session.client("cloudformation").get_paginator("describe_stacks").paginate()
    return {
        each["StackName"]: {pair["ParameterKey"]: pair["ParameterValue"] for pair in each.get("Parameters", ())}
        for page in pages
        for each in page["Stacks"]
        if each["StackStatus"] != "DELETE_COMPLETE"
    }
