"""``cronmend ack``, ``mute``, ``unmute`` and ``mutes``."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.console import out, print_json
from cli.on_call.options import (
    STACK,
    AsJson,
    By,
    JobArgument,
    Profile,
    Region,
    StackName,
    print_done,
    print_rows,
    reported,
)
from cli.on_call.reader import Reader
from cli.on_call.stack import CommandError, Stack
from cli.times import parse_until
from cronmend.adapters.ledger.items import to_item

Jobs = Annotated[
    str, typer.Argument(metavar="JOB", help="A job, or a pattern with * for <group>/<name>.", show_default=False)
]


def ack(
    job: JobArgument,
    by: By = "",
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Acknowledge a job's open incident: stop its reminders and escalation, and show others who has it."""
    stack = Stack(stack_name, profile, region)
    now = datetime.now(UTC)
    print_done(
        reported(lambda: stack.acknowledgements.acknowledge(Reader(stack).broken_job(job), by or stack.person, now)),
        as_json=as_json,
    )


def mute(  # noqa: PLR0913, PLR0917 # each is an argument or option of the command
    job: Jobs,
    until: Annotated[
        str,
        typer.Option(
            help="A date and time such as 2026-12-01T08:00Z, or a duration such as 30m, 8h or 2d. At most 30 days."
        ),
    ],
    reason: Annotated[str, typer.Option(help="Why the alerts are muted, for others to read.")] = "",
    planned: Annotated[
        bool, typer.Option("--planned", help="The jobs aren't expected to run meanwhile: no time is missed.")
    ] = False,
    by: By = "",
    as_json: AsJson = False,
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Mute a job's alerts until a given time.

    Failures are still recorded; jobs still broken when the mute ends are reported then.
    """
    stack = Stack(stack_name, profile, region)
    now = datetime.now(UTC)

    def muted() -> str:
        end, jobs = parse_until(until, now), Reader(stack).jobs(job)
        return stack.acknowledgements.mute(jobs, end, by or stack.person, reason, now, planned=planned)

    print_done(reported(muted), as_json=as_json)


def unmute(
    job: Jobs, as_json: AsJson = False, stack_name: StackName = STACK, profile: Profile = None, region: Region = None
) -> None:
    """End a mute now."""
    stack = Stack(stack_name, profile, region)
    now = datetime.now(UTC)
    print_done(reported(lambda: stack.acknowledgements.unmute(_muted(stack, job, now))), as_json=as_json)


def mutes(
    as_json: AsJson = False, stack_name: StackName = STACK, profile: Profile = None, region: Region = None
) -> None:
    """List the muted jobs: until when, by whom and why."""
    stack = Stack(stack_name, profile, region)
    now = datetime.now(UTC)
    found = sorted(reported(lambda: stack.mutes.all(now)), key=lambda mute: mute.until)
    if as_json:
        print_json([to_item(each) for each in found])
    elif found:
        rows = [(each.jobs, f"{each.until:%Y-%m-%d %H:%M}", each.by, each.reason) for each in found]
        print_rows(("Jobs", "Until (UTC)", "By", "Reason"), rows)
    else:
        out.print("Nothing is muted.")


def _muted(stack: Stack, job: str, now: datetime) -> str:
    """The job or pattern of the mute that is meant, by its full text or by the job's name alone."""
    known = [each.jobs for each in stack.mutes.all(now)]
    found = [each for each in known if job in (each, each.rsplit("/", 1)[-1])]
    if len(found) == 1 or job in found:
        return job if job in found else found[0]
    if found:
        raise CommandError(f"Several mutes match '{job}': {', '.join(found)}. Use one of these names.")
    raise CommandError(f"'{job}' is not muted. {f'Muted: {", ".join(known)}' if known else 'Nothing is'}.")
