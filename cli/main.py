"""``cronmend``: the engineer's command-line tool. It isn't part of what is deployed to Lambda."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer

from cli.commands import LazyGroup
from cli.console import fail, out

CLONE = Path(__file__).parents[1] / "Makefile"
OF_A_CLONE = {"demo", "init", "local", "samples", "bench"}
"""Commands that work on the repository itself, prepare `make deploy`, or run AWS on this machine with what `make setup`
installs."""


class Commands(LazyGroup):
    places: ClassVar[Mapping[str, str]] = {
        "demo": "cli.demo.app:demo",
        "init": "cli.deploying.init:init",
        "what-if": "cli.what_if.app:what_if",
        "deploy": "cli.installing.deploy:deploy",
        "upgrade": "cli.installing.upgrade:upgrade",
        "remove": "cli.installing.remove:remove",
        "explain": "cli.diagnosis.explain:explain",
        "classify": "cli.diagnosis.classify:classify",
        "learn": "cli.learning.app:learn",
        "simulate": "cli.simulate:simulate",
        "audit": "cli.audit:audit",
        "doctor": "cli.doctor.app:doctor",
        "board": "cli.board.app:board",
        "report": "cli.board.report:report",
        "incidents": "cli.on_call.app:incidents",
        "findings": "cli.on_call.findings:findings",
        "history": "cli.on_call.app:history",
        "why": "cli.on_call.why:why",
        "logs": "cli.on_call.logs:logs",
        "rerun": "cli.on_call.app:rerun",
        "mode": "cli.on_call.app:mode",
        "ack": "cli.on_call.acknowledge:ack",
        "mute": "cli.on_call.acknowledge:mute",
        "unmute": "cli.on_call.acknowledge:unmute",
        "mutes": "cli.on_call.acknowledge:mutes",
        "redrive": "cli.on_call.redrive:redrive",
        "catch-up": "cli.on_call.catch_up:catch_up",
        "event": "cli.event:event_app",
        "rules": "cli.diagnosis.rules:rules_app",
        "jobs": "cli.jobs.app:jobs_app",
        "alert": "cli.alerts.app:alert_app",
        "local": "cli.local.app:local_app",
        "samples": "cli.samples.app:samples_app",
        "bench": "cli.bench.app:bench_app",
        "circuit": "cli.on_call.app:circuit",
        "follow": "cli.on_call.follow:follow",
        "hold": "cli.on_call.holds:hold",
        "mcp": "cli.mcp.app:mcp",
        "schema": "cli.json_schemas.app:schema",
    }

    def loaded(self, name: str) -> Any:
        if name in OF_A_CLONE and not CLONE.exists():
            raise fail(f"`cronmend {name}` needs a clone of Cronmend's repository, and `make setup` there.")
        return super().loaded(name)


app = typer.Typer(cls=Commands, no_args_is_help=True)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 # only this option needs it

        out.print(f"cronmend {version('cronmend')}")
        raise typer.Exit


@app.callback()
def cronmend(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Diagnose and re-run scheduled ECS jobs, and manage their schedules and alerts."""
    if region := os.environ.get("AWS_REGION"):  # boto3 reads only the other one, AWS's own command prefers this one
        os.environ["AWS_DEFAULT_REGION"] = region


def run() -> None:
    app()
