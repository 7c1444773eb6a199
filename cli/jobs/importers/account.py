"""The account's schedules and EventBridge rules, and what only the account knows of a schedule from elsewhere."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import replace
from typing import Any

from cli.jobs.importers.found import Found, essential
from cli.jobs.importers.rules import schedule_of_rule
from cli.jobs.importers.universal import templated
from cronmend.errors import CronmendError

type TaskDefinitions = Callable[[str], Mapping[str, Any] | None]
"""A task definition by family or ARN, as ECS describes it; None if there is none."""


def of_rules(rules: Iterable[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]) -> Iterator[Found]:
    """
    Args:
        rules: DescribeRule's answers, each with the rule's targets.
    """
    for rule, targets in rules:
        tasks = [target for target in targets if target.get("EcsParameters")]
        for target in tasks:
            schedule = schedule_of_rule(rule, target, alone=len(tasks) == 1)
            yield Found(schedule, of_rule=True, several=len(tasks) > 1)


def with_containers(found: Iterable[Found], task_definition: TaskDefinitions) -> Iterator[Found]:
    """Each with its task definition's essential containers, unless its source has them or there is no need."""
    for each in found:
        target = templated(each.schedule).get("Target") or {}
        reference = (target.get("EcsParameters") or {}).get("TaskDefinitionArn")
        named = '"name"' in str(target.get("Input") or "").replace("'", '"').lower()
        yield _completed(each, reference, task_definition) if reference and not (each.containers or named) else each


def _completed(found: Found, reference: Any, task_definition: TaskDefinitions) -> Found:
    try:
        described = task_definition(str(reference))
    except CronmendError as error:
        return replace(found, notes=(*found.notes, f"its containers couldn't be read: {error}"))
    containers = (described or {}).get("containerDefinitions") or []
    return replace(found, containers=essential(containers))
