"""What a job's next run needs besides its task definition, and what is wrong with it. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from copy import replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Final

from msgspec import Struct

from cronmend.deploys.ecr import ECR_REFERENCE
from cronmend.jobs.identity import RULE
from cronmend.jobs.slots import next_slot
from cronmend.model.findings import Finding, FindingKind
from cronmend.model.needs import Described, Need, NeedKind
from cronmend.model.runs import TaskDefinition
from cronmend.model.timetables import Timetable
from cronmend.wording import moment

KINDS: Final = frozenset({FindingKind.ROLE, FindingKind.SECRET, FindingKind.EXPIRES, FindingKind.IMAGE})
_TASKS: Final = "ecs-tasks.amazonaws.com"
_EXPIRING: Final = timedelta(days=7)
"""A certificate is named this long before it expires, or before the last run that it covers."""
_USED: Final = 0.95
"""The share of its life that is over before a parameter is named: one that is renewed in time is renewed earlier."""
_ARN: Final = re.compile(r"arn:[^:]*:(?P<service>[^:]*):(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.*)")
_OF_SERVICE: Final = {
    "secretsmanager": NeedKind.SECRET,
    "ssm": NeedKind.PARAMETER,
    "acm": NeedKind.CERTIFICATE,
}


class Needed(Struct, frozen=True):
    """What a run needs, and what for."""

    need: Need
    use: str
    """Names it at the start of a sentence, such as ``Its task role webapp``."""
    principal: str = ""
    """The service that has to assume a role."""
    at_start: bool = True
    """Without it, ECS can't start the task. A variable may name what the program never reads."""


def needed(
    timetable: Timetable, definition: TaskDefinition, kinds: Set[NeedKind], repositories: Iterable[str] = ()
) -> tuple[Needed, ...]:
    """
    Args:
        repositories: the names or patterns of those whose images may be looked for.
    """
    found = (
        *_roles(timetable, definition),
        *_secrets(timetable, definition),
        *_images(definition, tuple(repositories)),
    )
    return tuple(dict.fromkeys(each for each in found if each.need.kind in kinds))


def _roles(timetable: Timetable, definition: TaskDefinition) -> Iterator[Needed]:
    """Those of the schedule's account: a role of another one can't be read."""
    target = timetable.target
    if target is None:
        return
    starter = "events.amazonaws.com" if timetable.job.startswith(RULE) else "scheduler.amazonaws.com"
    for use, arn, principal in (
        ("The role of its schedule", target.role, starter),
        ("Its task role", target.task_role or definition.task_role, _TASKS),
        ("Its execution role", target.execution_role or definition.execution_role, _TASKS),
    ):
        name = arn.rsplit("/", 1)[-1]
        if arn and _account_of(arn) in {"", _account_of(timetable.cluster_arn)}:
            yield Needed(Need(NeedKind.ROLE, name), f"{use} {name}", principal)


def _account_of(arn: str) -> str:
    """``""`` for a role that is given by its name."""
    found = _ARN.fullmatch(arn)
    return found["account"] if found else ""


def _secrets(timetable: Timetable, definition: TaskDefinition) -> Iterator[Needed]:
    for reference in definition.start_reads:
        if need := _secret(reference, timetable):
            yield Needed(need, f"The {need.kind} {_short(need)}")
    for arn in definition.variables:
        if need := _secret(arn, timetable):
            yield Needed(need, f"The {need.kind} {_short(need)}", at_start=False)


def _images(definition: TaskDefinition, repositories: Sequence[str]) -> Iterator[Needed]:
    for reference in definition.images.values():
        found = ECR_REFERENCE.fullmatch(reference)
        if found and any(fnmatchcase(found["repository"], each) for each in repositories):
            yield Needed(Need(NeedKind.IMAGE, reference), f"The image {reference.partition('/')[2]}")


def _secret(reference: str, timetable: Timetable) -> Need | None:
    """None for what another account or Region has, and for an ARN of another kind."""
    if not reference.startswith("arn:"):
        return Need(NeedKind.PARAMETER, reference)
    here, found = _ARN.fullmatch(timetable.cluster_arn), _ARN.fullmatch(reference)
    kind = _OF_SERVICE.get(found["service"]) if found else None
    if not (found and here and kind) or found.group("region", "account") != here.group("region", "account"):
        return None
    if kind is NeedKind.PARAMETER:
        name = found["resource"].removeprefix("parameter/").split(":")[0]
        return Need(kind, f"/{name}" if "/" in name else name)
    return Need(kind, ":".join(reference.split(":")[:7]))


def _short(need: Need) -> str:
    """Secrets Manager adds six characters to a secret's name; a certificate has no other name than its ID."""
    name = need.name.rsplit(":", 1)[-1] if need.kind is not NeedKind.PARAMETER else need.name
    return re.sub(r"-\w{6}$", "", name) if need.kind is NeedKind.SECRET else name.removeprefix("certificate/")


def problem(timetable: Timetable, needed: Needed, described: Described, now: datetime) -> Finding | None:
    """What is wrong with it, if anything is: then the next run fails."""
    found = _problem(timetable, needed, described, now)
    before = next_slot(timetable.live, now, timetable.seen) if found else None
    return replace(found, zone=timetable.timezone, before=before) if found else None


def _problem(timetable: Timetable, needed: Needed, described: Described, now: datetime) -> Finding | None:
    if needed.need.kind is NeedKind.ROLE:
        return _of_role(timetable, needed, described)
    if needed.need.kind is NeedKind.IMAGE:
        return None if described.exists else _of_image(timetable, needed)
    if described.is_deleted or (needed.at_start and not described.exists):
        return _of_secret(timetable, needed, described)
    return _of_end(timetable, needed, described, now) if described.ends_at else None


def _of_role(timetable: Timetable, needed: Needed, described: Described) -> Finding | None:
    if described.exists and may_assume(described.trust, needed.principal):
        return None
    name = needed.need.name
    if not described.exists:
        said = f"{needed.use} doesn't exist: no further run can start."
        remedy = f"Create the role {name} again, or name another one."
    else:
        said = f"{needed.use} can't be assumed by {needed.principal}: no further run can start."
        remedy = f"Allow sts:AssumeRole for {needed.principal} in the trust policy of {name}, or name another role."
    return Finding(timetable.job, FindingKind.ROLE, said, remedy, about=f"{name} {needed.principal}")


def _of_image(timetable: Timetable, needed: Needed) -> Finding:
    return Finding(
        timetable.job,
        FindingKind.IMAGE,
        f"{needed.use} isn't in its registry: no further run can start.",
        "Push it again, or point the schedule at a revision whose image is there. If a lifecycle policy removed it, "
        "let the policy keep what task definitions name.",
        about=needed.need.name,
    )


def _of_secret(timetable: Timetable, needed: Needed, described: Described) -> Finding:
    if described.is_deleted:
        said = f"{needed.use} is scheduled for deletion: no run can read it."
        remedy = f"Restore it (`aws secretsmanager restore-secret --secret-id {needed.need.name}`), or stop using it."
    else:
        said = f"{needed.use} doesn't exist: no further run can start."
        remedy = "Create it again, or name another one in the task definition."
    return Finding(timetable.job, FindingKind.SECRET, said, remedy, about=needed.need.name)


def _of_end(timetable: Timetable, needed: Needed, described: Described, now: datetime) -> Finding | None:
    """Of a parameter that is renewed again and again, only the last part of its life is a reason to tell people."""
    end, following = described.ends_at, next_slot(timetable.live, now, timetable.seen)
    if end is None or following is None:
        return None
    is_certificate = needed.need.kind is NeedKind.CERTIFICATE
    is_old = described.set_at is not None and now - described.set_at >= _USED * (end - described.set_at)
    if not (end <= max(following, now + _EXPIRING) if is_certificate else end <= following and is_old):
        return None
    when = "expired" if end <= now else "expires"
    before = f", before the next run at {moment(following, now)}" if now < end <= following else ""
    said = f"{needed.use} {when} at {moment(end, now)}{before}."
    remedy = (
        "Renew it, or import its successor under the same ARN."
        if is_certificate
        else "Put its value again with a later expiration, or without one."
    )
    return Finding(timetable.job, FindingKind.EXPIRES, said, remedy, about=needed.need.name)


def may_assume(trust: Mapping[str, Any], principal: str) -> bool:
    """Whether a statement of the trust policy may allow it. What can't be decided here, such as a condition, may."""
    statements = trust.get("Statement", ())
    statements = [statements] if isinstance(statements, Mapping) else statements
    return not trust or any(_may_allow(each, principal) for each in statements)


def _may_allow(statement: Mapping[str, Any], principal: str) -> bool:
    if statement.get("Effect") != "Allow":
        return False
    whom = statement.get("Principal")
    services = whom.get("Service", ()) if isinstance(whom, Mapping) else ()
    is_for_it = "NotPrincipal" in statement or whom == "*" or principal in _listed(services) or "*" in _listed(services)
    actions = {each.lower() for each in _listed(statement.get("Action", ()))}
    return is_for_it and ("NotAction" in statement or bool(actions & {"sts:assumerole", "sts:*", "*"}))


def _listed(value: str | Iterable[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
