"""``cronmend explain``: show how one run is diagnosed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from cli.console import fail, out, print_table, reason_of
from cli.diagnosis.samples import BadSample, Sample, diagnosed, planned, sample_of
from cronmend.model import DeployWindow, Diagnosis, Missing, Policy, StoppedTask, WindowState


def explain(
    event: Annotated[
        Path, typer.Argument(metavar="EVENT", help="A JSON file with a STOPPED event, or with its detail.")
    ],
    log: Annotated[Path | None, typer.Option(help="A file with the last lines of the log.")] = None,
    deploy: Annotated[WindowState, typer.Option(help="The state of the deploy when the run ended.")] = (
        WindowState.CLOSED
    ),
    policy: Annotated[Policy, typer.Option(help="The job's re-run policy.")] = Policy.SAFE,
    job_container: Annotated[str, typer.Option(help="Name of the container that runs the job.")] = "",
) -> None:
    """Show why one run ended, which rule decided, what Cronmend would do, and what would change that."""
    sample = _sample(event, log, deploy, policy, job_container)
    diagnosis, _ = diagnosed(sample)
    print_table(_evidence(sample.evidence.task, sample))
    _print_panel("\n".join(_details(diagnosis)), diagnosis.category.value)
    if diagnosis.excerpt:
        _print_panel("\n".join(diagnosis.excerpt), "log around the error")
    for action in planned(diagnosis, sample).actions:
        out.print(Text.assemble((type(action).__name__, "bold"), f": {action.reason}"))
    print_table(_alternatives(sample))


def _sample(event: Path, log: Path | None, deploy: WindowState, policy: Policy, job_container: str) -> Sample:
    try:
        raw = {
            "event": json.loads(event.read_text(encoding="utf-8")),
            "log": log.read_text(encoding="utf-8", errors="replace").splitlines() if log else [],
            "deploy": deploy.value,
            "policy": policy.value,
            "job_container": job_container,
        }
        return sample_of(raw)
    except (OSError, ValueError, BadSample) as error:
        raise fail(
            f"Can't read the event '{event}': {reason_of(error)}. Name a JSON file with a STOPPED event.", 2
        ) from error


def _print_panel(text: str, title: str) -> None:
    out.print(Panel(Text(text), title=Text(title), title_align="left"), soft_wrap=False)


def _evidence(task: StoppedTask, sample: Sample) -> Table:
    table = Table("evidence", "value", title="Evidence", title_justify="left")
    table.add_row("stop code", task.stop_code or "none")
    table.add_row("stopped reason", task.stopped_reason or "none")
    for container in task.containers:
        name = f"container {container.name}{' (the job)' if container is task.job else ''}"
        code = "no exit code" if container.exit_code is None else f"exit code {container.exit_code}"
        table.add_row(name, f"{code} {container.reason}".rstrip())
    log = sample.evidence.log
    table.add_row("log", log.reason if isinstance(log, Missing) else f"{len(log)} lines")
    table.add_row("deploy", sample.evidence.window.state.value)
    return table


def _details(diagnosis: Diagnosis) -> list[str]:
    details = [diagnosis.full_sentence, f"rule: {diagnosis.rule}"]
    if diagnosis.line:
        details.append(f"line: {diagnosis.line}")
    if error := diagnosis.fatal_error:
        chain = " ← ".join(one.type or one.message for one in (error, *error.causes))
        details.append(f"fatal error: {chain}")
    return details + ([f"advice: {diagnosis.advice}"] if diagnosis.advice else [])


def _alternatives(sample: Sample) -> Table:
    """The circumstances under which the answer would differ."""
    diagnosis, action = diagnosed(sample)
    table = Table("if", "category", "action", title="What would change the answer", title_justify="left")
    others = [(f"deploy {state.value}", _with_window(sample, state)) for state in WindowState]
    others += [(f"policy {policy.value}", replace(sample, policy=policy)) for policy in Policy]
    others += [("no log", replace(sample, evidence=replace(sample.evidence, log=Missing("left out"))))]
    for name, other in others:
        changed, changed_action = diagnosed(other)
        if (changed.category, changed_action) != (diagnosis.category, action):
            table.add_row(name, changed.category.value, changed_action)
    if not table.rows:
        table.add_row("no other deploy state, policy or log", diagnosis.category.value, action)
    return table


def _with_window(sample: Sample, state: WindowState) -> Sample:
    return replace(sample, evidence=replace(sample.evidence, window=DeployWindow(state)))
