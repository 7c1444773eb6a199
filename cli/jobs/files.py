"""What every `jobs` command does with the file: read it, find its mistakes, choose jobs, and fail politely."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from botocore.exceptions import BotoCoreError

from cli.jobs import show
from cli.jobs.check import check, mistakes
from cli.jobs.job import Job, jobs_of
from cli.toml_files import source
from cronmend.errors import CronmendError, Permanent

DEFAULT = Path("jobs.toml")
File = Annotated[Path, typer.Option("--file", "-f", help="The file of jobs")]
Environment = Annotated[str, typer.Option("--env", envvar="CRONMEND_ENV", help="Lay jobs.<env>.toml over the file")]


@contextmanager
def politely() -> Iterator[None]:
    """An error of ours is a sentence and exit code 1, not a traceback."""
    try:
        yield
    except source.BadFile as error:
        show.findings(error.findings)
        raise typer.Exit(1) from error
    except (CronmendError, BotoCoreError) as error:
        show.err.print(str(error), style="red", markup=False)
        raise typer.Exit(1) from error


def load(file: Path, env: str) -> source.Source:
    with politely():
        return source.load(file, env)


def findings(read: source.Source) -> list[source.Finding]:
    return check(read, datetime.now(UTC))


def sound(file: Path, env: str) -> source.Source:
    """The file, if it has no mistake; its warnings are shown."""
    read = load(file, env)
    found = findings(read)
    show.findings(found)
    if mistakes(found):
        show.err.print(f"{file}: {show.summary(found)}; nothing was done")
        raise typer.Exit(1)
    return read


def chosen(file: Path, env: str, names: list[str]) -> list[Job]:
    jobs = {job.name: job for job in jobs_of(sound(file, env).tables)}
    with politely():
        if missing := [name for name in names if name not in jobs]:
            raise Permanent(f"{file} has no job {', '.join(missing)}: it has {', '.join(jobs)}")
    return [jobs[name] for name in names] if names else list(jobs.values())


def moment(text: str, option: str) -> datetime:
    """UTC where no zone is given."""
    with politely():
        try:
            found = datetime.fromisoformat(text)
        except ValueError as error:
            raise Permanent(f"{option} {text}: not a date and time; write e.g. 2026-03-28T00:00:00Z") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)
