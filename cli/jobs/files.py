"""Read a jobs file, check it, and select jobs from it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.console import fail
from cli.jobs.check import check_jobs
from cli.jobs.job import Job, jobs_of
from cli.toml_files.commands import file_argument, reported_errors
from cli.toml_files.findings import mistakes, print_findings, summary
from cli.toml_files.source import Finding, Source, load
from cronmend.errors import Permanent

DEFAULT = Path("jobs.toml")
FileArgument = Annotated[Path | None, file_argument(DEFAULT)]
Environment = Annotated[
    str, typer.Option("--env", envvar="CRONMEND_ENV", help="Merge jobs.<env>.toml over the file.", show_default=False)
]


def read(file: Path, env: str) -> Source:
    with reported_errors():
        return load(file, env)


def findings(source: Source) -> list[Finding]:
    return check_jobs(source, datetime.now(UTC))


def read_valid(file: Path, env: str) -> Source:
    """The file, if it has no mistakes; its warnings are printed."""
    source = read(file, env)
    found = findings(source)
    print_findings(found)
    if mistakes(found):
        raise fail(f"{file}: {summary(found)}. Nothing was done.")
    return source


def selected(file: Path, env: str, names: list[str]) -> list[Job]:
    """The jobs of these names, or all of the file's."""
    jobs = {job.name: job for job in jobs_of(read_valid(file, env).tables)}
    with reported_errors():
        if missing := [name for name in names if name not in jobs]:
            raise Permanent(f"No job named {', '.join(missing)} in {file} (it defines {', '.join(jobs)}).")
    return [jobs[name] for name in names] if names else list(jobs.values())
