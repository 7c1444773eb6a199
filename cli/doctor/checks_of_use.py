"""Checks of what the stack is used for: whom it tells, what it watches, and what waits for a person. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cli.doctor.checks import NAMED, Check, check, some, wrong
from cli.doctor.facts import Cluster, Function, Scheduled, Secret, Slack, Topic
from cli.doctor.findings import Finding, State
from cronmend.deploys.following import Following
from cronmend.deploys.holds import Hold
from cronmend.jobs.watched import Watch
from cronmend.model import Missing
from cronmend.model.findings import Finding as FindingOfJob
from cronmend.model.findings import KnownFindings
from cronmend.wording import clock, moment, times

OVERDUE = timedelta(minutes=15)
"""reconcile finds what is overdue within ten minutes."""
_POST = "chat:write"
_GROUPS = "usergroups:read"


def topic_of(slack: str) -> Check[Topic | Missing]:
    """``slack`` is the stack's parameter SlackSecretArn."""

    @check("topic", "Every subscriber of the topic has confirmed.")
    def topic(found: Topic) -> list[Finding]:
        remedy = "Confirm the subscription by the link in SNS's email, or subscribe again."
        findings = [wrong("topic", f"{each} hasn't confirmed its subscription.", remedy) for each in found.pending]
        if found.confirmed:
            return findings
        remedy = "Deploy with AlertEmail, or subscribe to the topic in the outputs."
        if not slack:
            return [*findings, wrong("topic", "The topic has no subscriber: alerts and alarms reach no one.", remedy)]
        what = "The topic has no subscriber. You won't hear of a failure of failure_alert until it works again."
        return findings or [Finding("topic", State.OK, what, remedy)]

    return topic


@check("secrets", "Each secret can be read and used.")
def secrets(found: Sequence[Secret]) -> list[Finding]:
    return [
        wrong("secrets", f"The secret of {each.parameter} can't be used: {each.problem}.", "Store it again.")
        for each in found
        if each.problem
    ]


def slack_of(allowed: str) -> Check[Slack | Missing | None]:
    """``allowed`` is the stack's parameter SlackAllowed."""

    @check("slack", "Slack accepts the bot, and the bot has the scopes that it needs.")
    def bot(found: Slack) -> list[Finding]:
        if found.scopes is None:
            what = "The secret is a webhook. Only a message shows whether it works: `cronmend doctor --send`."
            return [Finding("slack", State.OK, what)]
        if found.error:
            return [wrong("slack", f"Slack refuses the bot: {found.error}.", "Store the app's present token.")]
        needed = {_POST, *([_GROUPS] if any(name.strip().startswith("S") for name in allowed.split(",")) else [])}
        lacking = ", ".join(sorted(needed - found.scopes))
        remedy = "Add them in the app's page in Slack, then install the app again."
        return [wrong("slack", f"The bot lacks the scopes {lacking}.", remedy)] if lacking else []

    def slack(found: Slack | Missing | None) -> Sequence[Finding]:
        return bot(found) if found else [Finding("slack", State.OK, "The stack doesn't use Slack.")]

    return slack


def _shown(found: Sequence[Cluster]) -> str:
    return f"Watched: {', '.join(f'{each.name} with {times(each.services, "service")}' for each in found)}."


@check("clusters", _shown)
def clusters(found: Sequence[Cluster]) -> list[Finding]:
    remedy = "Deploy with the name of an active cluster as Cluster."
    return [
        wrong("clusters", f"The cluster {each.name} is {each.status or 'not there'}.", remedy)
        for each in found
        if each.status != "ACTIVE"
    ]


def _counted(found: Sequence[Scheduled]) -> str:
    counts = Counter((each.verdict.starter.value, each.verdict.watch.value) for each in found)
    tasks = [f"{starter}: {number} {watch}" for (starter, watch), number in sorted(counts.items())]
    return "; ".join(tasks) + "."


@check("schedules", _counted)
def scheduled(found: Sequence[Scheduled]) -> list[Finding]:
    """Schedules and rules that start tasks; those of other clusters are only counted."""
    findings = []
    if not any(each.verdict.watch is Watch.FULLY for each in found):
        what = "Cronmend watches no schedule of this account and Region."
        remedy = (
            "Check the parameter Cluster, and the Region. `cronmend jobs deploy` creates the schedules of a jobs.toml."
        )
        findings.append(wrong("schedules", what, remedy))
    findings += [
        wrong("schedules", f"{each.name} is watched for alerts only.", each.verdict.reason)
        for each in found
        if each.verdict.watch is Watch.ALERTS_ONLY
    ]
    remedy = "Write the expression as in AWS's guide; until then its missed runs aren't found, and it is never re-run."
    findings += [wrong("schedules", f"{each.name}: {each.unread}.", remedy) for each in found if each.unread]
    return findings + _copied(found)


def _copied(found: Sequence[Scheduled]) -> list[Finding]:
    """Such a job's runs may be taken for those of the other job."""
    remedy = "Set the variable to the schedule's own ID, <group>/<name>, in its target's input."
    return [
        wrong("schedules", f"{each.name} passes CRONMEND_JOB={each.passes}, which is the ID of another job.", remedy)
        for each in found
        if each.passes not in ("", each.name)
    ]


def starts_of(functions: Sequence[Function] | Missing) -> Check[Sequence[Scheduled] | Missing]:
    """``functions`` shows which queues task_state reads; if that isn't known, none is said to be unread.

    That the schedules couldn't be read is a finding of their own check.
    """
    known = [] if isinstance(functions, Missing) else functions
    read = {queue for each in known for queue, state in each.sources.items() if state == "Enabled"}

    @check("starts", "EventBridge tells Cronmend of each start that it gives up.")
    def starts(found: Sequence[Scheduled]) -> list[Finding]:
        watched = [each for each in found if each.verdict.watch is Watch.FULLY]
        without = [each.name for each in watched if not each.gives_up_to]
        unread = sorted({each.gives_up_to for each in watched if known and each.gives_up_to} - read)
        what = f"{some(without)} without a dead-letter queue: of a start that fails, only the missed time is found."
        remedy = "Give the target a dead-letter queue, and name the queue in the parameter StartFailureQueues."
        findings = [wrong("starts", what, remedy)] if without else []
        return findings + [
            wrong("starts", f"Cronmend doesn't read the dead-letter queue {queue}.", "Name it in StartFailureQueues.")
            for queue in unread
        ]

    def starts_if_read(found: Sequence[Scheduled] | Missing) -> Sequence[Finding]:
        return () if isinstance(found, Missing) else starts(found)

    return starts_if_read


@check("dead letters", "The dead-letter queues are empty.")
def dead_letters(found: Mapping[str, int]) -> list[Finding]:
    remedy = "Run `cronmend redrive --dry-run` to list them, fix the cause, then run `cronmend redrive`."
    return [
        wrong("dead letters", f"{queue} has {times(count, 'message')}.", remedy)
        for queue, count in found.items()
        if count
    ]


def followings_at(now: datetime) -> Check[Sequence[Following] | Missing]:
    @check("follow", "Each schedule that follows a service is where it should be, or waits for a deploy.")
    def followings(found: Sequence[Following]) -> list[Finding]:
        stuck = [each for each in found if each.leased_until and each.leased_until < now - OVERDUE]
        left = [each for each in found if each.told]
        remedy = "See `cronmend follow`, then move the schedule yourself or let the next deploy do it."
        findings = [wrong("follow", f"{each.job} doesn't follow its service: {each.waits}.", remedy) for each in left]
        if stuck:
            log = "Read the log of the function deploy_state: reconcile has it finish this every five minutes."
            findings.append(wrong("follow", f"{some([each.job for each in stuck])} are half moved.", log))
        return findings

    return followings


def holds_at(now: datetime) -> Check[Sequence[Hold] | Missing]:
    @check("holds", "No schedule is held for longer than its deploy.")
    def holds(found: Sequence[Hold]) -> list[Finding]:
        overdue = [each for each in found if each.until < now - OVERDUE]
        names = ", ".join(each.job for each in overdue[:NAMED])
        more = f" and {len(overdue) - NAMED} more" if len(overdue) > NAMED else ""
        if not overdue:
            return []
        first = moment(min(each.until for each in overdue), now)
        remedy = "Read the log of the function rerun, then run `cronmend hold release --all`."
        return [wrong("holds", f"{names}{more} should have been released at {first}.", remedy)]

    return holds


@check("findings", "Nothing was found about a job that needs a person.")
def known(found: KnownFindings) -> list[Finding]:
    """What reconcile couldn't examine in its latest look isn't known to be fine."""
    remedy = "If it stays so, allow the call to reconcile's role, or take it out of Foresee or ImageRepositories."
    reasons = (f"reconcile couldn't examine everything: {each.rstrip('.')}." for each in found.unanswered)
    unread = [Finding("findings", State.UNREAD, each, remedy) for each in reasons]
    return [_known(each.finding) for each in found.current] + unread


def _known(found: FindingOfJob) -> Finding:
    return wrong("findings", f"{found.job}: {found.sentence}", found.remedy)


@check("mode", "Cronmend heals.")
def mode(found: str) -> list[Finding]:
    if found == "heal":
        return []
    return [
        Finding("mode", State.OK, f"The mode is {found}: Cronmend re-runs nothing. `cronmend mode heal` changes it.")
    ]


def circuit(until: datetime | Missing | None) -> Sequence[Finding]:
    if until is None:
        return [Finding("circuit", State.OK, "The circuit is closed.")]
    return _circuit(until)


@check("circuit", "")
def _circuit(until: datetime) -> list[Finding]:
    what = f"The circuit is open until {clock(until)}: no job is re-run."
    return [wrong("circuit", what, "Find out why so many jobs failed, then run `cronmend circuit close`.")]
