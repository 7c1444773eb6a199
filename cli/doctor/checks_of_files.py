"""Checks of the policies and routes that the functions use. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cli.doctor.checks import Check, check, some, wrong
from cli.doctor.facts import PublishedFiles, Scheduled
from cli.doctor.findings import Finding, State
from cli.jobs.unmatched import unmatched
from cronmend.adapters.ledger.published import File
from cronmend.jobs.watched import Watch
from cronmend.model import Missing
from cronmend.wording import moment

_ABSENT: Final = {
    File.JOBS: ("No policies are published: each job has the stack's defaults.", "cronmend jobs publish"),
    File.ALERTS: ("No routes are published: each alert goes to the stack's channels.", "cronmend alert publish"),
}
"""What the functions do without the file, and the command that publishes it."""


def policies_of(scheduled: Sequence[Scheduled] | Missing) -> Check[Sequence[str] | Missing]:
    """That the schedules couldn't be read is a finding of their own check."""
    live = () if isinstance(scheduled, Missing) else scheduled

    @check("policies", "Each policy of jobs.toml is one of a live schedule.")
    def policies(found: Sequence[str]) -> list[Finding]:
        apart = unmatched(found, [each.name for each in live])
        if not apart.policies:
            without = set(apart.schedules)
            watched = [each.name for each in live if each.name in without and each.verdict.watch is not Watch.NO]
            what = f"{some(watched)} without a policy in jobs.toml: the stack's defaults apply."
            return [Finding("policies", State.OK, what)] if watched else []
        near = [f"{job} may be meant for {each}" for job in apart.policies if (each := apart.nearest(job))]
        what = f"{some(apart.policies)} with a policy, but no schedule of that name starts a task."
        remedy = "Correct the name in jobs.toml, or deploy the schedule."
        return [wrong("policies", what, f"{remedy} {'; '.join(near)}." if near else remedy)]

    def policies_if_read(found: Sequence[str] | Missing) -> Sequence[Finding]:
        return () if isinstance(scheduled, Missing) else policies(found)

    return policies_if_read


def published_at(now: datetime) -> Check[PublishedFiles | Missing | None]:
    """A stack that publishes nothing works, so its findings are no faults."""

    @check("published", "")
    def files(found: PublishedFiles) -> list[Finding]:
        return [_published(file, found, now) for file in File]

    def published(found: PublishedFiles | Missing | None) -> Sequence[Finding]:
        if found is None:
            return [Finding("published", State.OK, "The functions use the policies and routes of their package.")]
        return files(found)

    return published


def _published(file: File, found: PublishedFiles, now: datetime) -> Finding:
    if each := found.get(file):
        return Finding("published", State.OK, f"{file} is of {moment(each.at, now)}, by {each.by}.")
    what, command = _ABSENT[file]
    return Finding("published", State.OK, what, f"To change that, run `{command}`.")
