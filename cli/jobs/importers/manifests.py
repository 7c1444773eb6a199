"""Jobs of AWS Copilot and CronJobs of Kubernetes → the tables of jobs. Neither says where a job runs on ECS."""

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from cli.jobs.importers.convert import Converted
from cli.jobs.importers.found import dropped, table, tables, words
from cli.jobs.unix_cron import translated, why_not
from cronmend.errors import UNREADABLE
from cronmend.jobs.cron import CronError

_COPILOT = frozenset({"name", "type", "on", "command", "entrypoint", "cpu", "memory", "variables", "timeout", "image"})
_CRON_JOB = frozenset({"schedule", "timeZone", "jobTemplate", "suspend"})
_CONTAINER = frozenset({"name", "command", "args", "env", "image", "imagePullPolicy"})


def documents(text: str) -> list[Any]:
    """The documents of a YAML file; empty if it isn't YAML."""
    try:
        return [each for each in yaml.safe_load_all(text) if each]
    except (yaml.YAMLError, *UNREADABLE):
        return []


def is_copilot(found: Any) -> bool:
    return isinstance(found, Mapping) and found.get("type") == "Scheduled Job"


def is_cron_job(found: Any) -> bool:
    return isinstance(found, Mapping) and found.get("kind") == "CronJob"


def copilot_jobs(text: str) -> Iterable[Converted]:
    return [_copilot(each) for each in documents(text) if is_copilot(each)]


def cron_jobs(text: str) -> Iterable[Converted]:
    return [_cron_job(each) for each in documents(text) if is_cron_job(each)]


def _copilot(manifest: Mapping[Any, Any]) -> Converted:
    """YAML reads the key ``on`` as true."""
    values = {("on" if key is True else str(key)): value for key, value in manifest.items()}
    name = str(values.get("name", "unnamed"))
    notes = dropped(values, _COPILOT, "the manifest")
    if values.get("entrypoint"):
        notes.append("entrypoint can't be overridden; it belongs to the task definition")
    own = {
        "schedule": _schedule(table(values.get("on"), "on", notes).get("schedule"), notes),
        "command": _words(values.get("command"), notes),
        "container": name,
        "environment": _variables(table(values.get("variables"), "variables", notes), notes),
        "cpu": values.get("cpu") if isinstance(values.get("cpu"), int) else None,
        "memory": values.get("memory") if isinstance(values.get("memory"), int) else None,
        "max_runtime": values.get("timeout"),
    }
    notes.append(f"add task_definition: Copilot named it <application>-<environment>-{name}")
    return Converted(name, {key: value for key, value in own.items() if value}, notes)


def _cron_job(manifest: Mapping[str, Any]) -> Converted:
    notes: list[str] = []
    name = str(table(manifest.get("metadata"), "metadata", notes).get("name", "unnamed"))
    spec = table(manifest.get("spec"), "spec", notes)
    notes += dropped(spec, _CRON_JOB, "the CronJob")
    job = table(table(spec.get("jobTemplate"), "jobTemplate", notes).get("spec"), "jobTemplate.spec", notes)
    notes += dropped(job, frozenset({"template"}), "the Job")
    pod = table(table(job.get("template"), "template", notes).get("spec"), "template.spec", notes)
    notes += dropped(pod, frozenset({"containers", "restartPolicy"}), "the Pod")
    containers = tables(pod.get("containers"), "containers", notes)
    for other in containers[1:]:
        notes.append(f"the container {other.get('name')} isn't converted; a job runs one container")
    container = containers[0] if containers else {}
    notes += dropped(container, _CONTAINER, f"the container {container.get('name')}")
    if not container.get("command"):
        notes.append("the CronJob sets no command: its args follow the image's entry point, as a command does on ECS")
    own = {
        "schedule": _schedule(spec.get("schedule"), notes),
        "timezone": spec.get("timeZone"),
        "command": [*words(container.get("command"), "command", notes), *words(container.get("args"), "args", notes)],
        "container": container.get("name"),
        "environment": _pairs(container.get("env"), notes),
    }
    table_of = {key: value for key, value in own.items() if value}
    return Converted(name, {**table_of, **({"enabled": False} if spec.get("suspend") else {})}, notes)


def _schedule(expression: Any, notes: list[str]) -> str:
    try:
        return translated(str(expression or ""))
    except CronError as error:
        notes.append(f"the schedule {expression!r} isn't converted: {why_not(error)}")
        return ""


def _words(command: Any, notes: list[str]) -> list[str]:
    """Copilot splits a command that is a text as a shell does."""
    if not isinstance(command, str):
        return words(command, "command", notes)
    try:
        return shlex.split(command)
    except ValueError as error:
        notes.append(f"command isn't converted ({error}): {command}")
        return []


def _variables(variables: Mapping[str, Any], notes: list[str]) -> dict[str, str]:
    plain = {name: value for name, value in variables.items() if not isinstance(value, Mapping | list)}
    notes += [
        f"the variable {name} isn't converted: its value comes from elsewhere"
        for name in sorted(variables.keys() - plain)
    ]
    return {str(name): str(value) for name, value in plain.items()}


def _pairs(pairs: Any, notes: list[str]) -> dict[str, str]:
    found = tables(pairs, "env", notes)
    return _variables({str(each.get("name")): each.get("value", each.get("valueFrom") or "") for each in found}, notes)
