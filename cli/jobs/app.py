"""`cronmend jobs …`: each command's module is imported when the command is used."""

from collections.abc import Mapping
from typing import ClassVar

import typer

from cli.commands import LazyGroup


class JobsCommands(LazyGroup):
    places: ClassVar[Mapping[str, str]] = {
        "check": "cli.jobs.file_commands:check",
        "build": "cli.jobs.generate_commands:build",
        "next": "cli.jobs.file_commands:next_slots",
        "load": "cli.jobs.load_command:load",
        "export": "cli.jobs.generate_commands:export_jobs",
        "schema": "cli.jobs.file_commands:print_schema",
        "diff": "cli.jobs.account_commands:diff",
        "run": "cli.jobs.account_commands:run_job",
        "pause": "cli.jobs.account_commands:pause_job",
        "resume": "cli.jobs.account_commands:resume_job",
        "publish": "cli.publishing.app:publish_jobs",
        "deploy": "cli.installing.schedules:deploy_schedules",
        "new": "cli.jobs.new_command:new_job",
        "import": "cli.jobs.import_command:import_jobs",
    }


jobs_app = typer.Typer(
    cls=JobsCommands,
    help="Define scheduled jobs in a file, and find mistakes in it before you deploy.",
    no_args_is_help=True,
)


@jobs_app.callback()
def _group() -> None:
    """Typer needs a function of the group's own."""
