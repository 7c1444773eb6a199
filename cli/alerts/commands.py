"""The commands on the file of routes."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from cli.alerts import build as building
from cli.alerts import source as alerts
from cli.alerts.check import check as look
from cli.alerts.jobs import Asked, asked, unnamed
from cli.alerts.keys import CATEGORIES
from cli.alerts.route_explained import Way, hours, told, ways
from cli.jobs import build as files
from cli.jobs import show
from cli.jobs.check import mistakes
from cli.jobs.files import moment, politely
from cli.toml_files.kinds import Choice
from cli.toml_files.source import Finding, Source
from cronmend.alerting.routes import Routes
from cronmend.errors import Permanent
from cronmend.model.categories import SEVERITIES

File = Annotated[Path, typer.Option("--file", "-f", help="The file of routes")]
Environment = Annotated[
    str, typer.Option("--env", envvar="CRONMEND_ENV", help="Lay alerts.<env>.toml and jobs.<env>.toml over the files")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document")]


def check(
    file: Annotated[Path, typer.Argument()] = alerts.DEFAULT,
    env: Environment = "",
    as_json: AsJson = False,
) -> None:
    """Find every mistake, in the routes that the jobs.toml beside it names, too. Exit 1 where there is one."""
    found = look(*_load(file, env))
    if as_json:
        print(json.dumps({"mistakes": len(mistakes(found)), "findings": [_plain(finding) for finding in found]}))
    else:
        show.findings(found)
        show.err.print(f"{file}: {show.summary(found)}")
    raise typer.Exit(1 if mistakes(found) else 0)


def build(
    file: File = alerts.DEFAULT,
    env: Environment = "",
    root: Annotated[Path, typer.Option(help="The project's directory")] = Path(),
    only_check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where a file is stale")] = False,
) -> None:
    """Write functions/cronmend/alerting/alerts.json."""
    expected = building.files(_sound(file, env)[0])
    stale = files.stale(expected, root)
    for path in stale:
        show.err.print(f"{'stale' if only_check else 'written'}: {path}")
    if only_check and stale:
        show.err.print("run `cronmend alert build` and commit what it writes")
        raise typer.Exit(1)
    files.write(expected, root)
    show.err.print(f"{len(expected)} files are those of {file}")


def routes(
    job: Annotated[str, typer.Argument(help="A job's name, or <group>/<name>; all jobs where it is left out")] = "",
    category: Annotated[str, typer.Option(help="What ended the run; all where it is left out")] = "",
    severity: Annotated[str, typer.Option(help="Instead of the job's own")] = "",
    at: Annotated[str, typer.Option(metavar="ISO", help="At this moment; now where it is left out")] = "",
    file: File = alerts.DEFAULT,
    env: Environment = "",
    as_json: AsJson = False,
) -> None:
    """Say which route alerts take, through which channels, whether they would wait, and why."""
    source, jobs = _sound(file, env)
    known = building.routes_of(source)
    with politely():
        _word("--category", category, CATEGORIES)
        _word("--severity", severity, SEVERITIES)
        chosen = _chosen(jobs, job)
    when = moment(at, "--at") if at else datetime.now(UTC)
    categories = (category,) if category else CATEGORIES
    found = [way for each in chosen for way in ways(source, known, _as(each, severity), categories, when)]
    if as_json:
        print(json.dumps([way.plain() for way in found]))
        return
    if not job:
        _print_routes(known)
    _print_ways(found)


def _load(file: Path, env: str) -> tuple[Source, Source | None]:
    with politely():
        return alerts.load(file, env), alerts.jobs(file, env)


def _sound(file: Path, env: str) -> tuple[Source, Source | None]:
    """The files, if they have no mistake; their warnings are shown by `check` alone."""
    read = _load(file, env)
    if wrong := mistakes(look(*read)):
        show.findings(wrong)
        show.err.print(f"{file}: {show.summary(wrong)}; nothing was done")
        raise typer.Exit(1)
    return read


def _plain(finding: Finding) -> dict[str, object]:
    place = asdict(finding.place)
    return {**place, **{name: value for name, value in asdict(finding).items() if name != "place"}}


def _word(option: str, value: str, words: tuple[str, ...]) -> None:
    for problem, remedy in Choice(words).complaints(value) if value else ():
        raise Permanent(f"{option}: {problem}; {remedy}")


def _as(job: Asked, severity: str) -> Asked:
    return replace(job, severity=severity) if severity else job


def _chosen(jobs: Source | None, job: str) -> list[Asked]:
    """One job by name or id, or all; an id that the file does not have is a job that stands elsewhere."""
    known = asked(jobs)
    found = [each for each in known if job in ("", each.name, each.job)]
    if not found and "/" in job:
        return [unnamed(job)]
    if job and not found:
        names = ", ".join(each.name for each in known) or "none"
        raise Permanent(f"no job is called {job}: there are {names}; write <group>/<name> for one defined elsewhere")
    return found


def _print_routes(routes: Routes) -> None:
    for route in routes.routes.values():
        quiet = f"  quiet {hours(route.quiet)}" if route.quiet else ""
        show.out.print(f"[bold]{route.name}[/]  {told(route)}{quiet}")
    show.out.print()


def _print_ways(found: list[Way]) -> None:
    for job, same in groupby(found, lambda way: way.asked):
        show.out.print(f"[bold]{job.job}[/], severity {job.severity}")
        mine = list(same)
        for way in mine:
            for line in way.lines(rest=len(mine) > 1 and way is mine[-1]):
                show.out.print(f"  {line}", markup=False)
