"""``cronmend logs``: the log of a job's latest run, also while it runs."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from cli.console import err, fail, print_json, print_log
from cli.on_call.options import STACK, AsJson, JobArgument, Profile, Region, StackName, reported
from cli.on_call.reader import Reader
from cli.on_call.run_log import lines_of, place_of
from cli.on_call.stack import CommandError, Stack
from cli.task_runner import Runner
from cronmend.adapters.ecs import live_task
from cronmend.jobs.identity import declared_jobs, started_by


def logs(
    job: JobArgument,
    follow: Annotated[
        bool, typer.Option("--follow", help="Follow the run to its end, and exit with the job's exit code.")
    ] = False,
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Print the log of a job's latest run. With --follow, that of a run that is active."""
    if follow and as_json:
        raise fail("--follow prints the log as it arrives. Use --json without it.", 2)
    stack = Stack(stack_name, profile, region)
    reader = Reader(stack)
    job = reported(lambda: reader.job(job))
    task = reported(lambda: latest(stack, job))
    if follow:
        raise typer.Exit(reported(lambda: _followed(stack, job, task)))
    run, lines = reported(lambda: log_of(reader, job, task))
    if as_json:
        print_json({"run": run, "log": list(lines)})
        return
    err.print(run)
    for line in lines:
        print_log(line)


def _followed(stack: Stack, job: str, task: Mapping[str, Any] | None) -> int:
    if not task or task["lastStatus"] == "STOPPED":
        raise CommandError(f"{job} is not running. Without --follow, its latest log is printed.")
    err.print(f"Following {task['taskArn']}")
    return Runner(stack.session).follow(task["clusterArn"], task["taskArn"], _container(task), print_log)


def log_of(reader: Reader, job: str, task: Mapping[str, Any] | None) -> tuple[str, Sequence[str]]:
    """Which run it is, and its log: of the task if ECS still has one, else of the latest run on record."""
    if task:
        live = Runner(reader.stack.session).log(task["clusterArn"], task["taskArn"], _container(task))
        return f"{task['taskArn']} ({task['lastStatus']})", live
    recorded = reader.runs(job, 1)
    if not recorded:
        raise CommandError(f"{job} has no run in the last hour, and none is on record.")
    run = recorded[0]
    lines = lines_of(reader.stack, place_of(reader, run, reader.incident_of(run)))
    return f"task {run.task_id}, which ended at {run.stopped_at:%Y-%m-%d %H:%M} UTC", lines


def latest(stack: Stack, job: str) -> Mapping[str, Any] | None:
    """The job's task that was created last among those that ECS knows: active, or stopped within the last hour."""
    ecs = stack.client("ecs")
    found: list[Mapping[str, Any]] = []
    for cluster in stack.cluster_arns:
        for status in ("RUNNING", "STOPPED"):
            listing = {"cluster": cluster, "startedBy": started_by(job), "desiredStatus": status}
            for page in ecs.get_paginator("list_tasks").paginate(**listing):
                if page["taskArns"]:
                    found += ecs.describe_tasks(cluster=cluster, tasks=page["taskArns"])["tasks"]
    return max((task for task in found if _is_of(task, job)), key=lambda task: task["createdAt"], default=None)


def _is_of(task: Any, job: str) -> bool:
    """Another job's name may start with the same characters. Its runs name it, if Cronmend defined it."""
    named = declared_jobs(live_task(task))
    return not named or job in named


def _container(task: Mapping[str, Any]) -> str:
    """The job's container: the one that the schedule overrides, or the only one."""
    overridden = [each["name"] for each in task.get("overrides", {}).get("containerOverrides", ()) if len(each) > 1]
    names = overridden or [each["name"] for each in task["containers"]]
    return str(names[0])
