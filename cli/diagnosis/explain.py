"""``cronmend explain``: one run's end, for a person: the evidence, the rule, the plan, what would have changed it."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from cli.diagnosis.cases import BadCase, Case, case_of, judged, planned
from cronmend.model import DeployWindow, Diagnosis, Missing, Policy, StoppedTask, WindowState


def explain(
    event: Annotated[Path, typer.Argument(help="The STOPPED event (or its detail) as JSON.")],
    log: Annotated[Path | None, typer.Option(help="The log's tail, a line each.")] = None,
    deploy: Annotated[WindowState, typer.Option(help="The state of the deploy around the run.")] = WindowState.CLOSED,
    policy: Annotated[Policy, typer.Option(help="When the job may be re-run.")] = Policy.SAFE,
    job_container: Annotated[str, typer.Option(help="The container that is the job.")] = "",
) -> None:
    """Say what ended one run, what decided that, what follows, and what would have changed it."""
    console = Console()
    case = _case(event, log, deploy, policy, job_container)
    diagnosis, _ = judged(case)
    console.print(_evidence(case.evidence.task, case))
    console.print(Panel("\n".join(_said(diagnosis)), title=escape(diagnosis.category.value), title_align="left"))
    if diagnosis.excerpt:
        console.print(Panel(escape("\n".join(diagnosis.excerpt)), title="around the error", title_align="left"))
    for action in planned(diagnosis, case).actions:
        console.print(f"[bold]{type(action).__name__}[/]: {escape(action.reason)}")
    console.print(_otherwise(case))


def _case(event: Path, log: Path | None, deploy: WindowState, policy: Policy, job_container: str) -> Case:
    try:
        raw = {
            "event": json.loads(event.read_text(encoding="utf-8")),
            "log": log.read_text(encoding="utf-8", errors="replace").splitlines() if log else [],
            "deploy": deploy.value,
            "policy": policy.value,
            "job_container": job_container,
        }
        return case_of(raw)
    except (OSError, ValueError, BadCase) as error:
        typer.echo(f"{event}: {error}", err=True)
        raise typer.Exit(2) from error


def _evidence(task: StoppedTask, case: Case) -> Table:
    table = Table("seen", "value", title="evidence", title_justify="left")
    table.add_row("stop code", escape(task.stop_code or "none"))
    table.add_row("stopped reason", escape(task.stopped_reason or "none"))
    for container in task.containers:
        name = f"container {container.name}{' (the job)' if container is task.job else ''}"
        code = "no exit code" if container.exit_code is None else f"exit code {container.exit_code}"
        table.add_row(escape(name), escape(f"{code} {container.reason}".rstrip()))
    log = case.evidence.log
    table.add_row("log", escape(log.reason) if isinstance(log, Missing) else f"{len(log)} lines")
    table.add_row("deploy", case.evidence.window.state.value)
    return table


def _said(diagnosis: Diagnosis) -> list[str]:
    said = [escape(diagnosis.full_sentence), f"decided by: {escape(diagnosis.rule)}"]
    if diagnosis.line:
        said.append(f"line: {escape(diagnosis.line)}")
    if error := diagnosis.fatal_error:
        chain = " ← ".join(one.type or one.message for one in (error, *error.causes))
        said.append(f"fatal error: {escape(chain)}")
    return said + ([f"advice: {escape(diagnosis.advice)}"] if diagnosis.advice else [])


def _otherwise(case: Case) -> Table:
    """The answers under other circumstances, where they differ from this one's."""
    diagnosis, action = judged(case)
    table = Table("had it been so", "category", "action", title="what would have changed it", title_justify="left")
    others = [(f"deploy {state.value}", _with_window(case, state)) for state in WindowState]
    others += [(f"policy {policy.value}", replace(case, policy=policy)) for policy in Policy]
    others += [("no log", replace(case, evidence=replace(case.evidence, log=Missing("left out"))))]
    for name, other in others:
        changed, changed_action = judged(other)
        if (changed.category, changed_action) != (diagnosis.category, action):
            table.add_row(name, changed.category.value, changed_action)
    if not table.rows:
        table.add_row("any other deploy, policy or log", diagnosis.category.value, f"{action}, as now")
    return table


def _with_window(case: Case, state: WindowState) -> Case:
    return replace(case, evidence=replace(case.evidence, window=DeployWindow(state)))
