"""``cronmend ack``, ``mute``, ``unmute``, ``mutes``: a person answers an alert."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.markup import escape

from cli.on_call.options import STACK, AsJson, Profile, Region, StackName, asked, console, print_json, print_table
from cli.on_call.reader import Reader
from cli.on_call.stack import PeopleError, Stack
from cli.on_call.times import until as moment
from cronmend.adapters.ledger.items import to_item

By = Annotated[str, typer.Option("--by", help="Who you are; the name in your AWS credentials where it is left out.")]
Jobs = Annotated[str, typer.Argument(help="A job, or a pattern with * for <group>/<name>.")]


def ack(
    job: Annotated[str, typer.Argument(help="<group>/<schedule name>, or the name alone.")],
    by: By = "",
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Take a job's open incident on: no reminder and no escalation follows, and people see who has it."""
    stack = Stack(stack_name, profile, region)
    now = datetime.now(UTC)
    say(asked(lambda: stack.answers.acknowledge(Reader(stack).job(job), by or stack.person, now)))


def mute(
    job: Jobs,
    until: Annotated[str, typer.Option(help="2026-12-01T08:00Z, or from now on: 30m, 8h, 2d. At most 30 days.")],
    reason: Annotated[str, typer.Option(help="What others should know of it.")] = "",
    by: By = "",
    stack_name: StackName = STACK,
    profile: Profile = None,
    region: Region = None,
) -> None:
    """Keep a job's alerts back until a moment; they are recorded, and told then."""
    stack = Stack(stack_name, profile, region)
    now = datetime.now(UTC)

    def muted() -> str:
        end, jobs = moment(until, now), Reader(stack).jobs(job)
        return stack.answers.mute(jobs, end, by or stack.person, reason, now)

    say(asked(muted))


def unmute(job: Jobs, stack_name: StackName = STACK, profile: Profile = None, region: Region = None) -> None:
    """End a mute now."""
    stack = Stack(stack_name, profile, region)
    now = datetime.now(UTC)
    say(asked(lambda: stack.answers.unmute(_muted(stack, job, now))))


def mutes(
    as_json: AsJson = False, stack_name: StackName = STACK, profile: Profile = None, region: Region = None
) -> None:
    """List what is muted, until when, by whom and why."""
    stack = Stack(stack_name, profile, region)
    now = datetime.now(UTC)
    found = sorted(asked(lambda: stack.mutes.all(now)), key=lambda mute: mute.until)
    if as_json:
        print_json([to_item(each) for each in found])
    elif found:
        rows = [(each.jobs, f"{each.until:%Y-%m-%d %H:%M}", each.by, each.reason) for each in found]
        print_table(("Jobs", "Until (UTC)", "By", "Why"), rows)
    else:
        console.print("Nothing is muted.")


def say(sentence: str) -> None:
    console.print(escape(sentence), soft_wrap=True)


def _muted(stack: Stack, job: str, now: datetime) -> str:
    """What it is called among the mutes: in full, or by the job's name alone."""
    known = [each.jobs for each in stack.mutes.all(now)]
    found = [each for each in known if job in (each, each.rsplit("/", 1)[-1])]
    if len(found) == 1 or job in found:
        return job if job in found else found[0]
    if found:
        raise PeopleError(f"{job} is the name of several mutes: {', '.join(found)}")
    raise PeopleError(f"{job} is not muted: {f'muted are {", ".join(known)}' if known else 'nothing is'}")
