"""What only the account can tell of a job: whether what its schedule leans on is there, and lets it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cli.jobs import target
from cli.jobs.aws import Answer, Home
from cli.jobs.job import Job
from cronmend.errors import CronmendError

type Problem = tuple[str, str, str]
"""The key it belongs to, what is wrong, what to do."""


class Account(Protocol):
    """What `check --live` asks of AWS; :class:`cli.jobs.aws.Surroundings` is the real one."""

    def task_definition(self, reference: str) -> Answer | None: ...

    def cluster(self, reference: str) -> Answer | None: ...

    def subnet(self, name: str) -> Answer | None: ...

    def queue(self, arn: str) -> Answer | None: ...

    def log_group(self, name: str) -> Answer | None: ...

    def role(self, arn: str) -> Answer | None: ...

    def denied(self, role: str, action: str, resource: str, context: Mapping[str, str]) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Look:
    job: Job
    account: Account
    home: Home
    schedule: Answer | None
    """As it is deployed; None where it is not yet."""


def problems(job: Job, account: Account, home: Home, schedule: Answer | None) -> Iterator[Problem]:
    """A call that AWS refuses is a problem of its own and stops no other check."""
    look = _Look(job, account, home, schedule)
    checks: tuple[Callable[[_Look], Iterator[Problem]], ...] = (_task, _cluster, _subnets, _queue, _role)
    for check in checks:
        try:
            yield from check(look)
        except CronmendError as error:
            yield "schedule", f"could not be checked: {error}", "let these credentials read it, or leave out --live"


def _task(look: _Look) -> Iterator[Problem]:
    job = look.job
    found = look.account.task_definition(job.task_definition)
    if found is None:
        problem = f"{job.task_definition} has no ACTIVE revision"
        yield "task_definition", problem, "register it, or write another family"
        return
    if found.get("status") == "INACTIVE":
        newest = look.account.task_definition(str(found["family"]))
        remedy = f"write {found['family']} or {found['family']}:{newest['revision']}" if newest else "register it again"
        yield "task_definition", f"{job.task_definition} is INACTIVE: a task can't be started from it", remedy
    names = [each["name"] for each in found["containerDefinitions"]]
    if job.container not in names:
        yield "container", f"{job.container} is no container of {_name(found)}", f"write {' or '.join(names)}"
    if job.fargate:
        yield from _fargate(job, found)
    yield from _log(look, found)


def _fargate(job: Job, found: Answer) -> Iterator[Problem]:
    if found.get("networkMode") != "awsvpc":
        problem = f"{_name(found)} has the network mode {found.get('networkMode')}, Fargate needs awsvpc"
        yield "task_definition", problem, "register a revision with awsvpc, or write launch_type"
    compatible = found.get("requiresCompatibilities") or ["FARGATE"]
    if "FARGATE" not in compatible:
        problem = f"{_name(found)} is made for {', '.join(compatible)}, not for FARGATE"
        yield "launch_type", problem, f'write launch_type = "{compatible[0]}"'


def _log(look: _Look, found: Answer) -> Iterator[Problem]:
    container = next((each for each in found["containerDefinitions"] if each["name"] == look.job.container), None)
    if container is None:
        return
    log = container.get("logConfiguration") or {}
    if log.get("logDriver") != "awslogs":
        driver = log.get("logDriver", "not set")
        problem = f"the log driver is {driver}: Cronmend reads awslogs only, and can't say why a run failed"
        yield "container", problem, "give the container awslogs with a stream prefix"
        return
    options = log.get("options") or {}
    group = str(options.get("awslogs-group", ""))
    if not options.get("awslogs-stream-prefix"):
        yield "container", "awslogs has no stream prefix: a run's log can't be found", "set awslogs-stream-prefix"
    if options.get("awslogs-create-group") != "true" and look.account.log_group(group) is None:
        problem = f"the log group {group} is not there: the task can't start"
        yield "container", problem, "create it, or set awslogs-create-group"


def _cluster(look: _Look) -> Iterator[Problem]:
    found = look.account.cluster(look.job.cluster)
    if found is None:
        yield "cluster", f"{look.job.cluster} is not there", "create it, or write another"
    elif found.get("status", "ACTIVE") != "ACTIVE":
        yield "cluster", f"{look.job.cluster} is {found['status']}", "write a cluster that is ACTIVE"


def _subnets(look: _Look) -> Iterator[Problem]:
    networks = {}
    for name in look.job.subnets:
        found = look.account.subnet(name)
        if found is None:
            yield "subnets", f"{name} is not there", "write a subnet of the cluster's network"
        else:
            networks[name] = found.get("VpcId")
    if len(set(networks.values())) > 1:
        yield "subnets", "the subnets lie in several VPCs", "write subnets of one VPC"


def _queue(look: _Look) -> Iterator[Problem]:
    arn = str(((look.schedule or {}).get("Target", {}).get("DeadLetterConfig") or {}).get("Arn", ""))
    if not look.schedule or not arn:
        return
    found = look.account.queue(arn)
    if found is None:
        yield "schedule", f"its dead-letter queue {arn} is not there", "deploy the stack again"
    elif str(found.get("FifoQueue", "")).lower() == "true":
        yield (
            "schedule",
            "its dead-letter queue is FIFO, Scheduler takes standard queues only",
            "deploy the stack again",
        )


def _role(look: _Look) -> Iterator[Problem]:
    found = look.account.task_definition(look.job.task_definition)
    if found is None:
        return
    passed = [str(found[key]) for key in ("taskRoleArn", "executionRoleArn") if found.get(key)]
    allowed = [role if role.startswith("arn:") else look.home.arn("iam", f"role/{role}") for role in look.job.roles]
    for role in passed:
        if allowed and role not in allowed:
            yield "roles", f"the task needs {role}, which the schedule may not pass then", "add it to roles"
        if look.account.role(role) is None:
            yield "task_definition", f"its role {role} is not there", "create it, or register a revision without it"
    if look.schedule:
        yield from _denials(look, str(found["taskDefinitionArn"]), passed)


def _denials(look: _Look, revision: str, passed: list[str]) -> Iterator[Problem]:
    deployed = (look.schedule or {}).get("Target", {})
    role = str(deployed.get("RoleArn", ""))
    cluster = str(target.cluster_arn(look.job, look.home.arn))
    needed = [("ecs:RunTask", revision, {"ecs:cluster": cluster})]
    needed += [("iam:PassRole", each, {"iam:PassedToService": "ecs-tasks.amazonaws.com"}) for each in passed]
    if queue := (deployed.get("DeadLetterConfig") or {}).get("Arn"):
        needed.append(("sqs:SendMessage", str(queue), {}))
    if look.account.role(role) is None:
        yield "schedule", f"its role {role} is not there", "deploy the stack again"
        return
    for action, resource, context in needed:
        if look.account.denied(role, action, resource, context):
            yield "schedule", f"its role {role} may not {action} on {resource}", "deploy the stack again"


def _name(found: Mapping[str, Any]) -> str:
    return f"{found['family']}:{found['revision']}"
