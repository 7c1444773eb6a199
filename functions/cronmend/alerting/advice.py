"""What a person can do about an incident: the state of the deploy decides, and every command works as it is. Pure."""

import re
import shlex
from typing import Final

from cronmend.alerting import causes
from cronmend.model import Proof, ScheduleState, WindowState
from cronmend.model.incident import Incident
from cronmend.model.report import ALERTS, ENDINGS, MessageKind

NO_ACTION: Final = "No action needed."
_COMMAND: Final = re.compile(r"`cronmend rerun JOB(?P<force> --force)?`")
"""How rules write the command; here, the job is filled in."""
_PASSING: Final = re.compile(
    r"^No fix needed: (?P<why>[^.]+)\.(?:.*?If it repeats, (?P<fix>.+)|.*?(?P<command>`cronmend rerun JOB[^`]*`).*)$"
)
"""Advice for a cause that passes: why it does, and what to do if it doesn't."""
_IF_NEVER: Final = re.compile(r"(?P<fix>If no run ever started, [^.]+\.)$")
"""What to check if a cause that usually passes has never let a run start."""
_CHECK_DEPLOY: Final = (
    "Check whether a deploy is in progress. If so, wait until it ends, then run `cronmend rerun JOB`."
)


def of(incident: Incident, kind: MessageKind) -> str:
    """In whole sentences; ``""`` for a message that asks no one to act."""
    if kind in ENDINGS:
        return _for_good(incident) if incident.size and kind is MessageKind.HEALED else NO_ACTION
    return _filled(_advice(incident), incident) if kind in ALERTS else ""


def command(incident: Incident, *, force: bool = False) -> str:
    """The command that runs the job now; if its schedule isn't known, the one that shows how."""
    if incident.schedule is ScheduleState.UNKNOWN and incident.failed:
        return f"cronmend why {incident.failed.task_id}"
    forced = " --force" if force or incident.needs_force else ""
    return f"cronmend rerun {shlex.quote(incident.job)}{forced}"


def for_each_job(text: str, job: str) -> str:
    """The advice for one job as advice for all jobs of a group."""
    return text.replace(f"`cronmend rerun {shlex.quote(job)}", "`cronmend rerun JOB")


def _advice(incident: Incident) -> str:
    diagnosis = incident.diagnosis
    if not diagnosis.advice and incident.has_task:
        return ""
    if not diagnosis.advice:
        return "Check whether the job still needs the run that it missed. If so, run `cronmend rerun JOB`."
    if diagnosis.deploy_explains:
        return _of_deploy(incident, _after_deploy(incident))
    if diagnosis.deploy_may_explain:
        return _of_possible_deploy(incident)
    return _of_other_cause(incident, diagnosis.advice)


def _of_other_cause(incident: Incident, otherwise: str) -> str:
    """For a failure that no rule puts down to a deploy."""
    if (incident.planned or incident.starting) and incident.category.traits.of_aws:
        wait = "Wait for the re-run: failures of AWS usually pass. If this one doesn't, Cronmend alerts again."
        return f"{wait} {found['fix']}" if (found := _IF_NEVER.search(otherwise)) else wait
    if incident.planned or incident.starting:
        return _wait(otherwise)
    if incident.diagnosis.window.state is WindowState.OPEN and not incident.ran:
        return f"The deploy in progress may still fix this. If so, wait for it. If not, {_continued(otherwise)}"
    return otherwise


def _wait(otherwise: str) -> str:
    """If the re-run fails too, a cause that usually passes has to be fixed: "no fix needed" would contradict that."""
    if found := _PASSING.match(otherwise):
        after = found["fix"] or f"wait until that has passed, then run {found['command']}."
        return f"Wait for the re-run: {found['why']}. If it fails too, {after}"
    return f"Wait for the re-run. If it fails too, {_continued(otherwise)}"


def _of_deploy(incident: Incident, otherwise: str) -> str:
    """``otherwise`` is the advice without a deploy."""
    follows = incident.planned or incident.starting
    match incident.diagnosis.window.state:
        case WindowState.OPEN:
            wait = "Wait until the deploy ends, then run `cronmend rerun JOB`."
            return "Wait: Cronmend re-runs it when the deploy ends." if follows else wait
        case WindowState.RECENT if follows:
            return f"Wait for the one re-run that Cronmend makes. If it fails too, {_continued(otherwise)}"
        case WindowState.STUCK:
            return f"{_finish(incident)} Then run `cronmend rerun JOB`, or wait for the next scheduled run."
        case WindowState.OLDER_CODE:
            return "Point the schedule at the service's revision, then run `cronmend rerun JOB`."
        case WindowState.UNKNOWN:
            return f"{_CHECK_DEPLOY} If not, {_continued(otherwise)}"
        case _:
            return otherwise


def _of_possible_deploy(incident: Incident) -> str:
    """If the deploy doesn't explain it, the rule's own advice is right."""
    state, otherwise = incident.diagnosis.window.state, incident.diagnosis.advice
    if incident.planned or incident.starting:
        return f"Wait for the re-run: the deploy may explain this. If it fails too, {_continued(otherwise)}"
    if state is WindowState.CLOSED or (state is WindowState.RECENT and incident.reruns):
        return otherwise
    wait = {
        WindowState.OPEN: "If the deploy explains this, wait until it ends, then run `cronmend rerun JOB`.",
        WindowState.RECENT: "If the deploy that just ended explains this, run `cronmend rerun JOB`.",
        WindowState.STUCK: f"If the half-done deploy explains this: {_continued(_finish(incident))} "
        "Then run `cronmend rerun JOB`.",
        WindowState.OLDER_CODE: "If the older code explains this, point the schedule at the service's revision, "
        "then run `cronmend rerun JOB`.",
        WindowState.UNKNOWN: _CHECK_DEPLOY,
    }
    return f"{wait[state]} If not, {_continued(otherwise)}"


def _after_deploy(incident: Incident) -> str:
    """If the end of the deploy is only assumed, its migration comes first."""
    window, otherwise = incident.diagnosis.window, _without_deploy(incident)
    if window.state is not WindowState.RECENT or window.proof is not Proof.ASSUMED:
        return otherwise
    return f"Check whether the deploy's migration ran. If it did, {_continued(otherwise)}"


def _without_deploy(incident: Incident) -> str:
    if found := causes.missing(incident):
        why = f"Find out why the {found.kind} is missing (dropped, never migrated, wrong database)."
        return f"{why} Fix it, then run `cronmend rerun JOB`."
    return incident.diagnosis.advice


def _finish(incident: Incident) -> str:
    """The revision to go back to is the last one that the job succeeded on."""
    failed = incident.failed
    if failed is None or failed.task_definition.revision is None:
        return "Finish the deploy, or point the schedule back to the previous revision."
    before = failed.last_good.last_success_revision
    known = before is not None and before < failed.task_definition.revision
    back = f"{failed.task_definition.family}:{before}" if known else "the previous revision"
    start = f"Run {failed.task_definition}'s migration" if causes.missing(incident) else "Finish the deploy"
    return f"{start}, or point the schedule back to {back}."


def _continued(text: str) -> str:
    return f"{text[:1].lower()}{text[1:]}"


def _for_good(incident: Incident) -> str:
    return f"To keep {incident.size} for later runs, set cpu and memory in the task definition or in jobs.toml."


def _filled(text: str, incident: Incident) -> str:
    if incident.schedule is ScheduleState.UNKNOWN and incident.failed:
        return _COMMAND.sub(f"the command that `{command(incident)}` prints", text)
    return _COMMAND.sub(lambda found: f"`{command(incident, force=bool(found['force']))}`", text)
