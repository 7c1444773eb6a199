"""Check in the account that the resources a job's schedule needs exist and that its role may use them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from cli.jobs import target
from cli.jobs.answers import Answer, Home
from cli.jobs.job import Job
from cli.jobs.unmatched import Unmatched
from cli.toml_files.source import Finding, Source
from cronmend.errors import CronmendError

type Problem = tuple[str, str, str]
"""The key in the file, what is wrong, and what to do."""


class Account(Protocol):
    """What `check --live` reads from AWS; :class:`cli.jobs.aws.LiveAccount` is the real one."""

    def task_definition(self, reference: str) -> Answer | None: ...

    def cluster(self, reference: str) -> Answer | None: ...

    def subnet(self, name: str) -> Answer | None: ...

    def queue(self, arn: str) -> Answer | None: ...

    def log_group(self, name: str) -> Answer | None: ...

    def role(self, arn: str) -> Answer | None: ...

    def denied(self, role: str, action: str, resource: str, context: Mapping[str, str]) -> bool: ...


@dataclass(frozen=True, slots=True)
class _Deployed:
    job: Job
    account: Account
    home: Home
    schedule: Answer | None
    """None if it isn't deployed yet."""


def problems(job: Job, account: Account, home: Home, schedule: Answer | None) -> Iterator[Problem]:
    """A call that AWS refuses is reported as a problem and doesn't stop the other checks."""
    deployed = _Deployed(job, account, home, schedule)
    checks: tuple[Callable[[_Deployed], Iterator[Problem]], ...] = (_task, _cluster, _subnets, _queue, _role)
    for check in checks:
        try:
            yield from check(deployed)
        except CronmendError as error:
            yield "schedule", f"couldn't be checked: {error}", "let these credentials read it, or leave out --live"


def policy_findings(source: Source, jobs: Iterable[Job], found: Unmatched) -> Iterator[Finding]:
    """Policies without a live schedule, and live schedules without a policy."""
    for job in (job for job in jobs if not job.managed and job.id in found.policies):
        near = found.nearest(job.id)
        remedy = f"write {near}" if near else "write the group and name of a schedule, or remove the table"
        problem = f"no live schedule {job.id} starts a task, so this policy has no effect"
        yield Finding(source.location("jobs", job.name), f"jobs.{job.name}", problem, remedy)
    for name in found.schedules:
        problem = f"the live schedule {name} has no policy here, so the stack's defaults apply to it"
        remedy = "add it with managed = false, or leave it"
        yield Finding(source.location("jobs"), "jobs", problem, remedy, warning=True)


def _task(deployed: _Deployed) -> Iterator[Problem]:
    job = deployed.job
    found = deployed.account.task_definition(job.task_definition)
    if found is None:
        problem = f"{job.task_definition} has no ACTIVE revision"
        yield "task_definition", problem, "register it, or write another family"
        return
    if found.get("status") == "INACTIVE":
        newest = deployed.account.task_definition(str(found["family"]))
        remedy = f"write {found['family']} or {found['family']}:{newest['revision']}" if newest else "register it again"
        yield "task_definition", f"{job.task_definition} is INACTIVE, so no task can start from it", remedy
    names = [each["name"] for each in found["containerDefinitions"]]
    if job.container not in names:
        yield "container", f"{_name(found)} has no container {job.container}", f"write {' or '.join(names)}"
    if job.fargate:
        yield from _fargate(job, found)
    yield from _log(deployed, found)


def _fargate(job: Job, found: Answer) -> Iterator[Problem]:
    if found.get("networkMode") != "awsvpc":
        problem = f"{_name(found)} has the network mode {found.get('networkMode')}, but Fargate needs awsvpc"
        yield "task_definition", problem, "register a revision with awsvpc, or write launch_type"
    compatible = found.get("requiresCompatibilities") or ["FARGATE"]
    if "FARGATE" not in compatible:
        problem = f"{_name(found)} is for {', '.join(compatible)}, not for FARGATE"
        yield "launch_type", problem, f'write launch_type = "{compatible[0]}"'


def _log(deployed: _Deployed, found: Answer) -> Iterator[Problem]:
    container = next((each for each in found["containerDefinitions"] if each["name"] == deployed.job.container), None)
    if container is None:
        return
    log = container.get("logConfiguration") or {}
    if log.get("logDriver") != "awslogs":
        driver = log.get("logDriver", "not set")
        problem = f"the log driver is {driver}; Cronmend reads only awslogs, so it can't say why a run failed"
        yield "container", problem, "use awslogs with a stream prefix"
        return
    options = log.get("options") or {}
    group = str(options.get("awslogs-group", ""))
    if not options.get("awslogs-stream-prefix"):
        yield (
            "container",
            "awslogs has no stream prefix, so Cronmend can't find a run's log",
            "set awslogs-stream-prefix",
        )
    if options.get("awslogs-create-group") != "true" and deployed.account.log_group(group) is None:
        problem = f"log group {group} doesn't exist, so the task can't start"
        yield "container", problem, "create it, or set awslogs-create-group"


def _cluster(deployed: _Deployed) -> Iterator[Problem]:
    found = deployed.account.cluster(deployed.job.cluster)
    if found is None:
        yield "cluster", f"cluster {deployed.job.cluster} doesn't exist", "create it, or write another"
    elif found.get("status", "ACTIVE") != "ACTIVE":
        yield "cluster", f"cluster {deployed.job.cluster} is {found['status']}", "write a cluster that is ACTIVE"


def _subnets(deployed: _Deployed) -> Iterator[Problem]:
    networks = {}
    for name in deployed.job.subnets:
        found = deployed.account.subnet(name)
        if found is None:
            yield "subnets", f"subnet {name} doesn't exist", "write a subnet of the cluster's network"
        else:
            networks[name] = found.get("VpcId")
    if len(set(networks.values())) > 1:
        yield "subnets", "the subnets are in several VPCs", "write subnets of one VPC"


def _queue(deployed: _Deployed) -> Iterator[Problem]:
    arn = str(((deployed.schedule or {}).get("Target", {}).get("DeadLetterConfig") or {}).get("Arn", ""))
    if not deployed.schedule or not arn:
        return
    found = deployed.account.queue(arn)
    if found is None:
        yield "schedule", f"its dead-letter queue {arn} doesn't exist", "deploy the stack again"
    elif str(found.get("FifoQueue", "")).lower() == "true":
        yield (
            "schedule",
            "its dead-letter queue is FIFO, but Scheduler accepts only standard queues",
            "deploy the stack again",
        )


def _role(deployed: _Deployed) -> Iterator[Problem]:
    found = deployed.account.task_definition(deployed.job.task_definition)
    if found is None:
        return
    passed = [str(found[key]) for key in ("taskRoleArn", "executionRoleArn") if found.get(key)]
    allowed = [
        role if role.startswith("arn:") else deployed.home.arn("iam", f"role/{role}") for role in deployed.job.roles
    ]
    for role in passed:
        if allowed and role not in allowed:
            yield "roles", f"the task needs {role}, which roles doesn't let the schedule pass", "add it to roles"
        if deployed.account.role(role) is None:
            yield "task_definition", f"its role {role} doesn't exist", "create it, or register a revision without it"
    if deployed.schedule:
        yield from _denials(deployed, str(found["taskDefinitionArn"]), passed)


def _denials(deployed: _Deployed, revision: str, passed: list[str]) -> Iterator[Problem]:
    target_of = (deployed.schedule or {}).get("Target", {})
    role = str(target_of.get("RoleArn", ""))
    cluster = str(target.cluster_arn(deployed.job, deployed.home.arn))
    needed = [("ecs:RunTask", revision, {"ecs:cluster": cluster})]
    needed += [("iam:PassRole", each, {"iam:PassedToService": "ecs-tasks.amazonaws.com"}) for each in passed]
    if queue := (target_of.get("DeadLetterConfig") or {}).get("Arn"):
        needed.append(("sqs:SendMessage", str(queue), {}))
    if deployed.account.role(role) is None:
        yield "schedule", f"its role {role} doesn't exist", "deploy the stack again"
        return
    for action, resource, context in needed:
        if deployed.account.denied(role, action, resource, context):
            yield "schedule", f"its role {role} isn't allowed {action} on {resource}", "deploy the stack again"


def _name(found: Mapping[str, Any]) -> str:
    return f"{found['family']}:{found['revision']}"
