"""`cronmend alert check`, `build` and `routes`: the commands on an alerts file."""

from copy import replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from cli.alerts import alerts_file
from cli.alerts.built_files import built_files, routes_of
from cli.alerts.check import check_alerts
from cli.alerts.job_alerts import JobAlerts, all_jobs, unlisted
from cli.alerts.keys import CATEGORIES
from cli.alerts.route_choices import RouteChoice, channels_text, hours_text, route_choices
from cli.console import as_sentence, err, fail, out, print_json
from cli.times import parse_until
from cli.toml_files.commands import (
    TOML,
    AsJson,
    FileOption,
    OnlyCheck,
    Root,
    chosen_file,
    file_argument,
    reported_errors,
    write_generated,
)
from cli.toml_files.findings import document, mistakes, print_findings, summary
from cli.toml_files.kinds import Choice
from cli.toml_files.source import Source
from cronmend.alerting.routes import Routes
from cronmend.errors import Permanent
from cronmend.model.categories import SEVERITIES

FileArgument = Annotated[Path | None, file_argument(alerts_file.DEFAULT)]
Environment = Annotated[
    str,
    typer.Option(
        "--env",
        envvar="CRONMEND_ENV",
        help="Merge alerts.<env>.toml and jobs.<env>.toml over the files.",
        show_default=False,
    ),
]


def check(
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    as_json: AsJson = False,
) -> None:
    """Report every mistake, also in the routes that jobs.toml names. Exits with 1 if there is a mistake."""
    path = chosen_file(file, file_option, alerts_file.DEFAULT)
    found = check_alerts(*_read(path, env))
    if as_json:
        print_json({"mistakes": len(mistakes(found)), "findings": [document(finding) for finding in found]})
    else:
        print_findings(found)
        err.print(f"{path}: {summary(found)}")
    raise typer.Exit(1 if mistakes(found) else 0)


def build(
    file: FileArgument = None,
    file_option: FileOption = None,
    env: Environment = "",
    root: Root = Path(),
    only_check: OnlyCheck = False,
) -> None:
    """Write the routes that the functions read, and the editors' schema."""
    path = chosen_file(file, file_option, alerts_file.DEFAULT)
    expected = built_files(read_valid(path, env)[0])
    write_generated(expected, root, file=path, command="cronmend alert build", only_check=only_check)


def routes(  # noqa: PLR0913, PLR0917 # each is an argument or option of the command
    job: Annotated[
        str, typer.Argument(metavar="JOB", help="A job's name or <group>/<name>, or all jobs.", show_default=False)
    ] = "",
    file: FileArgument = None,
    category: Annotated[str, typer.Option(help="Only alerts of this category.", show_default=False)] = "",
    severity: Annotated[str, typer.Option(help="Use this severity, not the job's own.", show_default=False)] = "",
    at: Annotated[
        str,
        typer.Option(
            metavar="DATE-TIME",
            help="An alert then, or so long from now, such as 8h.",
            show_default=False,
        ),
    ] = "",
    file_option: FileOption = None,
    env: Environment = "",
    as_json: AsJson = False,
) -> None:
    """Show which route alerts take, through which channels, whether they wait, and why."""
    if file is None and job.endswith(TOML):
        job, file = "", Path(job)
    source, jobs = read_valid(chosen_file(file, file_option, alerts_file.DEFAULT), env)
    known = routes_of(source)
    with reported_errors():
        _check_word("--category", category, CATEGORIES)
        _check_word("--severity", severity, SEVERITIES)
        chosen = [replace(each, severity=severity or each.severity) for each in _chosen(jobs, job)]
    now = datetime.now(UTC)
    with reported_errors():
        when = parse_until(at, now, "--at") if at else now
    categories = (category,) if category else CATEGORIES
    found = [choice for each in chosen for choice in route_choices(source, known, each, categories, when)]
    if as_json:
        print_json([choice.document() for choice in found])
        return
    if not job:
        _print_routes(known)
    _print_choices(found)


def _read(file: Path, env: str) -> tuple[Source, Source | None]:
    with reported_errors():
        return alerts_file.load(file, env), alerts_file.load_jobs(file, env)


def read_valid(file: Path, env: str) -> tuple[Source, Source | None]:
    """The files, if they have no mistakes. Only `check` prints their warnings."""
    read = _read(file, env)
    if wrong := mistakes(check_alerts(*read)):
        print_findings(wrong)
        raise fail(f"{file}: {summary(wrong)}. Nothing was done.")
    return read


def _check_word(option: str, value: str, words: tuple[str, ...]) -> None:
    for problem, remedy in Choice(words).problems(value) if value else ():
        raise Permanent(f"{option}: {problem}. {as_sentence(remedy)}")


def _chosen(jobs: Source | None, job: str) -> list[JobAlerts]:
    """One job by name or id, or all; an id that the file doesn't have is a job defined elsewhere."""
    known = all_jobs(jobs)
    found = [each for each in known if job in ("", each.name, each.job)]
    if not found and "/" in job:
        return [unlisted(job)]
    if job and not found:
        names = ", ".join(each.name for each in known) or "no jobs"
        problem = f"No job named {job} in jobs.toml (it defines {names})."
        raise Permanent(f"{problem} For a job defined elsewhere, use <group>/<name>.")
    return found


def _print_routes(routes: Routes) -> None:
    for route in routes.routes.values():
        quiet = f"  quiet {hours_text(route.quiet)}" if route.quiet else ""
        out.print(Text.assemble((route.name, "bold"), f"  {channels_text(route)}{quiet}"))
    out.print()


def _print_choices(found: list[RouteChoice]) -> None:
    for job, same in groupby(found, lambda choice: choice.job):
        out.print(Text.assemble((job.job, "bold"), f", severity {job.severity}"))
        choices = list(same)
        for choice in choices:
            for line in choice.lines(rest=len(choices) > 1 and choice is choices[-1]):
                out.print(f"  {line}")
