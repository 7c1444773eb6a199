"""What RunTask gets to start a job now as its schedule would. The Scheduler API has no such call."""

from collections.abc import Mapping
from datetime import datetime
from secrets import token_hex
from typing import Any

from cli.jobs.answers import override_of
from cli.task_runner import Runner
from cronmend.errors import Permanent
from cronmend.jobs.identity import JOB_VARIABLE, OWN, SLOT_VARIABLE
from cronmend.jobs.run_task_request import marked, run_request


def request(schedule: Mapping[str, Any], now: datetime, container: str) -> dict[str, Any]:
    """The RunTask request of the schedule's current target, with now as its slot.

    Args:
        container: the job's, whose environment names the job, so that Cronmend counts this as a run of it; ``""`` if it
            isn't known.

    Raises:
        Permanent: the target isn't an ECS task, or has parameters that Cronmend doesn't know.
    """
    target = schedule["Target"]
    if not (parameters := target.get("EcsParameters")):
        raise Permanent(f"Can't run '{schedule['Name']}': its target is {target['Arn']}, not an ECS task.")
    slot, token = now.strftime("%Y-%m-%dT%H:%M:%SZ"), token_hex(8)
    context = {
        "scheduled-time": slot,
        "schedule-arn": str(schedule["Arn"]),
        "execution-id": token,
        "attempt-number": "1",
    }
    started = run_request(target["Arn"], parameters, target.get("Input") or "", context)
    if container:
        marks = {JOB_VARIABLE: f"{schedule['GroupName']}/{schedule['Name']}", SLOT_VARIABLE: slot}
        started = marked(started, container, marks)
    return started | {"startedBy": f"{OWN}run-{token}", "clientToken": token}


def job_container(schedule: Mapping[str, Any]) -> str:
    """The container that the schedule overrides; ``""`` if it overrides none."""
    override = override_of(schedule)
    containers = override.get("containerOverrides") or [{}] if isinstance(override, dict) else [{}]
    return str(containers[0].get("name", ""))


def container_of(schedule: Mapping[str, Any], runner: Runner) -> str:
    """The job's container, or the only one of the task definition; ``""`` if it is one of several."""
    named = job_container(schedule)
    reference = schedule["Target"].get("EcsParameters", {}).get("TaskDefinitionArn")
    return named if named or not reference else runner.only_container(reference)
