"""Ask IAM what the functions' roles allow, by simulation: also policies of the organization and boundaries count."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cli.doctor.facts import Permission
from cli.on_call.stack import Stack

_ALLOWED, _NONE = "allowed", "none"


@dataclass(frozen=True, slots=True)
class _Need:
    function: str
    """By its name in the template."""
    actions: Sequence[str]
    resource: str
    context: Mapping[str, str]
    """Condition keys."""


@dataclass(frozen=True)
class PermissionReader:
    stack: Stack
    functions: Mapping[str, str]
    """Name in the template → name in the account."""

    def permissions(self) -> Sequence[Permission]:
        client, roles, found = self.stack.client("iam"), dict[str, str](), []
        for need in (*self._needs(), *self._chosen()):
            if need.function not in roles:
                roles[need.function] = self._role(need.function)
            results = self._simulated(client, roles[need.function], need)
            found += [Permission(need.function, action, results.get(action, False)) for action in need.actions]
        return found

    @cached_property
    def _lambda(self) -> Any:
        return self.stack.client("lambda")

    def _role(self, function: str) -> str:
        return str(self._lambda.get_function_configuration(FunctionName=self.functions[function])["Role"])

    def _simulated(self, client: Any, role: str, need: _Need) -> Mapping[str, bool]:
        context: list[Any] = [
            {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
            for name, value in need.context.items()
        ]
        answer = client.simulate_principal_policy(
            PolicySourceArn=role,
            ActionNames=list(need.actions),
            ResourceArns=[need.resource],
            ContextEntries=context,
        )
        return {each["EvalActionName"]: each["EvalDecision"] == _ALLOWED for each in answer["EvaluationResults"]}

    def _needs(self) -> Iterator[_Need]:
        """What nothing works without, each on a resource of its kind."""
        stack, cluster = self.stack, self.stack.cluster_names[0]
        in_cluster = {"ecs:cluster": stack.arn("ecs", "cluster", cluster)}
        table = stack.arn("dynamodb", "table", stack.table)
        for function in ("TaskStateFunction", "DeployStateFunction", "RerunFunction", "FailureAlertFunction"):
            yield _Need(function, ("dynamodb:GetItem", "dynamodb:PutItem"), table, {})
        service = stack.arn("ecs", "service", f"{cluster}/cronmend-doctor")
        yield _Need("TaskStateFunction", ("ecs:DescribeServices", "ecs:ListServiceDeployments"), service, in_cluster)
        yield _Need("TaskStateFunction", ("scheduler:ListSchedules", "ecs:DescribeTaskDefinition"), "*", {})
        schedule = stack.arn("scheduler", "schedule", "default/cronmend-doctor")
        yield _Need("TaskStateFunction", ("scheduler:GetSchedule",), schedule, {})
        definition = stack.arn("ecs", "task-definition", "cronmend-doctor:1")
        yield _Need("RerunFunction", ("ecs:RunTask",), definition, in_cluster)
        yield _Need("FailureAlertFunction", ("sns:Publish",), stack.output("AlertTopicArn"), {})

    def _chosen(self) -> Iterator[_Need]:
        """What a feature needs that a parameter of the stack turns on. A boundary often lacks it."""
        stack, given, cluster = self.stack, self.stack.parameters, self.stack.cluster_names[0]
        schedule = stack.arn("scheduler", "schedule", "default/cronmend-doctor")
        holds, follows = (given.get(name, _NONE) != _NONE for name in ("HoldSchedules", "FollowServices"))
        if holds or follows:
            yield _Need("DeployStateFunction", ("scheduler:GetSchedule", "scheduler:UpdateSchedule"), schedule, {})
        if holds:
            yield _Need("DeployStateFunction", ("scheduler:ListSchedules",), "*", {})
            yield _Need("RerunFunction", ("scheduler:UpdateSchedule",), schedule, {})
        if follows:
            yield _Need("DeployStateFunction", ("ecs:ListTaskDefinitions",), "*", {})
        if given.get("StopOverdueRuns") == "true":
            task = stack.arn("ecs", "task", f"{cluster}/cronmend-doctor")
            in_cluster = {"ecs:cluster": stack.arn("ecs", "cluster", cluster)}
            yield _Need("ReconcileFunction", ("ecs:StopTask",), task, in_cluster)
        if repositories := given.get("ImageRepositories"):
            name = repositories.split(",")[0].replace("*", "cronmend-doctor")
            for function in ("TaskStateFunction", "RerunFunction"):
                yield _Need(function, ("ecr:DescribeImages",), stack.arn("ecr", "repository", name), {})
