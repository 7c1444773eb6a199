"""Diagnosis → plan: re-run, alert, hold the alert or do nothing, each with its reason. Pure."""

from copy import replace
from datetime import datetime

from cronmend.healing import backoff
from cronmend.healing.guards import DELAYS, KEEPS_ALERT_HELD, OF_OWNER, Blocker, blockers
from cronmend.healing.situation import Situation, no_active_run
from cronmend.jobs.slots import next_slot
from cronmend.model import (
    MAY_EXPLAIN,
    Action,
    Alert,
    Category,
    DeployWindow,
    Diagnosis,
    HoldAlert,
    LiveSchedule,
    Nothing,
    Plan,
    Proof,
    Rerun,
    WindowState,
)
from cronmend.wording import moment, span

HALF_DONE = "no re-run can succeed until someone finishes the deploy"
_MAYBE_HALF_DONE = "the half-done deploy may be the cause, and no re-run can show that until someone finishes it"


def plan(diagnosis: Diagnosis, situation: Situation) -> Plan:
    """The plan for a run with this diagnosis."""
    if reason := diagnosis.category.traits.silent:
        return Plan((Nothing(reason),))
    if hopeless := _hopeless(diagnosis, situation):
        return Plan((Alert(hopeless),))
    at, why = _when(diagnosis, situation)
    soonest = situation.now + situation.limits.recheck_after
    if at >= soonest:  # An active run would delay it to no later time, and ECS is asked again when it is due.
        situation = replace(situation, active_run=no_active_run)
    blocker = next(blockers(situation, at), None)
    if blocker and blocker.guard in DELAYS:
        at, why = max(at, soonest), f"{why}, delayed because {blocker.reason}"
        blocker = _once_it_ended(situation, at)
    if blocker:
        return Plan((_without_rerun(diagnosis, situation, blocker),))
    until = deadline(situation)
    larger = situation.larger if _grows(diagnosis, situation) else None
    return Plan((Rerun(at, why, larger), HoldAlert(until, f"the alert is held until {moment(until, situation.now)}")))


def blocker_of(diagnosis: Diagnosis, situation: Situation) -> Blocker | None:
    """The guard that blocks the re-run at the time it would be planned for; None if no re-run would help anyway."""
    if diagnosis.category.traits.silent or _hopeless(diagnosis, situation):
        return None
    return next(blockers(situation, _when(diagnosis, situation)[0]), None)


def deadline(situation: Situation) -> datetime:
    """When a held alert is released at the latest."""
    return situation.held_until or situation.now + situation.limits.alert_deadline


def half_done(diagnosis: Diagnosis) -> str:
    """Why a failure that the deploy explains, or may explain, gets no re-run while the deploy is half done."""
    return _MAYBE_HALF_DONE if diagnosis.deploy_may_explain else HALF_DONE


def _hopeless(diagnosis: Diagnosis, situation: Situation) -> str:
    """Why no re-run would succeed, whether or not it is allowed; ``""`` if one may."""
    category, state = diagnosis.category, diagnosis.window.state
    if (diagnosis.lasts or not category.traits.heals) and not _grows(diagnosis, situation):
        if diagnosis.deploy_may_explain and (decided := _after_possible_deploy(diagnosis, situation)) is not None:
            return decided
        return _same_end(diagnosis, situation)
    if category is Category.DEPLOY_RACE and state is WindowState.STUCK:
        return HALF_DONE
    if category is Category.DEPLOY_RACE and state is WindowState.RECENT and _rerun_made(diagnosis.window, situation):
        return _failed_again(diagnosis.window)
    return ""


def _after_possible_deploy(diagnosis: Diagnosis, situation: Situation) -> str | None:
    """Why the one re-run that shows whether the deploy explains the failure isn't made; ``""`` if it is.

    None if no deploy may explain it.
    """
    if situation.repeats:
        return "a re-run failed the same way"
    if diagnosis.window.state is WindowState.STUCK:
        return half_done(diagnosis)
    if not diagnosis.may_end_with_deploy:
        return None
    if diagnosis.window.state is WindowState.RECENT and _rerun_made(diagnosis.window, situation):
        return _failed_again(diagnosis.window)
    return ""


def _rerun_made(window: DeployWindow, situation: Situation) -> bool:
    """Whether the one re-run after the deploy was made. After an end that is only assumed, any re-run since is it."""
    if window.proof is not Proof.ASSUMED or situation.last_rerun is None or window.ended_at is None:
        return situation.repeats
    return situation.repeats or situation.last_rerun >= window.ended_at


def _failed_again(window: DeployWindow) -> str:
    match window.proof:
        case Proof.PROVED:
            return f"a re-run after the deploy failed the same way, although its migration succeeded ({window.reason})"
        case Proof.ASSUMED:
            return f"a re-run after the deploy failed, too, and nothing shows that its migration ran ({window.reason})"
        case None:
            return "a re-run after the deploy failed the same way"


def _same_end(diagnosis: Diagnosis, situation: Situation) -> str:
    """Why a cause that doesn't pass gets no re-run, as a clause. What isn't known isn't claimed."""
    if diagnosis.is_unsure:
        return "Cronmend can't tell whether a later run would succeed"
    if not situation.ran:
        return "the task can't start until this is fixed"
    if not _lasts(diagnosis):
        return "nothing shows that a re-run would succeed"
    if diagnosis.deploy_explains and diagnosis.window.state is WindowState.CLOSED:
        return "without a deploy, a re-run would fail the same way"
    return "a re-run would fail the same way"


def _lasts(diagnosis: Diagnosis) -> bool:
    """Whether the cause surely stays until a person removes it.

    A bug may depend on data or on another system, and a deploy may bring what is missing.
    """
    settled = diagnosis.window.state in {WindowState.CLOSED, WindowState.OLDER_CODE}
    return settled and diagnosis.category in {Category.CONFIGURATION_ERROR, Category.SCHEMA_MISMATCH}


def _grows(diagnosis: Diagnosis, situation: Situation) -> bool:
    return diagnosis.category is Category.OUT_OF_MEMORY and situation.larger is not None


def _when(diagnosis: Diagnosis, situation: Situation) -> tuple[datetime, str]:
    if _grows(diagnosis, situation):
        return situation.now, f"re-run now, once, with {situation.larger}"
    if diagnosis.category.traits.at_once and not situation.reruns:
        return situation.now, "the cause may have passed: run it now"
    if diagnosis.category is not Category.DEPLOY_RACE and not diagnosis.may_end_with_deploy:
        wait = backoff.wait(situation.limits.recheck_after, situation.reruns, situation.key)
        return situation.now + wait, f"the cause may pass: re-run in {span(wait)}"
    if diagnosis.window.state is WindowState.RECENT:
        return situation.now, _ground(diagnosis.window)
    recheck = situation.limits.recheck_after * 2**situation.reruns
    return situation.now + recheck, _after_deploy(diagnosis)


def _after_deploy(diagnosis: Diagnosis) -> str:
    if not diagnosis.deploy_may_explain:
        return "re-run when the deploy ends"
    why = f" ({diagnosis.window.reason})" if diagnosis.window.reason else ""
    return f"{MAY_EXPLAIN[WindowState.OPEN]}{why}: re-run when it ends, once"


def _ground(window: DeployWindow) -> str:
    """Why a run now may succeed: what shows that the deploy is over."""
    if window.proof is Proof.ASSUMED:
        return f"the deploy's end is assumed ({window.reason}): re-run now, once"
    return (
        f"the deploy just ended ({window.reason}): re-run now" if window.reason else "the deploy just ended: re-run now"
    )


def _once_it_ended(situation: Situation, at: datetime) -> Blocker | None:
    """What blocks the re-run later, once nothing delays it.

    A run that is active now only delays it: Cronmend may not see it end if it was started by hand. If it succeeds and
    Cronmend sees it, nothing is left to heal. If it is still active when the re-run is due, it blocks that.
    """
    schedule = situation.schedule
    if isinstance(schedule, LiveSchedule) and schedule.held_until:
        schedule = replace(schedule, enabled=True, held_until=None)
    later = replace(situation, schedule=schedule, active_run=no_active_run, claimed_at=None)
    return next(blockers(later, at), None)


def _without_rerun(diagnosis: Diagnosis, situation: Situation, blocker: Blocker) -> Action:
    reason, until = f"no re-run: {blocker.reason}", deadline(situation)
    if not situation.attributed:
        return Alert(blocker.reason)
    if blocker.guard in KEEPS_ALERT_HELD:
        return HoldAlert(until, reason, blocker.reason)
    if blocker.guard not in OF_OWNER or diagnosis.category is not Category.DEPLOY_RACE:
        return Alert(blocker.reason)
    until = _after_next_slot(situation, until)
    return HoldAlert(until, f"{reason}; after the deploy ends, a person can run it", blocker.reason)


def _after_next_slot(situation: Situation, until: datetime) -> datetime:
    """In an open deploy window the next slot may still succeed: the alert waits for it, but not past its deadline."""
    slot = next_slot(situation.schedule, situation.now, situation.last_run) if situation.schedule else None
    return min(until, slot + situation.limits.recheck_after) if slot else until
