"""The ECS service and the task definition that `cronmend jobs new` takes a job from."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cli.jobs.answers import Answer
from cli.jobs.aws import LiveAccount
from cli.text_files import read_text
from cronmend.errors import Permanent

_EXPECTED = "Name what `aws ecs describe-task-definition` prints, or what `register-task-definition` takes."


def service_of(account: LiveAccount, name: str, cluster: str) -> Answer:
    """
    Raises:
        Permanent: there is no such service, or several clusters may have it.
    """
    parts = name.partition(":service/")[2].split("/")
    home = cluster or (parts[0] if len(parts) == 2 else "") or _only_cluster(account)
    found = account.service(home, name)
    if found is None:
        others = ", ".join(account.services(home)) or "no service"
        raise Permanent(f"Cluster '{home}' has no service '{name}' (it has {others}). Name one with --service.")
    return found


def _only_cluster(account: LiveAccount) -> str:
    found = account.clusters()
    if len(found) != 1:
        raise Permanent(f"The account has {', '.join(found) or 'no clusters'}. Name one with --cluster.")
    return found[0]


def is_file(named: str) -> bool:
    """Whether a task definition is named by the path of a file with it."""
    return named.endswith(".json") or (os.sep in named and not named.startswith("arn:"))


def definition_of(account: LiveAccount, named: str) -> Answer:
    """
    Raises:
        Permanent: there is none, or the file has something else.
    """
    if is_file(named):
        return _of_file(Path(named))
    found = account.task_definition(named)
    if found is None:
        raise Permanent(f"The account has no task definition '{named}'. Name another family, family:revision or ARN.")
    return found


def _of_file(file: Path) -> Answer:
    try:
        found: Any = json.loads(read_text(file))
    except OSError as error:
        raise Permanent(f"Can't read '{file}': {error.strerror}. {_EXPECTED}") from error
    except (ValueError, RecursionError) as error:
        raise Permanent(f"'{file}' isn't JSON: {error}. {_EXPECTED}") from error
    definition = found.get("taskDefinition", found) if isinstance(found, Mapping) else None
    if not isinstance(definition, Mapping) or not isinstance(definition.get("family"), str):
        raise Permanent(f"'{file}' has no family. {_EXPECTED}")
    containers = definition.get("containerDefinitions")
    if not isinstance(containers, list) or not all(isinstance(each, Mapping) and "name" in each for each in containers):
        raise Permanent(f"'{file}' has no list containerDefinitions with names. {_EXPECTED}")
    return definition
